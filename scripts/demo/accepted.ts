import { join } from "node:path";

import { createGpuNode, type GpuNode } from "@assay/nodes/gpu";
import { sendRequest } from "@assay/nodes/operator";
import { Eip1193Rpc } from "@assay/nodes/shared";
import { decodeTensor, packProofs, TEE_V1, ZERO_ADDRESS, ZERO_HASH, ZKML_V1 } from "@assay/sdk";
import type { Contract } from "ethers";
import pino from "pino";

import type { DigitImage } from "../support/digits.ts";
import { ETHER, type World } from "../support/world.ts";
import { signHonest } from "./forgeries-signed.ts";
import { PAYMENT, POLICIES } from "./honest.ts";

/** An answer that the contracts accepted. */
export interface Accepted {
  /** Row of the image in the data set. */
  readonly image: number;
  readonly label: number;
  readonly answer: number;
  readonly correct: boolean;
  readonly kind: string;
  /** Gas of the settling transaction. */
  readonly gas: number;
  /** From the request's transaction being sent to its answer being seen, milliseconds. */
  readonly ms: number;
}

/** A GPU node of the world, not started. */
export function nodeOf(world: World): GpuNode {
  return createGpuNode(
    {
      rpcUrl: "http://127.0.0.1:1",
      chainId: world.chainId,
      hub: world.addresses.hub,
      models: [world.versionId],
      blobs: [world.blobs],
      payee: world.payee,
      enclave: { policy: world.policy },
      kinds: ["SIGNATURE", "TEE", "ZKML"],
      providers: ["cpu"],
      pollMs: 25,
      confirmations: 1,
      journal: join(world.blobs, "..", "journal.sqlite"),
    },
    {
      rpc: new Eip1193Rpc(world.connection.provider),
      wallet: world.wallet,
      signer: world.nodeKey,
      enclave: world.enclave,
      logger: pino({ level: process.env["ASSAY_LOG"] ?? "silent" }),
    },
  );
}

/** Sends an image under a policy and waits for the node's answer. */
export async function askNode(world: World, image: DigitImage, kind: string): Promise<Accepted> {
  const proofs = POLICIES[kind]!;
  const started = performance.now();
  const { id, blockNumber } = await sendRequest(world.requester, world.addresses, {
    version: world.versionId,
    input: world.encodeImage(image.pixels),
    proofs,
    ...(proofs.includes(TEE_V1) ? { enclavePolicy: world.policy } : {}),
    amount: PAYMENT,
    lifetime: 3_600,
  });
  const { output, gas } = await settled(world, id, blockNumber);
  return entry(image, output, kind, gas, performance.now() - started);
}

/** Settles a request that was signed off chain, in one transaction without an earlier one. */
export async function askSigned(world: World, image: DigitImage): Promise<Accepted> {
  await world.hub.deposit(ZERO_ADDRESS, await world.requester.getAddress(), ETHER);
  const started = performance.now();
  const { request, signature, output, evidence } = await signHonest(world, image, 0n);
  const { gasUsed } = await world.hub.settleSigned(request, signature, output, world.payee, evidence);
  return entry(image, output, "SIGNATURE, signed off chain", gasUsed, performance.now() - started);
}

/** What the bounty contract did with its callback. */
export interface Bounty {
  readonly digit: number;
  readonly bounty: bigint;
}

/** Hands an image to the example consumer, which asks for a zk proof and pays by the digit it is told. */
export async function askBounty(world: World, image: DigitImage): Promise<{ accepted: Accepted; bounty: Bounty }> {
  const { ethers } = world.connection;
  const consumer = (await ethers.deployContract(
    "DigitBounty",
    [world.addresses.hub, world.versionId, packProofs([ZKML_V1]), ZERO_HASH, ETHER / 100n, PAYMENT],
    { value: ETHER },
  )) as unknown as Contract;
  const started = performance.now();
  const sent = await consumer.getFunction("handIn").send(world.encodeImage(image.pixels), 1);
  const mined = (await sent.wait())!;
  const handedIn = mined.logs
    .map((log) => consumer.interface.parseLog(log))
    .find((parsed) => parsed?.name === "ImageHandedIn");
  const id = handedIn!.args["id"] as string;
  const { output, gas } = await settled(world, id, mined.blockNumber);
  const ms = performance.now() - started;
  const read = await consumer.queryFilter("DigitRead", mined.blockNumber);
  if (read.length !== 1 || !("args" in read[0]!)) throw new Error("The consumer's callback did not fire.");
  const { digit, bounty } = read[0]!.args;
  return {
    accepted: entry(image, output, "ZKML, with callback", gas, ms),
    bounty: { digit: Number(digit), bounty: bounty as bigint },
  };
}

/** Kinds of evidence in the order that the table shows them. */
export const KINDS = Object.keys(POLICIES);

function entry(image: DigitImage, output: Uint8Array, kind: string, gas: bigint, ms: number): Accepted {
  const answer = Number(decodeTensor(output).data[0]);
  const { row, label } = image;
  return { image: row, label, answer, correct: answer === label, kind, gas: Number(gas), ms: Math.round(ms) };
}

const PATIENCE_MS = 120_000;

async function settled(world: World, id: string, fromBlock: number): Promise<{ output: Uint8Array; gas: bigint }> {
  const { contract } = world.hub;
  const wanted = contract.filters["Fulfilled"]!(id);
  for (const started = performance.now(); performance.now() - started < PATIENCE_MS;) {
    const [event] = await contract.queryFilter(wanted, fromBlock);
    if (event !== undefined && "args" in event) {
      const receipt = (await event.getTransactionReceipt())!;
      return {
        output: Uint8Array.from(Buffer.from((event.args["output"] as string).slice(2), "hex")),
        gas: receipt.gasUsed,
      };
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`Request ${id} was not answered: ${await world.hub.whyStuck(id)}`);
}
