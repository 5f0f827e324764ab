import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect } from "chai";
import type { Contract, Fragment } from "ethers";
import { network } from "hardhat";

import { compileCircuit } from "../../compiler/src/emit/circom/compile.ts";
import { publicLayout } from "../../compiler/src/emit/circom/layout.ts";
import { emitVerifier, type VerifierOptions } from "../../compiler/src/emit/solidity/verifier.ts";
import type { IntegerGraph } from "../../compiler/src/graph/types.ts";
import { createGroth16Prover, type Proof, type Prover } from "../../compiler/src/prove/prover.ts";
import { setupDevelopment, type Setup } from "../../compiler/src/setup/development.ts";
import { BASE_MODULUS, SCALAR_MODULUS } from "../../compiler/src/setup/field.ts";
import { digitsLikeGraph, encodeTensor, evaluate, legalInputs } from "../support/random-graphs.ts";
import { compileSolidity, type ContractArtifact } from "../support/solidity.ts";

const root = fileURLToPath(new URL("../../build/test/", import.meta.url));
const graph: IntegerGraph = digitsLikeGraph();
const graphDigest = `0x${"5a".repeat(32)}` as const;

describe("compiler/emit/solidity", () => {
  let setup: Setup;
  let prover: Prover;
  let options: VerifierOptions;
  let artifact: ContractArtifact;
  let proofs: readonly [Proof, Proof];
  let verifier: Contract;
  let connection: Awaited<ReturnType<typeof network.create>>;

  before(async function () {
    this.timeout(120_000);
    const circuit = await compileCircuit(graph, { outDir: join(root, "zkml") });
    setup = await setupDevelopment(circuit.r1csPath, { seed: "solidity", outDir: join(root, "setup-solidity") });
    prover = await createGroth16Prover({ graph, circuit, zkeyPath: setup.zkeyPath });
    const inputs = [...legalInputs(graph.input, 8)].slice(-2);
    proofs = (await Promise.all(
      inputs.map((x, i) =>
        prover.prove({
          context: new Uint8Array(31).fill(i + 1),
          input: encodeTensor(graph.input, x),
          output: encodeTensor(graph.output, evaluate(graph, x).get("output") as readonly bigint[]),
        }),
      ),
    )) as [Proof, Proof];
    const { input, output } = publicLayout(graph);
    options = {
      name: "TestVerifier",
      verifyingKey: setup.verifyingKey,
      setup: "development",
      graphDigest,
      inputBytes: input.byteLength,
      outputBytes: output.byteLength,
    };
    artifact = await compileSolidity(emitVerifier(options), "TestVerifier");
    connection = await network.create("default");
    verifier = await deploy(connection, artifact);
  });

  after(async () => {
    await prover.close();
    await connection.close();
  });

  const deploy = async (to: typeof connection, { abi, bytecode }: ContractArtifact): Promise<Contract> => {
    const [signer] = await to.ethers.getSigners();
    const factory = new to.ethers.ContractFactory([...abi] as Fragment[], bytecode, signer);
    const contract = await factory.deploy();
    await contract.waitForDeployment();
    return contract as unknown as Contract;
  };

  const verify = (proof: readonly bigint[], words: readonly bigint[]): Promise<unknown> =>
    (verifier["verify"] as unknown as (a: readonly bigint[], b: readonly bigint[]) => Promise<unknown>)(
      [...proof],
      [...words],
    );

  const replaced = (values: readonly bigint[], index: number, value: bigint): bigint[] =>
    values.map((old, i) => (i === index ? value : old));

  it("accepts honest proofs", async () => {
    for (const { proof, words } of proofs) await verify(proof, words);
  });

  it("says which circuit it is for", async () => {
    const read = async (name: string): Promise<unknown> => await (verifier[name] as () => Promise<unknown>)();
    expect(await read("graphDigest")).to.equal(graphDigest);
    expect(await read("verifyingKeyHash")).to.equal(setup.manifest.verifyingKeyHash);
    expect(await read("setup")).to.equal(0n);
    expect(await read("binding")).to.equal(0n);
    expect([...((await read("layout")) as Iterable<bigint>)]).to.deep.equal([74n, 7n]);
  });

  for (let index = 0; index < 8; index++) {
    it(`refuses element ${index} of the proof one off, at q, and aliased`, async () => {
      const { proof, words } = proofs[0];
      const value = proof[index] as bigint;
      await expect(verify(replaced(proof, index, value + 1n), words)).to.be.revertedWithCustomError(
        verifier,
        "ProofInvalid",
      );
      await expect(verify(replaced(proof, index, 0n), words)).to.be.revertedWithCustomError(verifier, "ProofInvalid");
      for (const outside of [BASE_MODULUS, value + BASE_MODULUS, (1n << 256n) - 1n]) {
        await expect(verify(replaced(proof, index, outside), words))
          .to.be.revertedWithCustomError(verifier, "ProofElementNotInField")
          .withArgs(index, outside);
      }
    });
  }

  it("refuses each word one off, of the other proof, at r, and aliased", async () => {
    const [{ proof, words }, other] = proofs;
    for (const [index, word] of words.entries()) {
      const wrong = [word + 1n, 0n, other.words[index] as bigint];
      for (const value of wrong.filter((candidate) => candidate !== word)) {
        await expect(verify(proof, replaced(words, index, value))).to.be.revertedWithCustomError(
          verifier,
          "ProofInvalid",
        );
      }
      for (const outside of [SCALAR_MODULUS, word + SCALAR_MODULUS, (1n << 256n) - 1n]) {
        await expect(verify(proof, replaced(words, index, outside)))
          .to.be.revertedWithCustomError(verifier, "PublicWordNotInField")
          .withArgs(index, outside);
      }
    }
  });

  it("refuses swapped words and the words of another proof", async () => {
    const [{ proof, words }, other] = proofs;
    const [a, b, c, d] = words as [bigint, bigint, bigint, bigint];
    for (const swapped of [[b, a, c, d], [a, c, b, d], [a, b, d, c], [d, c, b, a], other.words]) {
      await expect(verify(proof, swapped)).to.be.revertedWithCustomError(verifier, "ProofInvalid");
    }
  });

  it("refuses another number of words", async () => {
    const { proof, words } = proofs[0];
    for (const wrong of [[], words.slice(1), words.slice(0, 3), [...words, 0n]]) {
      await expect(verify(proof, wrong))
        .to.be.revertedWithCustomError(verifier, "PublicWordCountMismatch")
        .withArgs(wrong.length, 4);
    }
  });

  it("refuses points at infinity, alone and together", async () => {
    const { proof, words } = proofs[0];
    const without = (from: number, to: number): bigint[] => proof.map((value, i) => (i >= from && i < to ? 0n : value));
    for (const zeroed of [without(0, 2), without(2, 6), without(6, 8), without(0, 8)]) {
      await expect(verify(zeroed, words)).to.be.revertedWithCustomError(verifier, "ProofInvalid");
    }
  });

  it("refuses the reflections of the proof's points", async () => {
    const { proof, words } = proofs[0];
    const negate = (values: readonly bigint[], ...at: readonly number[]): bigint[] =>
      values.map((value, i) => (at.includes(i) ? BASE_MODULUS - value : value));
    await expect(verify(negate(proof, 1), words)).to.be.revertedWithCustomError(verifier, "ProofInvalid");
    await expect(verify(negate(proof, 4, 5), words)).to.be.revertedWithCustomError(verifier, "ProofInvalid");
    await expect(verify(negate(proof, 7), words)).to.be.revertedWithCustomError(verifier, "ProofInvalid");
    // A and B both reflected are the same statement: Groth16 proofs can be re-made by anyone, the words cannot.
    await verify(negate(proof, 1, 4, 5), words);
  });

  it("refuses when a precompile fails, answers short, or runs out of gas", async () => {
    const { proof, words } = proofs[0];
    const data = verifier.interface.encodeFunctionData("verify", [[...proof], [...words]]);
    const to = await verifier.getAddress();
    const { provider } = connection.ethers;
    const enough = await provider.estimateGas({ to, data });
    for (let gas = 30_000n; gas < enough - 4_000n; gas += 9_973n) {
      const outcome = await provider.call({ to, data, gasLimit: gas }).then(
        () => "accepted",
        () => "refused",
      );
      expect(outcome, `gas ${gas} of ${enough}`).to.equal("refused");
    }
    expect(await provider.call({ to, data, gasLimit: enough })).to.equal("0x");
  });

  it("refuses on a chain where the precompiles do not answer", async () => {
    // The same code with the addresses of the precompiles replaced by one where nothing is: calls succeed, return nothing.
    const source = emitVerifier(options);
    const { proof, words } = proofs[0];
    for (const [address, nowhere] of [
      ["0x06, sum", "0xdead06, sum"],
      ["0x07, term", "0xdead07, term"],
      ["0x08, input", "0xdead08, input"],
    ] as const) {
      expect(source).to.include(address);
      const hollow = await deploy(connection, await compileSolidity(source.replace(address, nowhere), "TestVerifier"));
      const call = hollow["verify"] as unknown as (a: readonly bigint[], b: readonly bigint[]) => Promise<unknown>;
      await expect(call([...proof], [...words]), address).to.be.revertedWithCustomError(hollow, "ProofInvalid");
    }
  });

  it("reverts when a development verifier is deployed to a live network, and only then", async () => {
    const live = await network.create({ network: "default", override: { chainId: 1 } });
    try {
      await expect(deploy(live, artifact))
        .to.be.revertedWithCustomError(verifier, "DevelopmentSetupOnLiveNetwork")
        .withArgs(1);
      const ceremony = await compileSolidity(emitVerifier({ ...options, setup: "ceremony" }), "TestVerifier");
      const deployed = await deploy(live, ceremony);
      expect(await (deployed["setup"] as () => Promise<unknown>)()).to.equal(1n);
    } finally {
      await live.close();
    }
    const local = await network.create({ network: "default", override: { chainId: 1337 } });
    try {
      await deploy(local, artifact);
    } finally {
      await local.close();
    }
  });

  it("costs less than snarkjs's verifier: 189.8k + 6.65k per word", async () => {
    const { proof, words } = proofs[0];
    const data = verifier.interface.encodeFunctionData("verify", [[...proof], [...words]]);
    const [signer] = await connection.ethers.getSigners();
    const receipt = await (await signer?.sendTransaction({ to: await verifier.getAddress(), data }))?.wait();
    const calldata = Buffer.from(data.slice(2), "hex").reduce((gas, byte) => gas + (byte === 0 ? 4 : 16), 0);
    const execution = Number(receipt?.gasUsed) - 21_000 - calldata;
    // Floor: 181,000 for four pairings and 6,150 for each word's multiplication and addition.
    expect(execution, `execution gas ${execution}`).to.be.within(205_600, 208_500);
    expect(execution).to.be.lessThan(189_800 + 6_650 * words.length);
    expect(artifact.deployedBytes, `${artifact.deployedBytes} bytes`).to.be.lessThan(24_576);
  });

  it("refuses names, digests, lengths and word counts that it cannot write", () => {
    const bad: readonly (readonly [string, Partial<VerifierOptions>])[] = [
      ["a name that is code", { name: "A {} contract B" }],
      ["a path that is code", { interfacePath: '"; import "x' }],
      ["a short digest", { graphDigest: "0x12" }],
      ["no bytes", { inputBytes: 0 }],
      ["too many bytes", { outputBytes: 2 ** 32 }],
      ["a commitment that is no word", { binding: { mode: "packed", input: "committed", output: "public" } }],
      ["a fingerprint of other words", { binding: { mode: "fingerprint", input: "public", output: "public" } }],
      ["no words", { verifyingKey: { ...setup.verifyingKey, ic: setup.verifyingKey.ic.slice(0, 1) } }],
      [
        "more words than a contract has room for",
        { verifyingKey: { ...setup.verifyingKey, ic: Array.from({ length: 98 }, () => [1n, 2n] as const) } },
      ],
    ];
    for (const [name, edit] of bad) {
      expect(() => emitVerifier({ ...options, ...edit }), name)
        .to.throw()
        .with.property("code", "ASY-ZKML-010");
    }
  });

  it("fits the contract size limit at the greatest number of words", async function () {
    this.timeout(120_000);
    const ic = Array.from(
      { length: 97 },
      (_, i) => [BASE_MODULUS - BigInt(2 * i + 1), BASE_MODULUS - BigInt(2 * i + 2)] as const,
    );
    const large = emitVerifier({ ...options, verifyingKey: { ...setup.verifyingKey, ic } });
    const { deployedBytes } = await compileSolidity(large, "TestVerifier");
    expect(deployedBytes).to.be.lessThan(24_576);
  });
});
