import {
  encodeSignatureEvidence,
  type Order,
  type Request,
  SIGNATURE_V1,
  signRequest,
  signStatement,
  type SignedRequest,
  statementOf,
  TEE_V1,
  ZERO_ADDRESS,
  ZERO_HASH,
  ZKML_V1,
} from "@assay/sdk";
import { getBytes, id, keccak256 } from "ethers";

import { heldOutImages } from "../support/digits.ts";
import { evidenceFor } from "../support/evidence.ts";
import { ETHER, type World } from "../support/world.ts";
import { zkGasFigures } from "./gas-zk.ts";

const PAYMENT = ETHER / 1_000n;
/** 32 bytes without zeros, as hashes mostly are. */
const INPUT_32 = getBytes(id("figure input"));
const OUTPUT_32 = getBytes(id("figure output"));
/** Seconds between requests: more than passes in any run, so that requests have the same times, and bytes, in all. */
const STEP = 3 * 3_600;
const NO_CALLBACK = { target: ZERO_ADDRESS, gas: 0n, storeResult: false, priced: false };

/**
 * Gas of whole transactions, by figure. Accounts that are paid have credit already, so no figure hides or shows the
 * 17,100 of a first payment but those that are named `first`.
 */
export async function gasFigures(world: World, onStep: (step: string) => void): Promise<Record<string, number>> {
  const figures: Record<string, number> = {};
  const record = (key: string, gas: bigint): void => {
    figures[key] = Number(gas);
    onStep(`${key} ${gas}`);
  };
  const { hub } = world;
  const requester = await world.requester.getAddress();
  const domain = await hub.domain();
  let salt = 1n;
  let clock = (await world.provider.getBlock(0))!.timestamp;

  const ask = async (order: Partial<Order>, input: Uint8Array): Promise<{ request: Request; gas: bigint }> => {
    clock += STEP;
    await world.connection.networkHelpers.time.setNextBlockTimestamp(clock);
    const found = await hub.request(orderOf(world, clock, { ...order, salt: salt++ }), input);
    const receipt = await world.provider.getTransactionReceipt(found.transactionHash);
    return { request: found.request, gas: receipt!.gasUsed };
  };
  const signAnswer = async (request: Request | SignedRequest): Promise<string[]> => [
    encodeSignatureEvidence(
      await signStatement(world.nodeKey, statementOf(domain, request, OUTPUT_32, world.payee), SIGNATURE_V1),
    ),
  ];
  const answerSigned = async (request: Request): Promise<bigint> =>
    (await hub.fulfil(request, OUTPUT_32, world.payee, await signAnswer(request))).gasUsed;

  const first = await ask({}, INPUT_32);
  record("gas.request.32", first.gas);
  record("gas.fulfil.signature.first", await answerSigned(first.request));
  record("gas.fulfil.signature", await answerSigned((await ask({}, INPUT_32)).request));
  const stored = await ask({ callback: { ...NO_CALLBACK, storeResult: true } }, INPUT_32);
  record("gas.fulfil.signature.stored", await answerSigned(stored.request));
  const consumer = await world.connection.ethers.deployContract("SlotConsumer");
  const callback = { target: await consumer.getAddress(), gas: 30_000n, storeResult: false, priced: false };
  record("gas.fulfil.signature.callback", await answerSigned((await ask({ callback }, INPUT_32)).request));

  const images = await heldOutImages();
  for (const [key, proofs] of [
    ["tee", [TEE_V1]],
    ["zkml", [ZKML_V1]],
    ["tee.zkml", [TEE_V1, ZKML_V1]],
  ] as const) {
    // The enclave signs any output; the circuit only its own.
    const zk = proofs.some((selector) => selector === ZKML_V1);
    const input = zk ? world.encodeImage(images[0]!.pixels) : INPUT_32;
    const output = zk ? world.answer(input) : OUTPUT_32;
    const tee = proofs.some((selector) => selector === TEE_V1);
    const { request } = await ask({ proofs, ...(tee ? { enclavePolicy: world.policy } : {}) }, input);
    const statement = statementOf(domain, request, output, world.payee);
    const evidence = await evidenceFor(world, statement, proofs, { input, output });
    record(`gas.fulfil.${key}`, (await hub.fulfil(request, output, world.payee, evidence)).gasUsed);
  }

  for (const [key, gas] of Object.entries(await zkGasFigures(world, ask, onStep))) record(key, BigInt(gas));

  await hub.deposit(ZERO_ADDRESS, requester, ETHER);
  for (const [key, nonce] of [
    ["gas.settleSigned.signature.first", 0n],
    ["gas.settleSigned.signature", 1n],
  ] as const) {
    const { callback: none, ...order } = orderOf(world, clock, {});
    const request: SignedRequest = { ...order, callback: none, inputHash: keccak256(INPUT_32), requester, nonce };
    const signature = await signRequest(world.requester, domain, request);
    const evidence = await signAnswer(request);
    record(key, (await hub.settleSigned(request, signature, OUTPUT_32, world.payee, evidence)).gasUsed);
  }

  const { request } = await ask({}, INPUT_32);
  const { provider } = world.connection;
  await provider.request({ method: "evm_increaseTime", params: [7_200] });
  await provider.request({ method: "evm_mine", params: [] });
  record("gas.reclaim", (await hub.reclaim(request)).gasUsed);
  figures["code.hub.bytes"] = (await world.provider.getCode(world.addresses.hub)).length / 2 - 1;
  return figures;
}

function orderOf(world: World, now: number, change: Partial<Order>): Order {
  return {
    version: world.versionId,
    paramsHash: ZERO_HASH,
    proofs: [SIGNATURE_V1],
    enclavePolicy: ZERO_HASH,
    token: ZERO_ADDRESS,
    amount: PAYMENT,
    callback: NO_CALLBACK,
    deadline: BigInt(now + 3_600),
    salt: 0n,
    ...change,
  };
}
