import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { type Contract, ContractFactory, getBytes, hexlify, id, keccak256 } from "ethers";
import { network } from "hardhat";

import {
  compileCircuit,
  createGroth16Prover,
  emitVerifier,
  graphDigest,
  type ProofRequest,
  publicLayout,
  setupDevelopment,
} from "../../compiler/src/index.ts";
import {
  bindingBits,
  commitEncoding,
  encodeZkmlEvidence,
  parseVerifyingKey,
  poseidonChain,
  SCALAR_FIELD,
  type Statement,
  verifyReceipt,
  ZERO_ADDRESS,
  ZERO_HASH,
  type ZkBinding,
  ZKML_V1,
  zkContext,
} from "../../sdk/src/index.ts";
import { graphOf } from "../support/graphs.ts";
import { encodeTensor, tensor } from "../support/random-graphs.ts";
import { compileSolidity } from "../support/solidity.ts";

const outDir = "build/test/zkml";
const BENEFICIARY = "0x00000000000000000000000000000000000000b0";

/** Which of the first two of 100 bytes is the greater one. */
const graph = graphOf("first", tensor("x", "u8", [100], 0n, 255n), [
  { op: "gather", name: "head", inputs: ["x"], constants: [], index: [0, 1], output: "head" },
  { op: "argmax", name: "best", input: "head", width: 2, output: "y" },
]);
const x = Array.from({ length: 100 }, (_, at) => BigInt((at * 37 + 11) % 256));
const ENCODED = {
  input: encodeTensor(graph.input, x),
  output: encodeTensor(graph.output, [x[1]! > x[0]! ? 1n : 0n]),
};
const SALTS = { input: new Uint8Array(31).fill(7), output: new Uint8Array(31).fill(9) };

const CASES: readonly ZkBinding[] = [
  { mode: "fingerprint", input: "public", output: "public" },
  { mode: "packed", input: "committed", output: "committed" },
];

