/** Instructions in WebAssembly's binary form. */
export const TRAP: readonly number[] = [0x00];
export const LOOP: readonly number[] = [0x03, 0x40, 0x0c, 0x00, 0x0b];

const HEAD = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00] as const;
/** Types of functions: without result, and with a 32-bit number. */
const TYPES = [0x02, 0x60, 0x00, 0x00, 0x60, 0x00, 0x01, 0x7f] as const;

function count(value: number): number[] {
  return value < 0x80 ? [value] : [0x80 | (value & 0x7f), ...count(value >>> 7)];
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...count(content.length), ...content];
}

function code(bodies: readonly (readonly number[])[]): number[] {
  const whole = bodies.map((body) => [0x00, ...body, 0x0b]);
  return section(0x0a, [...count(whole.length), ...whole.flatMap((body) => [...count(body.length), ...body])]);
}

/** A module that does nothing but this when it is instantiated. */
export function startingWith(instructions: readonly number[]): Uint8Array {
  const parts = [section(0x01, TYPES), section(0x03, [0x01, 0x00]), section(0x08, [0x00]), code([instructions])];
  return Uint8Array.from([...HEAD, ...parts.flat()]);
}

/** A witness program of so many wires, as far as one can see before it is run; then it does this. */
export function runningInto(wires: number, instructions: readonly number[]): Uint8Array {
  // A last group of seven bits with the highest set would be negative.
  const size = [...count(wires).slice(0, -1), 0x80 | (count(wires).at(-1) as number), 0x00];
  const named = ["getFieldNumLen32", "getWitnessSize", "init"].flatMap((name, at) => [
    ...[name.length, ...Buffer.from(name)],
    ...[0x00, at],
  ]);
  const parts = [
    section(0x01, TYPES),
    section(0x03, [0x03, 0x01, 0x01, 0x00]),
    section(0x07, [0x03, ...named]),
    code([[0x41, 0x08], [0x41, ...size], instructions]),
  ];
  return Uint8Array.from([...HEAD, ...parts.flat()]);
}
