import { ZkFormatError } from "./error.ts";

/** Whether a request and its answer show a port's tensor, or a commitment to it in 32 bytes. */
export type PortVisibility = "public" | "committed";

/** How a circuit's public words say what input and output are; `IZkVerifier` explains each. */
export interface ZkBinding {
  /** `packed`: the open bytes, 31 to a word. `fingerprint`: three words, however many the bytes are. */
  readonly mode: "packed" | "fingerprint";
  readonly input: PortVisibility;
  readonly output: PortVisibility;
}

/** Everything public, 31 bytes to a word: the only binding of circuits that do not name one. */
export const PACKED_BINDING: ZkBinding = { mode: "packed", input: "public", output: "public" };

const FINGERPRINT = 1;
const INPUT_COMMITTED = 2;
const OUTPUT_COMMITTED = 4;

/**
 * The number that `IZkVerifier.binding` answers.
 * @throws {ZkFormatError} for a fingerprint of nothing: both ports committed.
 */
export function bindingBits({ mode, input, output }: ZkBinding): number {
  const bits =
    (mode === "fingerprint" ? FINGERPRINT : 0) +
    (input === "committed" ? INPUT_COMMITTED : 0) +
    (output === "committed" ? OUTPUT_COMMITTED : 0);
  return requireBits(bits);
}

/**
 * The binding of a number that `IZkVerifier.binding` answered.
 * @throws {ZkFormatError} when it is none, 0 to 6.
 */
export function bindingFromBits(value: number | bigint): ZkBinding {
  const bits = requireBits(Number(value));
  return {
    mode: (bits & FINGERPRINT) === 0 ? "packed" : "fingerprint",
    input: (bits & INPUT_COMMITTED) === 0 ? "public" : "committed",
    output: (bits & OUTPUT_COMMITTED) === 0 ? "public" : "committed",
  };
}

function requireBits(bits: number): number {
  if (Number.isInteger(bits) && bits >= 0 && bits < 7) return bits;
  throw new ZkFormatError(
    "ASY-ZK-003",
    `Binding ${bits} does not exist; with both ports committed the mode is packed.`,
  );
}
