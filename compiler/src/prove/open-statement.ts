import type { ZkBinding } from "@assay/sdk";

import type { PublicLayout } from "../emit/circom/layout.ts";
import { portElements } from "./elements.ts";
import { ProofInputError } from "./errors.ts";
import type { ProofRequest, Statement } from "./statement.ts";
import { wordsOf } from "./words.ts";

/** Why a witness program stops for a well-formed request. */
export const FALSE_STATEMENT =
  "the output is not the model's for this input; recompute it with the reference interpreter of the same graph";

/** Whether all bytes of a statement are public words: then nothing is hashed, and the SDK's hashes need not be loaded. */
export function isOpen({ mode, input, output }: ZkBinding): boolean {
  return mode === "packed" && input === "public" && output === "public";
}

/**
 * `statementOf` for a layout whose binding {@link isOpen}.
 *
 * @throws {ProofInputError} when the context, an encoding or a salt is not what the circuit takes; names the element.
 */
export function openStatement(
  layout: Pick<PublicLayout, "input" | "output">,
  { context, input, output, inputSalt, outputSalt }: ProofRequest,
): Statement {
  const x = portElements(layout.input, input);
  portElements(layout.output, output);
  refuseSalt("input", inputSalt);
  refuseSalt("output", outputSalt);
  const words = wordsOf(context, input, output);
  return { words, inputs: { words, x } };
}

/** @throws {ProofInputError} when a public port is given a salt. */
export function refuseSalt(name: string, salt: Uint8Array | undefined): undefined {
  if (salt === undefined) return undefined;
  throw new ProofInputError(`${name}Salt: the circuit's ${name} is public and takes no salt`);
}
