import { nodeRegistryAt, registerNode } from "@assay/nodes/operator";
import {
  encodeSignatureEvidence,
  type Request,
  SIGNATURE_V1,
  signStatement,
  type Statement,
  statementOf,
} from "@assay/sdk";
import { packRequest } from "@assay/sdk";
import { id, Wallet } from "ethers";

import type { World } from "../support/world.ts";
import { errorOf, type Forgery, type Honest, tryAnswer, undone, warpTo } from "./forgery.ts";

const OTHER_HASH = id("something else");
const N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** Ways to cheat where a bonded node's signature is asked for. */
export function signatureForgeries(honest: Honest, otherOutput: Uint8Array): readonly Forgery[] {
  const { request, output, beneficiary } = honest;
  /** The honest answer with a signature of the node over another statement. */
  const signedOver = (change: (statement: Statement) => Statement, expected = "NodeNotActive") => ({
    expected,
    attempt: async (world: World) => {
      const statement = change(await statementFor(world));
      return await tryAnswer(world.hub, { ...honest, evidence: [await signatureOf(world.nodeKey, statement)] });
    },
  });
  const statementFor = async (world: World): Promise<Statement> =>
    statementOf(await world.hub.domain(), request, output, beneficiary);
  const withEvidence = (change: (evidence: string) => string[]) => async (world: World) =>
    await tryAnswer(world.hub, { ...honest, evidence: change(honest.evidence[0]!) });
  const withRequest = (change: Partial<Request>) => async (world: World) =>
    await tryAnswer(world.hub, { ...honest, request: { ...request, ...change } });

  return [
    {
      name: "wrong output under the signature of the right one",
      expected: "NodeNotActive",
      attempt: async (world) => await tryAnswer(world.hub, { ...honest, output: otherOutput }),
    },
    { name: "wrong model version", expected: "RequestNotPending", attempt: withRequest({ version: OTHER_HASH }) },
    { name: "signature for another model version", ...signedOver((s) => ({ ...s, version: OTHER_HASH })) },
    { name: "signature for another input", ...signedOver((s) => ({ ...s, inputHash: OTHER_HASH })) },
    { name: "signature for another chain", ...signedOver((s) => ({ ...s, chainId: s.chainId + 1n })) },
    { name: "signature for another hub", ...signedOver((s) => ({ ...s, hub: s.requester })) },
    { name: "signature for another requester", ...signedOver((s) => ({ ...s, requester: s.hub })) },
    { name: "signature for another request", ...signedOver((s) => ({ ...s, requestId: OTHER_HASH })) },
    {
      name: "another requester named in the request",
      expected: "RequestNotPending",
      attempt: async (world) =>
        await tryAnswer(world.hub, {
          ...honest,
          request: { ...request, requester: await world.stranger.getAddress() },
        }),
    },
    {
      name: "evidence copied by another node, to its own account",
      expected: "NodeNotActive",
      attempt: async (world) =>
        await tryAnswer(world.hub, { ...honest, beneficiary: await world.stranger.getAddress() }),
    },
    {
      name: "another bonded node signs, paid to somebody else's payee",
      expected: "PayeeMismatch",
      attempt: async (world) =>
        await undone(world, async () => {
          const key = new Wallet(id("assay demo key: second node"));
          await registerNode(world.stranger, world.addresses, { key });
          const evidence = [await signatureOf(key, await statementFor(world))];
          return await tryAnswer(world.hub, { ...honest, evidence });
        }),
    },
    {
      name: "key that was never registered",
      expected: "NodeNotActive",
      attempt: async (world) => {
        const evidence = [await signatureOf(new Wallet(id("a stranger's key")), await statementFor(world))];
        return await tryAnswer(world.hub, { ...honest, evidence });
      },
    },
    {
      name: "node that began to withdraw its bond",
      expected: "NodeNotActive",
      attempt: async (world) =>
        await undone(world, async () => {
          const registry = nodeRegistryAt(world.addresses.nodeRegistry, world.owner);
          await (await registry.getFunction("beginExit").send(world.nodeId)).wait();
          return await tryAnswer(world.hub, honest);
        }),
    },
    {
      name: "replay of an answer that was paid",
      expected: "RequestNotPending",
      attempt: async (world) =>
        await undone(world, async () => {
          await world.hub.fulfil(request, output, beneficiary, honest.evidence);
          return await tryAnswer(world.hub, honest);
        }),
    },
    {
      name: "answer one second after the deadline",
      expected: "RequestExpired",
      attempt: async (world) =>
        await undone(world, async () => {
          await warpTo(world, request.deadline + 1n);
          return await tryAnswer(world.hub, honest);
        }),
    },
    {
      name: "answer in the very second of its request",
      expected: "TooEarly",
      attempt: async (world) =>
        await undone(world, async () => {
          const newest = await world.provider.getBlock("latest");
          const { id: requestId, request: again } = await world.hub.request(
            { ...request, deadline: BigInt(newest!.timestamp) + 3_600n, salt: 2n },
            honest.input,
          );
          const statement = { ...(await statementFor(world)), requestId };
          const evidence = [await signatureOf(world.nodeKey, statement)];
          return await tryAnswer(world.hub, { ...honest, request: again, evidence });
        }),
    },
    {
      name: "payment taken back before the deadline",
      expected: "RequestNotExpired",
      attempt: async (world) =>
        await errorOf(world.hub.contract.getFunction("reclaim").staticCall(packRequest(request))),
    },
    {
      name: "signature one byte short",
      expected: "EvidenceLengthInvalid",
      attempt: withEvidence((evidence) => [evidence.slice(0, -2)]),
    },
    {
      name: "signature one byte long",
      expected: "EvidenceLengthInvalid",
      attempt: withEvidence((evidence) => [`${evidence}00`]),
    },
    { name: "no evidence", expected: "EvidenceCountMismatch", attempt: withEvidence(() => []) },
    {
      name: "the same evidence twice",
      expected: "EvidenceCountMismatch",
      attempt: withEvidence((evidence) => [evidence, evidence]),
    },
    {
      name: "evidence of a kind that was not asked for",
      expected: "EvidenceSelectorMismatch",
      attempt: withEvidence((evidence) => [`0x04000001${evidence.slice(10)}`]),
    },
    {
      name: "the signature's twin with s above half the order",
      expected: "SignatureMalleable",
      attempt: withEvidence((evidence) => [malleated(evidence)]),
    },
    {
      name: "evidence for an adapter that was retired",
      expected: "SelectorRetired",
      attempt: async (world) =>
        await undone(world, async () => {
          const hub = world.hub.contract.connect(world.owner) as typeof world.hub.contract;
          await (await hub.getFunction("retireAdapter").send(SIGNATURE_V1)).wait();
          return await tryAnswer(world.hub, honest);
        }),
    },
  ];
}

async function signatureOf(key: Wallet, statement: Statement): Promise<string> {
  return encodeSignatureEvidence(await signStatement(key, statement, SIGNATURE_V1));
}

/** The other signature that the same key and digest have: s' = n - s, v flipped. */
function malleated(evidence: string): string {
  const s = BigInt(`0x${evidence.slice(74, 138)}`);
  const v = evidence.slice(138) === "1b" ? "1c" : "1b";
  return `${evidence.slice(0, 74)}${(N - s).toString(16).padStart(64, "0")}${v}`;
}
