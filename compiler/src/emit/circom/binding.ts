import { PACKED_BINDING, type PortVisibility, type ZkBinding } from "@assay/sdk";

import type { IntegerGraph } from "../../graph/types.ts";
import { CompileOptionError } from "../../quantise/errors.ts";
import { publicLayout } from "./layout.ts";

/** How a circuit is to bind input and output. */
export interface BindingOptions {
  /**
   * `packed`: the open bytes as public words, 31 to a word, each about 7,200 gas. `fingerprint`: three public words
   * whatever the size, for a hash in the circuit. `auto`, the default: packed up to four words with the context.
   */
  readonly binding?: "auto" | ZkBinding["mode"];
  /** `committed`: requests show 32 bytes that stand for the tensor. Default `public`. */
  readonly inputVisibility?: PortVisibility;
  readonly outputVisibility?: PortVisibility;
}

/** Most packed words, the context included, for which the gas of one word less is not worth a hash in the circuit. */
const MAX_PACKED = 4;

/**
 * The binding that options ask for.
 *
 * @throws {CompileOptionError} when a fingerprint is asked for and there is nothing open to take one of.
 */
export function resolveBinding(graph: Pick<IntegerGraph, "input" | "output">, options: BindingOptions = {}): ZkBinding {
  const { binding = "auto", inputVisibility: input = "public", outputVisibility: output = "public" } = options;
  const closed = input === "committed" && output === "committed";
  if (binding === "fingerprint" && closed) {
    throw new CompileOptionError("binding", binding, "packed or auto; with both ports committed nothing is open");
  }
  const packed: ZkBinding = { ...PACKED_BINDING, input, output };
  const fits = closed || 1 + publicLayout(graph, packed).openWords <= MAX_PACKED;
  if (binding === "packed" || (binding === "auto" && fits)) return packed;
  return { mode: "fingerprint", input, output };
}
