import { BASE_FIELD, statementOf } from "@assay/sdk";
import { dataSlice, toBeHex } from "ethers";

import { zkmlEvidence } from "../support/evidence.ts";
import type { World } from "../support/world.ts";
import { flip, type Forgery, type Honest, tryAnswer } from "./forgery.ts";

const PROOF_START = 4;
const INPUT_START = 260;

/** Ways to cheat where a zk proof is asked for. `other` is a second open request for another image. */
export function zkForgeries(honest: Honest, other: Honest, otherOutput: Uint8Array): readonly Forgery[] {
  const evidence = honest.evidence[0]!;
  const withEvidence = (item: string) => async (world: World) =>
    await tryAnswer(world.hub, { ...honest, evidence: [item] });
  /** The evidence with coordinate `index` of the proof replaced. */
  const withElement = (index: number, change: (value: bigint) => bigint): string => {
    const at = PROOF_START + 32 * index;
    const value = BigInt(dataSlice(evidence, at, at + 32));
    const changed = toBeHex(change(value), 32).slice(2);
    return `${evidence.slice(0, 2 + 2 * at)}${changed}${evidence.slice(2 + 2 * (at + 32))}`;
  };
  return [
    {
      name: "wrong output with the proof of the right one",
      expected: "ProofInvalid",
      attempt: async (world) => await tryAnswer(world.hub, { ...honest, output: otherOutput }),
    },
    {
      name: "proof copied by another node, to its own account",
      expected: "ProofInvalid",
      attempt: async (world) =>
        await tryAnswer(world.hub, { ...honest, beneficiary: await world.stranger.getAddress() }),
    },
    {
      name: "proof of the same run, made for another request",
      expected: "ProofInvalid",
      attempt: async (world) => {
        const statement = statementOf(await world.hub.domain(), other.request, honest.output, honest.beneficiary);
        return await tryAnswer(world.hub, { ...honest, evidence: [await zkmlEvidence(world, statement, honest)] });
      },
    },
    {
      name: "proof made for another chain",
      expected: "ProofInvalid",
      attempt: async (world) => {
        const { chainId, hub } = await world.hub.domain();
        const domain = { chainId: BigInt(chainId) + 1n, hub };
        const statement = statementOf(domain, honest.request, honest.output, honest.beneficiary);
        return await tryAnswer(world.hub, { ...honest, evidence: [await zkmlEvidence(world, statement, honest)] });
      },
    },
    {
      name: "one bit of the proof flipped",
      expected: "ProofInvalid",
      attempt: withEvidence(flip(evidence, INPUT_START - 1)),
    },
    {
      name: "coordinate of the proof at the field modulus",
      expected: "ProofElementNotInField",
      attempt: withEvidence(withElement(0, () => BASE_FIELD)),
    },
    {
      name: "coordinate of the proof raised by the field modulus",
      expected: "ProofElementNotInField",
      attempt: withEvidence(withElement(6, (value) => value + BASE_FIELD)),
    },
    {
      name: "the negated proof, a valid pairing's mirror image",
      expected: "ProofInvalid",
      attempt: withEvidence(withElement(1, (value) => BASE_FIELD - value)),
    },
    {
      name: "proof of zeros",
      expected: "ProofInvalid",
      attempt: withEvidence(`${evidence.slice(0, 10)}${"00".repeat(256)}${evidence.slice(2 + 2 * INPUT_START)}`),
    },
    {
      name: "public words of another image swapped in",
      expected: "InputHashMismatch",
      attempt: withEvidence(`${evidence.slice(0, 2 + 2 * INPUT_START)}${Buffer.from(other.input).toString("hex")}`),
    },
    {
      name: "proof cut short",
      expected: "EvidenceLengthInvalid",
      attempt: withEvidence(evidence.slice(0, 2 + 2 * 200)),
    },
    {
      name: "input one byte short",
      expected: "InputLengthMismatch",
      attempt: withEvidence(evidence.slice(0, -2)),
    },
    {
      name: "output with a byte added",
      expected: "OutputLengthMismatch",
      attempt: async (world) =>
        await tryAnswer(world.hub, { ...honest, output: Uint8Array.from([...honest.output, 0]) }),
    },
  ];
}

/** Ways to cheat where an enclave and a proof are asked for together. */
export function combinedForgeries(honest: Honest): readonly Forgery[] {
  const [tee, zkml] = honest.evidence as [string, string];
  const withEvidence = (items: readonly string[]) => async (world: World) =>
    await tryAnswer(world.hub, { ...honest, evidence: items });
  return [
    {
      name: "TEE + ZKML asked, only the enclave answers",
      expected: "EvidenceCountMismatch",
      attempt: withEvidence([tee]),
    },
    {
      name: "TEE + ZKML asked, only the proof is there",
      expected: "EvidenceSelectorMismatch",
      attempt: withEvidence([zkml, zkml]),
    },
    {
      name: "TEE + ZKML asked, good enclave and bad proof",
      expected: "ProofInvalid",
      attempt: withEvidence([tee, flip(zkml, INPUT_START - 1)]),
    },
  ];
}
