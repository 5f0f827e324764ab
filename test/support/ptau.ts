import { BASE_MODULUS, SCALAR_MODULUS, inverse, power, toScalar } from "../../compiler/src/setup/field.ts";
import { buildFixedBase } from "../../compiler/src/setup/fixed-base.ts";
import type { SetupSecrets } from "../../compiler/src/setup/scalars.ts";

/** A prepared powers-of-tau file of 2^`log`, in snarkjs's format, from known secrets: what a ceremony would have made. */
export async function makePtau(
  secrets: Pick<SetupSecrets, "tau" | "alpha" | "beta">,
  log: number,
  rootOfOrder: (log: number) => bigint,
): Promise<Uint8Array> {
  const { tau, alpha, beta } = secrets;
  const base = await buildFixedBase();
  const size = 1 << log;
  const powers = Array.from({ length: 2 * size - 1 }, (_, i) => power(tau, BigInt(i)));
  const scaled = (values: readonly bigint[], by: bigint): bigint[] =>
    values.map((value) => (value * by) % SCALAR_MODULUS);
  const lagrange = (k: number): bigint[] => {
    const n = BigInt(1 << k);
    const root = rootOfOrder(k);
    return Array.from({ length: 1 << k }, (_, i) => {
      const point = power(root, BigInt(i));
      const top = (point * toScalar(power(tau, n) - 1n)) % SCALAR_MODULUS;
      return (top * inverse(n * toScalar(tau - point))) % SCALAR_MODULUS;
    });
  };
  const upTo = (k: number): bigint[] => Array.from({ length: k + 1 }, (_, i) => lagrange(i)).flat();
  const sections: readonly (readonly [number, Uint8Array])[] = [
    [1, Buffer.concat([uint32(32), littleEndian(BASE_MODULUS), uint32(log), uint32(log)])],
    [2, await base.multiply("g1", powers)],
    [3, await base.multiply("g2", powers.slice(0, size))],
    [4, await base.multiply("g1", scaled(powers.slice(0, size), alpha))],
    [5, await base.multiply("g1", scaled(powers.slice(0, size), beta))],
    [6, await base.multiply("g2", [beta])],
    [7, uint32(0)],
    [12, await base.multiply("g1", upTo(log + 1))],
    [13, await base.multiply("g2", upTo(log))],
    [14, await base.multiply("g1", scaled(upTo(log), alpha))],
    [15, await base.multiply("g1", scaled(upTo(log), beta))],
  ];
  const parts: Uint8Array[] = [Buffer.from("ptau"), uint32(1), uint32(sections.length)];
  for (const [id, content] of sections) parts.push(uint32(id), uint32(content.length), uint32(0), content);
  return Buffer.concat(parts);
}

/** Contents of the sections of a file in iden3's binary form, by number. */
export function sectionsOf(file: Uint8Array): ReadonlyMap<number, Uint8Array> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const sections = new Map<number, Uint8Array>();
  for (let at = 12; at < file.length;) {
    const length = Number(view.getBigUint64(at + 4, true));
    sections.set(view.getUint32(at, true), file.subarray(at + 12, at + 12 + length));
    at += 12 + length;
  }
  return sections;
}

function uint32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function littleEndian(value: bigint): Uint8Array {
  return Buffer.from(value.toString(16).padStart(64, "0"), "hex").reverse();
}
