import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { expect } from "chai";
import type { Curve } from "snarkjs";

import { groth16Key, verifyOffChain } from "../../compiler/src/prove/proof.ts";
import { createProver } from "../../compiler/src/prove/prover.ts";
import { borrowCurve, returnCurve } from "../../compiler/src/setup/curve.ts";
import { ROOT } from "../../scripts/checks/files.ts";
import { tiny, tinyFiles, tinyRequest } from "../support/tiny-model.ts";

const held = (): Curve | null | undefined => (globalThis as { curve_bn128?: Curve | null }).curve_bn128;
const alone = (curve: Curve | null | undefined): boolean => curve?.tm.code !== undefined;

/** What is loaded by a process of its own that imports `name`, as paths and specifiers. */
async function loadedBy(name: string): Promise<string[]> {
  const program = `
    import { registerHooks } from "node:module";
    const found = new Set();
    registerHooks({ resolve: (name, context, next) => { const made = next(name, context); found.add(made.url); return made; } });
    await import(${JSON.stringify(name)});
    console.log(JSON.stringify([...found]));`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program], {
    cwd: ROOT,
    maxBuffer: 1 << 24,
  });
  return JSON.parse(stdout) as string[];
}

describe("compiler/prove: memory", function () {
  this.timeout(120_000);

  it("loads for proving nothing of compiling, chains or attestation", async () => {
    const heavy = /node_modules\/(ethers|onnxruntime-node|protobufjs|circom2|piscina|cborg|@peculiar)\//;
    const loaded = await loadedBy("@assay/compiler/prove");
    expect(loaded.some((url) => url.endsWith("/prove/prover.ts"))).to.equal(true);
    expect(loaded.filter((url) => heavy.test(url))).to.deep.equal([]);
    // Only for circuits that bind by a hash.
    expect(loaded.filter((url) => url.includes("poseidon-lite"))).to.deep.equal([]);
  });

  it("proves a small circuit without workers, and hands over to them when somebody needs them", async () => {
    const { circuit, setup } = await tinyFiles();
    const key = groth16Key(setup.verifyingKey);
    const options = { graph: tiny, circuit, zkeyPath: setup.zkeyPath, verifyingKey: key } as const;
    expect(held() ?? null).to.equal(null);
    const small = await createProver(options);
    expect(alone(held())).to.equal(true);
    // One proof begins on the curve of this thread, and the workers start while it runs.
    const [first, wide] = await Promise.all([
      small.prove(tinyRequest([7n, -8n, 0n, 1n])),
      createProver({ ...options, threads: "all" }),
    ]);
    expect(alone(held())).to.equal(false);
    const proofs = [
      first,
      await small.prove(tinyRequest([1n, 2n, -3n, 4n])),
      await wide.prove(tinyRequest([0n, 0n, 0n, 1n])),
    ];
    await wide.close();
    // The workers stay for whoever may be using them.
    proofs.push(await small.prove(tinyRequest([5n, 5n, 5n, 5n])));
    for (const { words, proof } of proofs) expect(await verifyOffChain(key, words, proof)).to.equal(true);
    await small.close();
    expect(held()).to.equal(null);
  });

  it("makes the same of a multiplication in this thread as in workers", async () => {
    const multiply = async (threads: "one" | "all"): Promise<unknown> => {
      const { G1, G2 } = (await borrowCurve(threads)) as unknown as Record<"G1" | "G2", Multiplier>;
      try {
        return await Promise.all(
          [G1, G2].map(async (group) => {
            const points = 300;
            const bases = new Uint8Array(points * 2 * group.F.n8);
            const scalars = new Uint8Array(32 * points);
            for (let at = 0; at < points; at++) {
              bases.set(group.toAffine(group.timesScalar(group.g, BigInt(at + 1))), at * 2 * group.F.n8);
              for (let byte = 0; byte < 31; byte++) scalars[32 * at + byte] = (at * 31 + byte * 7 + 1) & 255;
            }
            return group.toObject(group.toAffine(await group.multiExpAffine(bases, scalars)));
          }),
        );
      } finally {
        await returnCurve();
      }
    };
    expect(await multiply("one")).to.deep.equal(await multiply("all"));
  });
});

interface Multiplier {
  readonly F: { readonly n8: number };
  readonly g: Uint8Array;
  timesScalar(point: Uint8Array, scalar: bigint): Uint8Array;
  toAffine(point: Uint8Array): Uint8Array;
  toObject(point: Uint8Array): unknown;
  multiExpAffine(bases: Uint8Array, scalars: Uint8Array): Promise<Uint8Array>;
}
