import { heldOutImages } from "../support/digits.ts";
import type { World } from "../support/world.ts";

const RUNS = 20;

/** Size of the digits circuit, and the time of a warm proof: median of 20, witness included, milliseconds. */
export async function zkFigures(world: World, onStep: (step: string) => void): Promise<Record<string, number>> {
  const { constraints, words } = world.folder.circuit;
  const images = await heldOutImages();
  const times: number[] = [];
  for (let run = 0; run <= RUNS; run++) {
    onStep(`proof ${run} of ${RUNS}`);
    const input = world.encodeImage(images[run]!.pixels);
    const output = world.answer(input);
    const started = performance.now();
    await world.prover.prove({ context: new Uint8Array(31).fill(run), input, output });
    // The first run warms up.
    if (run > 0) times.push(performance.now() - started);
  }
  times.sort((a, b) => a - b);
  return {
    "zk.digits.constraints": constraints.total,
    "zk.digits.words": words,
    "zk.digits.prove.ms": Math.round((times[RUNS / 2 - 1]! + times[RUNS / 2]!) / 2),
  };
}
