import { AssayError } from "@assay/sdk";
import { expect } from "chai";

import { compileOnnx } from "../../../compiler/src/index.ts";
import { calibrationImages, digitsOnnx } from "../../support/digits.ts";
import { Random } from "../../support/random.ts";

const ROUNDS = 3_000;

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

describe("readOnnx and the compiler on damaged files", () => {
  it(`answers ${ROUNDS} mutations of the digits file with a model or a typed error, and quickly`, function () {
    this.timeout(60_000);
    const source = digitsOnnx();
    const calibration = calibrationImages.slice(0, 2).map(({ pixels }) => pixels);
    const random = new Random(20_261_121);
    const seen = new Map<string, number>();
    let slowest = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const bytes = mutate(source, random);
      const started = performance.now();
      let outcome = "compiled";
      try {
        compileOnnx(bytes, { calibration });
      } catch (error) {
        if (!(error instanceof AssayError)) throw new Error(`round ${round}`, { cause: error });
        outcome = error.code;
      }
      slowest = Math.max(slowest, performance.now() - started);
      seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
    }
    expect(slowest, "slowest answer, ms").to.be.below(2_000);
    expect(seen.size, `kinds of outcome: ${[...seen].join(" ")}`).to.be.at.least(10);
    expect(seen.get("compiled") ?? 0, "mutations that only change weights").to.be.above(0);
  });
});
