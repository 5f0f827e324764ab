import { SCALAR_MODULUS } from "../setup/field.ts";

/** Values of a circuit's main inputs, by signal name, flattened in row-major order. */
export type CircuitInputs = Readonly<Record<string, readonly bigint[]>>;

/** Why the witness program stopped. */
export class WitnessStoppedError extends Error {}

/** What circom's witness program exports. */
interface WitnessExports {
  readonly getFieldNumLen32: () => number;
  readonly getWitnessSize: () => number;
  readonly getInputSize: () => number;
  readonly getInputSignalSize: (high: number, low: number) => number;
  readonly init: (sanityCheck: number) => void;
  readonly setInputSignal: (high: number, low: number, index: number) => void;
  readonly getWitness: (index: number) => void;
  readonly readSharedRWMemory: (index: number) => number;
  readonly writeSharedRWMemory: (index: number, value: number) => void;
  readonly getMessageChar: () => number;
}

/** A loaded witness program of circom 2; not for use from two places at once. */
export interface WitnessProgram {
  /** Number of wires, the constant included. */
  readonly size: number;
  /**
   * All wires for the given inputs.
   *
   * @throws {WitnessStoppedError} when a constraint that the program checks does not hold, or inputs are missing.
   */
  calculate(inputs: CircuitInputs): bigint[];
  /** The same in the binary `wtns` form that provers read. */
  calculateFile(inputs: CircuitInputs): Uint8Array;
}

/** 32-bit limbs of a field element. */
const LIMBS = 8;

/** Loads the `.wasm` that circom made for a circuit, as bytes or compiled. */
export async function loadWitnessProgram(wasm: Uint8Array | WebAssemblyModule): Promise<WitnessProgram> {
  let reason = "";
  const module = wasm instanceof WebAssembly.Module ? wasm : await WebAssembly.compile(wasm);
  const { exports } = await WebAssembly.instantiate(module, {
    runtime: {
      exceptionHandler: (code: number) => {
        throw new WitnessStoppedError(
          `${REASONS[code] ?? `error ${code}`}${reason === "" ? "" : `: ${reason.trim()}`}`,
        );
      },
      printErrorMessage: () => {
        reason += `${readMessage()}; `;
      },
      writeBufferMessage: () => {
        readMessage();
      },
      showSharedRWMemory: () => undefined,
    },
  });
  const program = exports as unknown as WitnessExports;
  if (program.getFieldNumLen32() !== LIMBS) throw new WitnessStoppedError("the program is not for BN254");

  function readMessage(): string {
    let text = "";
    for (let char = program.getMessageChar(); char !== 0; char = program.getMessageChar())
      text += String.fromCharCode(char);
    return text;
  }

  const run = (inputs: CircuitInputs): void => {
    reason = "";
    program.init(0);
    let set = 0;
    for (const [name, values] of Object.entries(inputs)) {
      const [high, low] = signalHash(name);
      const size = program.getInputSignalSize(high, low);
      if (size !== values.length) {
        throw new WitnessStoppedError(
          `input "${name}" has ${values.length} values; the circuit takes ${Math.max(size, 0)}`,
        );
      }
      for (const [index, value] of values.entries()) {
        let rest = ((value % SCALAR_MODULUS) + SCALAR_MODULUS) % SCALAR_MODULUS;
        for (let limb = 0; limb < LIMBS; limb++, rest >>= 32n) {
          program.writeSharedRWMemory(limb, Number(rest & 0xffffffffn));
        }
        program.setInputSignal(high, low, index);
        set++;
      }
    }
    if (set !== program.getInputSize()) {
      throw new WitnessStoppedError(`${set} input values given; the circuit takes ${program.getInputSize()}`);
    }
  };

  return {
    size: program.getWitnessSize(),
    calculate(inputs) {
      run(inputs);
      return Array.from({ length: program.getWitnessSize() }, (_, index) => {
        program.getWitness(index);
        let value = 0n;
        for (let limb = LIMBS - 1; limb >= 0; limb--) {
          value = (value << 32n) | BigInt(program.readSharedRWMemory(limb) >>> 0);
        }
        return value;
      });
    },
    calculateFile(inputs) {
      run(inputs);
      const size = program.getWitnessSize();
      const file = Buffer.alloc(76 + size * 4 * LIMBS);
      witnessHeader(file, size);
      for (let index = 0, at = 76; index < size; index++) {
        program.getWitness(index);
        for (let limb = 0; limb < LIMBS; limb++, at += 4)
          file.writeUInt32LE(program.readSharedRWMemory(limb) >>> 0, at);
      }
      return file;
    },
  };
}

/** The binary `wtns` form (version 2) of wires that are already known. */
export function witnessFile(wires: readonly bigint[]): Uint8Array {
  const file = Buffer.alloc(76 + wires.length * 4 * LIMBS);
  witnessHeader(file, wires.length);
  for (const [index, wire] of wires.entries()) writeElement(file, wire, 76 + index * 4 * LIMBS);
  return file;
}

function witnessHeader(file: Buffer, size: number): void {
  file.write("wtns", 0);
  file.writeUInt32LE(2, 4);
  file.writeUInt32LE(2, 8);
  file.writeUInt32LE(1, 12);
  file.writeBigUInt64LE(40n, 16);
  file.writeUInt32LE(4 * LIMBS, 24);
  writeElement(file, SCALAR_MODULUS, 28);
  file.writeUInt32LE(size, 60);
  file.writeUInt32LE(2, 64);
  file.writeBigUInt64LE(BigInt(size * 4 * LIMBS), 68);
}

function writeElement(file: Buffer, value: bigint, at: number): void {
  for (let i = 0, rest = value; i < 4; i++, rest >>= 64n) file.writeBigUInt64LE(rest & 0xffffffffffffffffn, at + 8 * i);
}

/** FNV-1a, 64 bits, in two halves: how circom's programs look up a signal by name. */
function signalHash(name: string): [high: number, low: number] {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(name))
    hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn;
  return [Number(hash >> 32n), Number(hash & 0xffffffffn)];
}

const REASONS: Readonly<Record<number, string>> = {
  1: "signal not found",
  2: "too many signals set",
  3: "signal already set",
  4: "a constraint does not hold",
  5: "not enough memory",
  6: "an input array is too long",
};
