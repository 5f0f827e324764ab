import { OnnxOpsetError } from "./errors.ts";
import { safeInteger } from "./integers.ts";
import type { ModelProto } from "./proto.ts";

/** Oldest and newest operator set that the importer knows. */
export const MIN_OPSET = 7;
export const MAX_OPSET = 24;

/** The standard domain has two names. */
export function domainOf(domain: string): string {
  return domain === "ai.onnx" ? "" : domain;
}

/**
 * Versions of the operator sets by domain, the standard one under "".
 *
 * @throws {OnnxOpsetError} when the standard one is missing, given twice or outside {@link MIN_OPSET} to {@link MAX_OPSET}.
 */
export function readOpsets(model: ModelProto): ReadonlyMap<string, number> {
  const standard = model.opset_import.filter(({ domain }) => domainOf(domain) === "");
  const [only, ...more] = standard;
  if (only === undefined) throw new OnnxOpsetError("(none declared)", MIN_OPSET, MAX_OPSET);
  const version = safeInteger(only.version);
  if (more.length > 0 || version === undefined || version < MIN_OPSET || version > MAX_OPSET) {
    throw new OnnxOpsetError(standard.map((each) => each.version.toString()).join(" and "), MIN_OPSET, MAX_OPSET);
  }
  const others = model.opset_import.map((each) => [domainOf(each.domain), safeInteger(each.version) ?? 0] as const);
  return new Map([...others, ["", version]]);
}