describe("e2e: proofs under bindings, in generated contracts and the adapter", function () {
  this.timeout(180_000);
  let deploy: (name: string, ...args: unknown[]) => Promise<Contract>;
  let deployCode: (abi: readonly object[], bytecode: string) => Promise<string>;
  let adapter: Contract;
  let registry: Contract;
  let model: string;

  before(async () => {
    const { ethers } = await network.create();
    const [owner] = await ethers.getSigners();
    deploy = async (name, ...args) => (await ethers.deployContract(name, args)) as unknown as Contract;
    deployCode = async (abi, bytecode) => {
      const contract = await new ContractFactory(abi as never, bytecode, owner as never).deploy();
      return await contract.getAddress();
    };
    registry = await deploy("ModelRegistry");
    adapter = await deploy("ZkmlAdapter", await registry.getAddress());
    model = (await registry.getFunction("modelIdOf").staticCall(owner!.address, ZERO_HASH)) as string;
    await registry.getFunction("createModel").send(ZERO_HASH);
  });

  for (const [index, binding] of CASES.entries()) {
    describe(`${binding.mode}, input ${binding.input}, output ${binding.output}`, () => {
      let statement: Statement;
      let proof: readonly bigint[];
      let words: readonly bigint[];
      let key: unknown;
      const published = (port: "input" | "output"): Uint8Array =>
        binding[port] === "public" ? ENCODED[port] : getBytes(commitEncoding(ENCODED[port], SALTS[port]));
      const evidenceOf = (made = proof, input = published("input"), c = words[0]!) =>
        encodeZkmlEvidence(made, input, binding.mode === "fingerprint" ? c : undefined);
      const accepts = async (said: Statement, evidence: string, output = published("output")): Promise<boolean> => {
        const call = adapter.getFunction("verify").staticCall(said, output, evidence);
        return await call.then(
          () => true,
          () => false,
        );
      };

      before(async () => {
        const circuit = await compileCircuit(graph, {
          outDir,
          binding: binding.mode,
          inputVisibility: binding.input,
          outputVisibility: binding.output,
        });
        const layout = publicLayout(graph, binding);
        const work = await mkdtemp(join(tmpdir(), "assay-binding-"));
        try {
          const setup = await setupDevelopment(circuit.r1csPath, { seed: "binding", outDir: work });
          key = JSON.parse(await readFile(setup.verifyingKeyPath, "utf8"));
          const source = emitVerifier({
            name: "BoundVerifier",
            verifyingKey: setup.verifyingKey,
            setup: "development",
            graphDigest: graphDigest(graph) as `0x${string}`,
            inputBytes: layout.input.publishedBytes,
            outputBytes: layout.output.publishedBytes,
            binding,
          });
          const { abi, bytecode } = await compileSolidity(source, "BoundVerifier");
          const verifier = await deployCode(abi, bytecode);
          await registry.getFunction("publishVersion").send(model, {
            ...{ major: 1, minor: index, kinds: 1 << 5, verifier, price: 0n, royaltyReceiver: ZERO_ADDRESS },
            ...{ manifestDigest: id("manifest"), uri: "" },
          });
          const version = (await registry.getFunction("versionIdOf").staticCall(model, 1, index)) as string;
          statement = {
            chainId: 31_337n,
            hub: "0x00000000000000000000000000000000000000ab",
            requestId: id("request"),
            version,
            inputHash: keccak256(published("input")),
            outputHash: keccak256(published("output")),
            paramsHash: ZERO_HASH,
            enclavePolicy: ZERO_HASH,
            requester: "0x00000000000000000000000000000000000000a1",
            beneficiary: BENEFICIARY,
          };
          const request: ProofRequest = {
            context: zkContext(statement),
            ...ENCODED,
            ...(binding.input === "committed" ? { inputSalt: SALTS.input } : {}),
            ...(binding.output === "committed" ? { outputSalt: SALTS.output } : {}),
          };
          const prover = await createGroth16Prover({ graph, circuit, zkeyPath: setup.zkeyPath });
          try {
            ({ proof, words } = await prover.prove(request));
          } finally {
            await prover.close();
          }
        } finally {
          await rm(work, { recursive: true, force: true });
        }
      });

      it("is what the registry says, and what the adapter and the SDK accept", async () => {
        const circuit = (await registry.getFunction("circuitOf").staticCall(statement.version)) as readonly unknown[];
        expect(circuit.slice(1)).to.deep.equal([
          BigInt(published("input").length),
          BigInt(published("output").length),
          BigInt(bindingBits(binding)),
        ]);
        await adapter.getFunction("verify").staticCall(statement, published("output"), evidenceOf());
        const receipt = { statement, output: hexlify(published("output")), evidence: [evidenceOf()], issuedAt: 0 };
        const trust = { verifyingKey: parseVerifyingKey(key), requires: [ZKML_V1] };
        expect(verifyReceipt(receipt, { ...trust, binding }).holds, "SDK").to.equal(true);
        expect(verifyReceipt(receipt, trust).holds, "SDK, taken for packed").to.equal(false);
      });

      it("belongs to one beneficiary, request and version", async () => {
        for (const change of [
          { beneficiary: "0x00000000000000000000000000000000000000b1" },
          { requestId: id("another") },
          { requester: BENEFICIARY },
          { hub: BENEFICIARY },
          { chainId: 1n },
          { paramsHash: id("another") },
        ]) {
          expect(await accepts({ ...statement, ...change }, evidenceOf()), Object.keys(change)[0]).to.equal(false);
        }
      });

      it("refuses another input, output, hash or proof", async () => {
        const [input, output] = [published("input"), published("output")].map((bytes) =>
          bytes.with(bytes.length - 1, bytes.at(-1)! ^ 1),
        ) as [Uint8Array, Uint8Array];
        const other = { ...statement, inputHash: keccak256(input) };
        expect(await accepts(other, evidenceOf(proof, input)), "input").to.equal(false);
        expect(await accepts({ ...statement, outputHash: keccak256(output) }, evidenceOf(), output), "output").to.equal(
          false,
        );
        expect(await accepts(statement, evidenceOf(proof.with(0, proof[0]! ^ 1n))), "proof").to.equal(false);
        if (binding.mode === "packed") return;
        for (const c of [words[0]! + 1n, words[0]! + SCALAR_FIELD, poseidonChain("words", [1n]), 0n]) {
          expect(await accepts(statement, evidenceOf(proof, published("input"), c)), `hash ${c}`).to.equal(false);
        }
      });
    });
  }
});
