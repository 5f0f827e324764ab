import { AssayError } from "@assay/sdk";
import { expect } from "chai";

import { importOnnx } from "../../../compiler/src/onnx/import.ts";
import { digitsOnnx } from "../../support/digits.ts";
import { modelOf } from "../../support/onnx-cases.ts";
import { Random } from "../../support/random.ts";
import { arithmeticCases } from "./cases/arithmetic.ts";
import { networkCases } from "./cases/networks.ts";
import { shapeCases } from "./cases/shapes.ts";

const ROUNDS = 3_000;
/** Mutations of each of the one-node models. */
const EACH = 40;

/** Changes a few bytes: flips, random values, cuts, and copies of one part over another. */
function mutate(source: Uint8Array, random: Random): Uint8Array {
  let bytes = source.slice();
  // The first 300 and last 600 bytes are structure; the rest is mostly weights, where nothing interesting happens.
  const place = () => {
    const where = random.real();
    if (where < 0.4) return random.integer(0, Math.min(300, bytes.length) - 1);
    return where < 0.8
      ? random.integer(Math.max(0, bytes.length - 3_000), bytes.length - 1)
      : random.integer(0, bytes.length - 1);
  };
  for (let changes = random.integer(1, 4); changes > 0; changes--) {
    const at = place();
    switch (random.integer(0, 4)) {
      case 0:
        bytes[at] = (bytes[at] as number) ^ (1 << random.integer(0, 7));
        break;
      case 1:
        bytes[at] = random.integer(0, 255);
        break;
      case 2:
        bytes[at] = 0xff;
        break;
      case 3:
        if (random.real() < 0.2) bytes = bytes.slice(0, Math.max(1, at));
        break;
      default:
        bytes.copyWithin(at, place(), Math.min(bytes.length, place() + random.integer(1, 64)));
    }
  }
  return bytes;
}

interface Seen {
  readonly outcomes: Map<string, number>;
  slowest: number;
}

/** Imports a file and notes what came of it. @throws when that is neither a program nor a typed error. */
function answer(bytes: Uint8Array, seen: Seen, what: string): void {
  const started = performance.now();
  let outcome = "imported";
  try {
    importOnnx(bytes);
  } catch (error) {
    if (!(error instanceof AssayError)) throw new Error(what, { cause: error });
    outcome = error.code;
  }
  seen.slowest = Math.max(seen.slowest, performance.now() - started);
  seen.outcomes.set(outcome, (seen.outcomes.get(outcome) ?? 0) + 1);
}

describe("importOnnx on damaged files", () => {
  it(`answers ${ROUNDS} mutations of the digits file with a program or a typed error, and quickly`, function () {
    this.timeout(60_000);
    const source = digitsOnnx();
    const random = new Random(20_261_121);
    const seen: Seen = { outcomes: new Map(), slowest: 0 };
    for (let round = 0; round < ROUNDS; round++) answer(mutate(source, random), seen, `round ${round}`);
    expect(seen.slowest, "slowest answer, ms").to.be.below(2_000);
    expect(seen.outcomes.size, `kinds of outcome: ${[...seen.outcomes].join(" ")}`).to.be.at.least(10);
    expect(seen.outcomes.get("imported") ?? 0, "mutations that only change weights").to.be.above(0);
  });

  it(`answers ${EACH} mutations of a model of every operator likewise`, function () {
    this.timeout(120_000);
    const random = new Random(20_261_122);
    const seen: Seen = { outcomes: new Map(), slowest: 0 };
    for (const each of [...arithmeticCases, ...networkCases, ...shapeCases]) {
      const { bytes } = modelOf(each);
      for (let round = 0; round < EACH; round++) answer(mutate(bytes, random), seen, `${each.op} ${each.about}`);
    }
    expect(seen.slowest, "slowest answer, ms").to.be.below(5_000);
    expect(seen.outcomes.size, `kinds of outcome: ${[...seen.outcomes].join(" ")}`).to.be.at.least(12);
  });
});
