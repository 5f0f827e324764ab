import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import {
  compileCircuit,
  compileOnnx,
  createGroth16Prover,
  encodeInput,
  graphDigest,
  interpret,
  setupDevelopment,
} from "@assay/compiler";
import { deployVerifier, modelRegistryAt, type VerifierArtifact } from "@assay/nodes/operator";
import {
  encodeTensor,
  encodeZkmlEvidence,
  kindSet,
  ProofKind,
  type Request,
  statementOf,
  ZERO_ADDRESS,
  zkContext,
  ZKML_V1,
} from "@assay/sdk";
import { type ContractTransactionReceipt, id, Interface, type InterfaceAbi } from "ethers";
import hre from "hardhat";
import { groth16 } from "snarkjs";

import { runCircom } from "../../compiler/src/emit/circom/circom.ts";
import { proofToEvm } from "../../compiler/src/prove/proof.ts";
import { loadWitnessProgram } from "../../compiler/src/prove/witness.ts";
import { borrowCurve, returnCurve } from "../../compiler/src/setup/curve.ts";
import { buildVerifier, compileVerifier } from "../../tasks/shared/compile-verifier.ts";
import { soliditySettings } from "../../tasks/shared/solidity-settings.ts";
import { ROOT } from "../checks/files.ts";
import type { World } from "../support/world.ts";
import { mlp784 } from "./models/networks.ts";

/** An order of the world's version, and the request it becomes. */
export type Ask = (
  order: { readonly version: string; readonly proofs: readonly string[] },
  input: Uint8Array,
) => Promise<{ request: Request }>;

/**
 * Gas of whole transactions with zk proofs of other circuits than the digits model's: an answer about a public image of 784
 * bytes, none of them zero, so that calldata is as dear as can be; and the generated verifier with one public word, alone.
 */
export async function zkGasFigures(
  world: World,
  ask: Ask,
  onStep: (step: string) => void,
): Promise<Record<string, number>> {
  return {
    "gas.zkml.784": await imageFigure(world, ask, onStep),
    "gas.groth16.verify.1": await verifierFigure(world, onStep),
  };
}

async function imageFigure(world: World, ask: Ask, onStep: (step: string) => void): Promise<number> {
  onStep("circuit of mlp784 with a fingerprint");
  const { name, onnx, calibration } = mlp784();
  const { graph } = compileOnnx(onnx, { name, calibration });
  const circuit = await compileCircuit(graph, { outDir: join(ROOT, "build", "zkml") });
  const setup = await setupDevelopment(circuit.r1csPath, { seed: "figures", outDir: join(ROOT, "build", "setup") });
  onStep("verifier of mlp784");
  const { verifier } = await buildVerifier(
    { graph, graphDigest: graphDigest(graph), circuit },
    setup,
    soliditySettings(hre),
  );
  const version = await publish(world, await deployVerifier(world.owner, verifier));
  onStep("answer of mlp784");
  const x = encodeInput(
    graph.input,
    Array.from({ length: 784 }, (_, at) => 1 + ((37 * at) % 255)),
  );
  const encode = ({ dtype, dims }: typeof graph.input, data: readonly number[]) =>
    encodeTensor({ dtype, dims, data: data.map(BigInt) });
  const [input, output] = [encode(graph.input, x), encode(graph.output, interpret(graph, x).output)];
  const { request } = await ask({ version, proofs: [ZKML_V1] }, input);
  const statement = statementOf(await world.hub.domain(), request, output, world.payee);
  const prover = await createGroth16Prover({ graph, circuit, zkeyPath: setup.zkeyPath });
  try {
    const { proof, words } = await prover.prove({ context: zkContext(statement), input, output });
    const evidence = [encodeZkmlEvidence(proof, input, words[0]!)];
    return Number((await world.hub.fulfil(request, output, world.payee, evidence)).gasUsed);
  } finally {
    await prover.close();
  }
}

/** A version of the world's model for another circuit. */
async function publish(world: World, verifier: string): Promise<string> {
  const registry = modelRegistryAt(world.addresses.modelRegistry, world.owner);
  const model = (await registry["modelIdOf"]!(await world.owner.getAddress(), id("digits"))) as string;
  const spec = {
    major: 784,
    minor: 0,
    kinds: kindSet([ProofKind.Zkml]),
    verifier,
    price: 0n,
    royaltyReceiver: ZERO_ADDRESS,
    manifestDigest: id("mlp784"),
    uri: "",
  };
  const sent = (await registry["publishVersion"]!(model, spec)) as {
    wait(): Promise<ContractTransactionReceipt | null>;
  };
  await sent.wait();
  return (await registry["versionIdOf"]!(model, spec.major, spec.minor)) as string;
}

/** A circuit with one public word: that somebody knows a cube root of it. */
const CUBE = `pragma circom 2.2.0;
template Cube() {
    signal input words[1];
    signal input x;
    signal square <== x * x;
    words[0] === square * x;
}
component main {public [words]} = Cube();
`;

async function verifierFigure(world: World, onStep: (step: string) => void): Promise<number> {
  onStep("verifier with one public word");
  const work = await mkdtemp(join(tmpdir(), "assay-cube-"));
  await borrowCurve();
  try {
    const { data, verifier } = await cubeProof(work);
    const to = await deployVerifier(world.owner, verifier);
    const sent = await world.owner.sendTransaction({ to, data });
    return Number((await sent.wait())!.gasUsed);
  } finally {
    await returnCurve();
    await rm(work, { recursive: true, force: true });
  }
}

async function cubeProof(work: string): Promise<{ readonly data: string; readonly verifier: VerifierArtifact }> {
  await writeFile(join(work, "cube.circom"), CUBE);
  await runCircom(work, "cube.circom");
  const setup = await setupDevelopment(join(work, "cube.r1cs"), { seed: "figures", outDir: work });
  const program = await loadWitnessProgram(await readFile(join(work, "cube_js", "cube.wasm")));
  const x = BigInt(id("root")) >> 8n;
  const word = x ** 3n % 21888242871839275222246405745257275088548364400416034343698204186575808495617n;
  const zkey = { type: "mem", data: new Uint8Array(await readFile(setup.zkeyPath)) } as const;
  const { proof } = await groth16.prove(zkey, { type: "mem", data: program.calculateFile({ words: [word], x: [x] }) });
  const { verifier } = compileVerifier(
    {
      verifyingKey: setup.verifyingKey,
      setup: "development",
      graphDigest: id("cube") as `0x${string}`,
      inputBytes: 32,
      outputBytes: 32,
    },
    setup.manifest.verifyingKeyHash,
    soliditySettings(hre),
  );
  const data = new Interface(verifier.abi as unknown as InterfaceAbi).encodeFunctionData("verify", [
    proofToEvm(proof),
    [word],
  ]);
  return { data, verifier };
}
