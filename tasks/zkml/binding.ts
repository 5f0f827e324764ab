import { dirname, join } from "node:path";

import type { BindingOptions, ProofRequest } from "@assay/compiler";
import { encodeOpening, openingOf, type ZkBinding } from "@assay/sdk";
import { hexlify } from "ethers";

import { writeSecret } from "../shared/files.ts";
import { invalid } from "../shared/options.ts";

/** Options that say how a circuit is to bind input and output. */
export interface BindingArguments {
  readonly binding: string | undefined;
  readonly inputVisibility: string | undefined;
  readonly outputVisibility: string | undefined;
}

/** The options as the compiler takes them. */
export function readBinding({ binding, inputVisibility, outputVisibility }: BindingArguments): BindingOptions {
  return {
    binding: oneOf("binding", binding ?? "auto", ["auto", "packed", "fingerprint"]),
    inputVisibility: oneOf("inputVisibility", inputVisibility ?? "public", ["public", "committed"]),
    outputVisibility: oneOf("outputVisibility", outputVisibility ?? "public", ["public", "committed"]),
  };
}

function oneOf<const T extends string>(option: string, value: string, choices: readonly T[]): T {
  return choices.find((choice) => choice === value) ?? invalid(option, value, choices.join(" or "));
}

/** Input and output as a proof's file shows them, salts for the prover, and what opens the commitments. */
export interface CommittedPorts {
  readonly input: string;
  readonly output: string;
  readonly salts: Pick<ProofRequest, "inputSalt" | "outputSalt">;
  /** Writes the openings, named by what they open, beside the proof at `path`; gives their paths. */
  writeOpenings(path: string): Promise<readonly string[]>;
}

/** Commits, under fresh salts, to those of a proof's ports that the circuit commits to. */
export function commitPorts(binding: ZkBinding, input: Uint8Array, output: Uint8Array): CommittedPorts {
  const openings = {
    ...(binding.input === "committed" ? { input: openingOf(input) } : {}),
    ...(binding.output === "committed" ? { output: openingOf(output) } : {}),
  };
  return {
    input: openings.input?.commitment ?? hexlify(input),
    output: openings.output?.commitment ?? hexlify(output),
    salts: {
      ...(openings.input === undefined ? {} : { inputSalt: openings.input.salt }),
      ...(openings.output === undefined ? {} : { outputSalt: openings.output.salt }),
    },
    writeOpenings: async (path) => {
      const written: string[] = [];
      for (const opening of Object.values(openings)) {
        const place = join(dirname(path), `${opening.commitment.slice(2)}.json`);
        await writeSecret(place, encodeOpening(opening));
        written.push(place);
      }
      return written;
    },
  };
}
