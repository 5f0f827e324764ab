import { commitEncoding, SALT_BYTES, saltWord } from "@assay/sdk/zk-commitment";
import { boundWords } from "@assay/sdk/zk-words";

import { CONTEXT_BYTES, type PortLayout, type PublicLayout } from "../emit/circom/layout.ts";
import { portElements } from "./elements.ts";
import { ProofInputError } from "./errors.ts";
import { isOpen, openStatement, refuseSalt } from "./open-statement.ts";
import type { CircuitInputs } from "./witness.ts";

/** What is proven: that the model gives `output` for `input`; with what only the prover knows. */
export interface ProofRequest {
  /** 31 bytes that the proof is bound to and that take part in no computation. */
  readonly context: Uint8Array;
  /** Canonical encoding of the input tensor, committed or not. */
  readonly input: Uint8Array;
  /** Canonical encoding of the output tensor, committed or not. */
  readonly output: Uint8Array;
  /** Salt of the input's commitment, 31 bytes; for a circuit whose input is committed. */
  readonly inputSalt?: Uint8Array;
  /** Salt of the output's commitment, 31 bytes; for a circuit whose output is committed. */
  readonly outputSalt?: Uint8Array;
}

/** A request that was checked: what the circuit takes, and the public words among it. */
export interface Statement {
  readonly inputs: CircuitInputs;
  readonly words: readonly bigint[];
}

/**
 * Public words of a statement and the values of all of the circuit's inputs.
 *
 * @throws {ProofInputError} when the context, an encoding or a salt is not what the circuit takes; names the element.
 */
export function statementOf(layout: PublicLayout, request: ProofRequest): Statement {
  const { context, input, output, inputSalt, outputSalt } = request;
  const { binding } = layout;
  if (isOpen(binding)) return openStatement(layout, request);
  const x = portElements(layout.input, input);
  portElements(layout.output, output);
  const salts = [saltOf("input", layout.input, inputSalt), saltOf("output", layout.output, outputSalt)] as const;
  if (context.length !== CONTEXT_BYTES) {
    throw new ProofInputError(`context: ${context.length} bytes; give exactly ${CONTEXT_BYTES}`);
  }
  const published = (encoding: Uint8Array, salt: Uint8Array | undefined): Uint8Array | string =>
    salt === undefined ? encoding : commitEncoding(encoding, salt);
  const words = boundWords(binding, {
    context,
    input: published(input, salts[0]),
    output: published(output, salts[1]),
  });
  const inputs: Record<string, readonly bigint[]> = { words, x };
  if (salts[0] !== undefined) inputs["inputSalt"] = [saltWord(salts[0])];
  if (salts[1] !== undefined) inputs["outputSalt"] = [saltWord(salts[1])];
  return { words, inputs };
}

function saltOf(name: string, port: PortLayout, salt: Uint8Array | undefined): Uint8Array | undefined {
  if (port.visibility === "public") return refuseSalt(name, salt);
  if (salt?.length === SALT_BYTES) return salt;
  const given = salt === undefined ? "none" : `${salt.length} bytes`;
  throw new ProofInputError(
    `${name}Salt: ${given}; the ${name} is committed, give the ${SALT_BYTES} bytes of its salt`,
  );
}
