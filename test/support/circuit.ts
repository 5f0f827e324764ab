import { createHash, randomBytes } from "node:crypto";
import { cp, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

import { CIRCOM_PACKAGE, runCircom } from "../../compiler/src/emit/circom/circom.ts";
import { sourcesOf } from "../../compiler/src/emit/circom/compile.ts";
import { HASHING_TEMPLATES, PRIVATE_TEMPLATES, TEMPLATES } from "../../compiler/src/emit/circom/program.ts";
import { loadWitnessProgram, type CircuitInputs, type WitnessProgram } from "../../compiler/src/prove/witness.ts";
import { SCALAR_MODULUS, toScalar } from "../../compiler/src/setup/field.ts";
import {
  countConstraints,
  readR1cs,
  type Constraint,
  type LinearCombination,
  type R1cs,
} from "../../compiler/src/setup/r1cs.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** A compiled circuit with its constraints laid open, so that a test can hold a witness it made up against them. */
export class CircuitTester {
  readonly r1cs: R1cs;
  readonly #program: WitnessProgram;
  readonly #wires: ReadonlyMap<string, number>;
  #readers: readonly (readonly Constraint[])[] | undefined;

  private constructor(r1cs: R1cs, program: WitnessProgram, wires: ReadonlyMap<string, number>) {
    this.r1cs = r1cs;
    this.#program = program;
    this.#wires = wires;
  }

  /** Compiles `main`, an expression such as `Bits(8)`, with `include` from `circuits/`; cached under `build/test`. */
  static async template(include: string, main: string, { before = "" } = {}): Promise<CircuitTester> {
    const source = `pragma circom 2.2.0;\ninclude "${include}";\n${before}\ncomponent main = ${main};\n`;
    return await CircuitTester.source(source);
  }

  /** Compiles a whole program whose includes are relative to `circuits/`. */
  static async source(source: string): Promise<CircuitTester> {
    const hash = createHash("sha256").update(`${CIRCOM_PACKAGE}\n${source}`);
    for (const file of [...TEMPLATES, ...PRIVATE_TEMPLATES]) hash.update(await readFile(join(ROOT, "circuits", file)));
    const hashing = HASHING_TEMPLATES.some((file) => source.includes(file)) ? sourcesOf(HASHING_TEMPLATES) : [];
    for (const { path } of hashing) hash.update(await readFile(path));
    const folder = join(ROOT, "build", "test", hash.digest("hex").slice(0, 32));
    if ((await stat(folder).catch(() => undefined)) === undefined) {
      const work = `${folder}.tmp-${process.pid}-${randomBytes(4).toString("hex")}`;
      await mkdir(work, { recursive: true });
      try {
        await cp(join(ROOT, "circuits"), work, { recursive: true });
        for (const { name, path } of hashing) await cp(path, join(work, name));
        await writeFile(join(work, "test.circom"), source);
        await runCircom(work, "test.circom");
        await rename(join(work, "test_js", "test.wasm"), join(work, "test.wasm"));
        await rename(work, folder);
      } finally {
        await rm(work, { recursive: true, force: true });
      }
    }
    return await CircuitTester.files(join(folder, "test"));
  }

  /** Opens `PATH.r1cs`, `PATH.wasm` and `PATH.sym`. */
  static async files(path: string): Promise<CircuitTester> {
    const wires = new Map<string, number>();
    for (const line of (await readFile(`${path}.sym`, "utf8")).split("\n")) {
      const [, wire, , name] = line.split(",");
      if (name !== undefined && wire !== "-1") wires.set(name, Number(wire));
    }
    const program = await loadWitnessProgram(await readFile(`${path}.wasm`));
    return new CircuitTester(await readR1cs(`${path}.r1cs`), program, wires);
  }

  /** All wires that honest witness generation gives. */
  witness(inputs: CircuitInputs): bigint[] {
    return this.#program.calculate(inputs);
  }

  /** Names of the signals that still have a wire after simplification. */
  get signals(): readonly string[] {
    return [...this.#wires.keys()];
  }

  has(name: string): boolean {
    return this.#wires.has(name);
  }

  wire(name: string): number {
    const wire = this.#wires.get(name);
    if (wire === undefined) throw new Error(`no wire for signal "${name}"`);
    return wire;
  }

  value(witness: readonly bigint[], name: string): bigint {
    return witness[this.wire(name)] as bigint;
  }

  /** A copy of `witness` with other values, by signal name. */
  edit(witness: readonly bigint[], values: Readonly<Record<string, bigint>>): bigint[] {
    const copy = [...witness];
    for (const [name, value] of Object.entries(values)) copy[this.wire(name)] = toScalar(value);
    return copy;
  }

  /** Number of the first constraint that `witness` breaks, or `undefined` if it satisfies all. */
  firstBroken(witness: readonly bigint[]): number | undefined {
    const index = this.r1cs.constraints.findIndex((constraint) => !holds(constraint, witness));
    return index === -1 ? undefined : index;
  }

  /** Whether a witness that satisfies all constraints still does with another value of one signal; fast. */
  bears(honest: readonly bigint[], name: string, value: bigint): boolean {
    this.#readers ??= readersOf(this.r1cs);
    const changed = this.edit(honest, { [name]: value });
    return (this.#readers[this.wire(name)] ?? []).every((constraint) => holds(constraint, changed));
  }

  expectAccepted(witness: readonly bigint[], message: string): void {
    expect(this.firstBroken(witness), `${message}: broken constraint`).to.equal(undefined);
  }

  expectRefused(witness: readonly bigint[], message: string): void {
    expect(this.firstBroken(witness), `${message}: should break a constraint`).to.be.a("number");
  }

  /** Non-linear and linear constraints, exactly. */
  expectCost(nonLinear: number, linear: number): void {
    const cost = countConstraints(this.r1cs);
    expect([cost.nonLinear, cost.linear], "non-linear, linear constraints").to.deep.equal([nonLinear, linear]);
  }
}

function holds({ a, b, c }: Constraint, witness: readonly bigint[]): boolean {
  const sum = (terms: LinearCombination): bigint =>
    terms.reduce((total, [wire, coefficient]) => total + coefficient * (witness[wire] as bigint), 0n) % SCALAR_MODULUS;
  return (sum(a) * sum(b)) % SCALAR_MODULUS === sum(c);
}

/** The constraints that each wire is in. */
function readersOf({ wires, constraints }: R1cs): readonly (readonly Constraint[])[] {
  const readers = Array.from({ length: wires }, (): Constraint[] => []);
  for (const constraint of constraints) {
    const { a, b, c } = constraint;
    for (const wire of new Set([...a, ...b, ...c].map(([each]) => each))) readers[wire]?.push(constraint);
  }
  return readers;
}
