import { decodeContractError, type HubClient, packRequest, type Request } from "@assay/sdk";
import type { ContractRunner } from "ethers";

import type { World } from "../support/world.ts";

/** An answer as it goes to the hub. */
export interface Answer {
  readonly request: Request;
  readonly output: Uint8Array;
  readonly beneficiary: string;
  readonly evidence: readonly string[];
}

/** An honest request of the world with an honest answer, ready to be forged. */
export interface Honest extends Answer {
  readonly id: string;
  readonly input: Uint8Array;
}

/** Something that must be refused, and the contract error that must refuse it. */
export interface Forgery {
  readonly name: string;
  readonly expected: string;
  /** Tries it; resolves with the error of the contract, or undefined when it was accepted. */
  readonly attempt: (world: World) => Promise<string | undefined>;
}

/** What came of a forgery. */
export interface Refusal {
  readonly name: string;
  readonly expected: string;
  /** Name of the contract's error, or "accepted". */
  readonly error: string;
}

/** Calls the hub with an answer without sending it: the error's name, or undefined when it would be accepted. */
export async function tryAnswer(hub: HubClient, answer: Answer): Promise<string | undefined> {
  return await errorOf(
    hub.contract
      .getFunction("fulfil")
      .staticCall(packRequest(answer.request), answer.output, answer.beneficiary, answer.evidence),
  );
}

/** Name of the contract error that `work` ends with, or undefined when it succeeds; other failures are thrown on. */
export async function errorOf(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    const name = nameIn(error);
    if (name === undefined) throw error;
    return name;
  }
}

/** Runs `work` on a state that is put back afterwards. */
export async function undone<T>(world: World, work: () => Promise<T>): Promise<T> {
  const { provider } = world.connection;
  const snapshot = await provider.request({ method: "evm_snapshot", params: [] });
  try {
    return await work();
  } finally {
    await provider.request({ method: "evm_revert", params: [snapshot] });
  }
}

/** Moves the chain's clock to `time`, Unix seconds, with a block. */
export async function warpTo(world: World, time: bigint): Promise<void> {
  const { provider } = world.connection;
  await provider.request({ method: "evm_setNextBlockTimestamp", params: [`0x${time.toString(16)}`] });
  await provider.request({ method: "evm_mine", params: [] });
}

/** `bytes` as hex with the bit `bit` of byte `index` flipped. */
export function flip(bytes: string, index: number, bit = 0): string {
  const at = 2 + 2 * index;
  const byte = Number.parseInt(bytes.slice(at, at + 2), 16) ^ (1 << bit);
  return `${bytes.slice(0, at)}${byte.toString(16).padStart(2, "0")}${bytes.slice(at + 2)}`;
}

/** The hub as `runner` sees it. */
export function hubAs(world: World, runner: ContractRunner): ReturnType<HubClient["contract"]["connect"]> {
  return world.hub.contract.connect(runner);
}

/** The revert data of an ethers or Hardhat error, wherever it hides. */
function nameIn(error: unknown, depth = 0): string | undefined {
  if (typeof error !== "object" || error === null || depth > 6) return undefined;
  const { contractError, data, cause, error: inner, info } = error as Record<string, unknown>;
  if (typeof contractError === "string") return contractError;
  if (typeof data === "string" && data.length >= 10) return decodeContractError(data)?.name;
  return nameIn(data, depth + 1) ?? nameIn(inner, depth + 1) ?? nameIn(info, depth + 1) ?? nameIn(cause, depth + 1);
}
