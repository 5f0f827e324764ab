import { DevelopmentEnclave } from "@assay/nodes/enclave";
import { enclaveRegistryAt, registerEnclave } from "@assay/nodes/operator";
import { encodeTeeEvidence, statementDigest, statementOf, TEE_V1 } from "@assay/sdk";
import { id } from "ethers";

import type { World } from "../support/world.ts";
import { errorOf, type Forgery, type Honest, tryAnswer, undone, warpTo } from "./forgery.ts";

/** Ways to cheat where an enclave's signature is asked for. */
export function enclaveForgeries(honest: Honest, otherOutput: Uint8Array): readonly Forgery[] {
  const registry = (world: World) => enclaveRegistryAt(world.addresses.enclaveRegistry!, world.owner);
  return [
    {
      name: "wrong output under the enclave's signature of the right one",
      expected: "KeyUnknown",
      attempt: async (world) => await tryAnswer(world.hub, { ...honest, output: otherOutput }),
    },
    {
      name: "the node's own key in place of the enclave's",
      expected: "KeyUnknown",
      attempt: async (world) => {
        const digest = await digestFor(world, honest);
        const evidence = [encodeTeeEvidence(world.nodeKey.signingKey.sign(digest).serialized)];
        return await tryAnswer(world.hub, { ...honest, evidence });
      },
    },
    {
      name: "enclave key of another policy",
      expected: "KeyUnknown",
      attempt: async (world) =>
        await undone(world, async () => {
          const other = new DevelopmentEnclave({ model: id("model"), code: id("code") });
          await registerEnclave(world.stranger, world.addresses, { enclave: other });
          const evidence = [encodeTeeEvidence(other.signStatement(await digestFor(world, honest)))];
          return await tryAnswer(world.hub, { ...honest, evidence });
        }),
    },
    {
      name: "enclave key that has expired",
      expected: "KeyNotValid",
      attempt: async (world) =>
        await undone(world, async () => {
          const key = await registry(world).getFunction("keyOf").staticCall(world.policy, world.enclave.keyId);
          // A request of the key's last hour, still open when the key has ended.
          await warpTo(world, (key.validity.until as bigint) - 60n);
          const late = await reopened(world, honest);
          await warpTo(world, key.validity.until as bigint);
          return await tryAnswer(world.hub, late);
        }),
    },
    {
      name: "enclave key that was revoked",
      expected: "KeyNotValid",
      attempt: async (world) =>
        await undone(world, async () => {
          await (await registry(world).getFunction("revokeKey").send(world.policy, world.enclave.keyId)).wait();
          return await tryAnswer(world.hub, honest);
        }),
    },
    {
      name: "enclave whose measurement was revoked",
      expected: "MeasurementNotValid",
      attempt: async (world) =>
        await undone(world, async () => {
          const { claimedMeasurement } = world.enclave;
          await (await registry(world).getFunction("revokeMeasurement").send(world.policy, claimedMeasurement)).wait();
          return await tryAnswer(world.hub, honest);
        }),
    },
    {
      name: "registration of an enclave in debug mode",
      expected: "DebugEnclave",
      attempt: async (world) => await tryRegister(world, new DebugEnclave(world)),
    },
    {
      name: "attestation of another operator's enclave, copied",
      expected: "BindingMismatch",
      attempt: async (world) => await tryRegister(world, new CopyingEnclave(world)),
    },
  ];
}

/** What the registry says when `enclave` is to be registered under the world's policy. */
async function tryRegister(world: World, enclave: DevelopmentEnclave): ReturnType<typeof errorOf> {
  const { owner, addresses, policy } = world;
  return await undone(world, async () => await errorOf(registerEnclave(owner, addresses, { enclave, policy })));
}

async function digestFor(world: World, { request, output, beneficiary }: Honest): Promise<string> {
  return statementDigest(statementOf(await world.hub.domain(), request, output, beneficiary), TEE_V1);
}

/** The same question asked again now, with its honest answer. */
async function reopened(world: World, honest: Honest): Promise<Honest> {
  const newest = await world.provider.getBlock("latest");
  const { request, input } = honest;
  const { id: requestId, request: again } = await world.hub.request(
    { ...request, deadline: BigInt(newest!.timestamp) + 3_600n, salt: 1n },
    input,
  );
  const next = { ...honest, id: requestId, request: again };
  return { ...next, evidence: [encodeTeeEvidence(world.enclave.signStatement(await digestFor(world, next)))] };
}

/** Says of itself, truthfully, that it can be debugged. */
class DebugEnclave extends DevelopmentEnclave {
  constructor(world: World) {
    super({ model: world.folder.graphDigest, code: id("assay.node/1") });
  }

  override attest(binding: string, options: Parameters<DevelopmentEnclave["attest"]>[1]): Uint8Array {
    return super.attest(binding, { ...options, debug: true });
  }
}

/** Hands in evidence that was made for somebody else's binding. */
class CopyingEnclave extends DevelopmentEnclave {
  constructor(world: World) {
    super({ model: world.folder.graphDigest, code: id("assay.node/1") });
  }

  override attest(_binding: string, options: Parameters<DevelopmentEnclave["attest"]>[1]): Uint8Array {
    return super.attest(id("the binding of another operator"), options);
  }
}
