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
 * Versions of the operator sets by domain, the standard one under "". It may be missing where no node is of it, as
 * onnxmltools writes trees; naming it twice is fine where both say the same, as skl2onnx does.
 *
 * @throws {OnnxOpsetError} when the standard one is missing, ambiguous or outside {@link MIN_OPSET} to {@link MAX_OPSET}.
 */
export function readOpsets(model: ModelProto): ReadonlyMap<string, number> {
  const standard = model.opset_import.filter(({ domain }) => domainOf(domain) === "");
  const others = model.opset_import.map((each) => [domainOf(each.domain), safeInteger(each.version) ?? 0] as const);
  const [only, ...more] = standard;
  const nodes = model.graph?.node ?? [];
  if (only === undefined && nodes.length > 0 && nodes.every(({ domain }) => domainOf(domain) !== "")) {
    return new Map(others);
  }
  if (only === undefined) throw new OnnxOpsetError("(none declared)", MIN_OPSET, MAX_OPSET);
  const version = safeInteger(only.version);
  const same = more.every((each) => safeInteger(each.version) === version);
  if (!same || version === undefined || version < MIN_OPSET || version > MAX_OPSET) {
    throw new OnnxOpsetError(standard.map((each) => each.version.toString()).join(" and "), MIN_OPSET, MAX_OPSET);
  }
  return new Map([...others, ["", version]]);
}
