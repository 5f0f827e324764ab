import { expect } from "chai";

import type { OpenProver } from "../../../nodes/gpu/index.ts";
import { openGroth16Prover } from "../../../nodes/gpu/index.ts";
import { SIGNATURE_V1, TEE_V1, ZKML_V1 } from "../../../sdk/src/index.ts";
import { addressOf, KEYS } from "../support/keys.ts";
import { makeNode, nodeConfig, until } from "../support/nodes.ts";
import { createWorld, PAYMENT, type World } from "../support/world.ts";

describe("a GPU node that proves", function () {
  this.timeout(300_000);
  let world: World;
  before(async () => {
    world = await createWorld({ zkml: true });
    await world.registerNode(KEYS.node1);
  });
  after(async () => await world?.close());

  it("answers with a zk proof, alone and with every other kind, from one warm prover", async () => {
    const payee = addressOf(KEYS.node1);
    const before = await world.credit(payee);
    let opened = 0;
    const openProver: OpenProver = async (...args) => {
      opened++;
      return await openGroth16Prover(...args);
    };
    const node = makeNode(
      nodeConfig(world, { kinds: ["SIGNATURE", "TEE", "ZKML"], enclave: { policy: world.policy } }),
      { enclave: world.enclave, openProver },
    );
    await node.start();
    try {
      await world.request({ image: 1, proofs: [ZKML_V1] });
      await world.request({ image: 2, proofs: [TEE_V1, ZKML_V1], enclavePolicy: world.policy });
      await world.request({ image: 3, proofs: [SIGNATURE_V1, TEE_V1, ZKML_V1], enclavePolicy: world.policy });
      await until("three answers", async () => (await world.credit(payee)) === before + 3n * PAYMENT, 120_000);
      expect(opened).to.equal(1);
    } finally {
      await node.stop();
    }
  });

  const bad: [string, OpenProver, string][] = [
    [
      "a proof that does not hold",
      async (...args) => {
        const prover = await openGroth16Prover(...args);
        return {
          close: async () => await prover.close(),
          prove: async (task) => {
            const { proof, words } = await prover.prove(task);
            return { words, proof: [...proof.slice(0, 7), proof[7]! ^ 1n] };
          },
        };
      },
      "ASY-PROVE-002",
    ],
    [
      "words of another statement",
      async (...args) => {
        const prover = await openGroth16Prover(...args);
        return {
          close: async () => await prover.close(),
          prove: async (task) => await prover.prove({ ...task, context: new Uint8Array(31) }),
        };
      },
      "ASY-PROVE-003",
    ],
  ];
  for (const [what, openProver, code] of bad) {
    it(`does not send ${what}`, async () => {
      const startBlock = (await world.chain.provider.getBlockNumber()) + 1;
      const { id } = await world.request({ image: 4, proofs: [ZKML_V1] });
      const lines: string[] = [];
      const node = makeNode(nodeConfig(world, { kinds: ["ZKML"], startBlock, reorgDepth: 0 }), {
        openProver,
        logger: (await import("pino")).default({ level: "error" }, { write: (line) => void lines.push(line) }),
      });
      await node.start();
      try {
        await until("the failure", async () => (await node.stats()).requests.failed === 1, 60_000);
        expect(lines.join("")).to.contain(code).and.contain(id);
        expect(await world.client.status(id)).to.equal("pending");
      } finally {
        await node.stop();
      }
    });
  }
});
