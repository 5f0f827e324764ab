import { setImmediate } from "node:timers/promises";

import { curves } from "snarkjs";

/** Digits of 8 bits in a scalar of 32 bytes. */
const WINDOWS = 32;
/** Non-zero values of a digit. */
const ENTRIES = 255;
/** Points between two looks at the event loop. */
const BATCH = 512;

/** A group of BN254 and the size of its field's elements, in bytes. */
const GROUPS = { g1: { element: 32 }, g2: { element: 64 } } as const;

/** Multiples of the generators of BN254's groups, from tables, about ten times faster than one by one. */
export interface FixedBase {
  /**
   * `scalars[i]` times the generator, as affine points in little-endian Montgomery form, one after the other; 0 gives
   * zero bytes. Scalars are in [0, r), as numbers or as little-endian bytes, 32 each.
   */
  multiply(
    group: "g1" | "g2",
    scalars: readonly bigint[] | Uint8Array,
    onBatch?: (done: number) => void,
  ): Promise<Uint8Array>;
}

/** Scalars as little-endian bytes, 32 each. */
export function scalarBytes(scalars: readonly bigint[]): Uint8Array {
  const bytes = new Uint8Array(WINDOWS * scalars.length);
  const view = new DataView(bytes.buffer);
  for (const [index, scalar] of scalars.entries()) {
    for (let i = 0, rest = scalar; rest > 0n; i++, rest >>= 64n)
      view.setBigUint64(WINDOWS * index + 8 * i, rest & 0xffffffffffffffffn, true);
  }
  return bytes;
}

/** The exports of the curve's WebAssembly that are called here; all take pointers. */
interface CurveExports {
  readonly [name: string]: (...args: readonly number[]) => void;
}

/**
 * Builds the tables: for each group, digit value and position, d * 256^w * generator (1.5 MB in all, some 50 ms).
 * The curve's WebAssembly runs in a memory of its own, so nothing is shared with a prover in the same process.
 */
export async function buildFixedBase(): Promise<FixedBase> {
  const curve = await curves.getCurveFromName("bn128", { singleThread: true });
  const code = curve.tm.code;
  if (code === undefined) throw new Error("this version of ffjavascript keeps no code on a single-threaded curve");
  const memory = new WebAssembly.Memory({ initial: 128, maximum: 128 });
  const instance = await WebAssembly.instantiate(await WebAssembly.compile(code), { env: { memory } });
  const wasm = instance.exports as unknown as CurveExports;
  const bytes = new Uint8Array(memory.buffer);
  const heap = new Uint32Array(memory.buffer, 0, 1);
  const call = (group: string, name: string, ...args: readonly number[]): void => {
    const fn = wasm[`${group}m_${name}`];
    if (fn === undefined) throw new Error(`this version of wasmcurves has no ${group}m_${name}`);
    fn(...args);
  };
  // The first word of the memory points to its free part.
  const reserve = (length: number): number => {
    const start = ((heap[0] as number) + 7) & ~7;
    heap[0] = start + length;
    return start;
  };

  const tables = Object.fromEntries(
    (["g1", "g2"] as const).map((group) => {
      const { element } = GROUPS[group];
      const [affine, jacobian] = [2 * element, 3 * element];
      const table = reserve(WINDOWS * ENTRIES * affine);
      const row = reserve(ENTRIES * jacobian);
      const base = reserve(jacobian);
      const results = reserve(BATCH * jacobian);
      bytes.set(group === "g1" ? curve.G1.g : curve.G2.g, base);
      for (let w = 0; w < WINDOWS; w++) {
        bytes.copyWithin(row, base, base + jacobian);
        for (let d = 1; d < ENTRIES; d++) call(group, "add", row + (d - 1) * jacobian, base, row + d * jacobian);
        call(group, "batchToAffine", row, ENTRIES, table + w * ENTRIES * affine);
        for (let i = 0; i < 8; i++) call(group, "double", base, base);
      }
      return [group, { affine, jacobian, table, results }];
    }),
  ) as Record<"g1" | "g2", { affine: number; jacobian: number; table: number; results: number }>;

  return {
    async multiply(group, scalars, onBatch) {
      const digits = scalars instanceof Uint8Array ? scalars : scalarBytes(scalars);
      const total = digits.length / WINDOWS;
      const { affine, jacobian, table, results } = tables[group];
      const zero = wasm[`${group}m_zero`] as (pointer: number) => void;
      const addMixed = wasm[`${group}m_addMixed`] as (a: number, b: number, out: number) => void;
      const output = new Uint8Array(total * affine);
      for (let start = 0; start < total; start += BATCH) {
        const count = Math.min(BATCH, total - start);
        for (let i = 0; i < count; i++) {
          const sum = results + i * jacobian;
          zero(sum);
          for (let w = 0; w < WINDOWS; w++) {
            const digit = digits[WINDOWS * (start + i) + w] as number;
            if (digit !== 0) addMixed(sum, table + (w * ENTRIES + digit - 1) * affine, sum);
          }
        }
        call(group, "batchToAffine", results, count, results);
        output.set(bytes.subarray(results, results + count * affine), start * affine);
        onBatch?.(start + count);
        await setImmediate();
      }
      return output;
    },
  };
}
