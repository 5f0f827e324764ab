import { measureAccuracy } from "../accuracy.ts";
import { createWorld } from "../support/world.ts";
import { attestationFigures } from "./attestation/index.ts";
import { gasFigures } from "./gas.ts";
import { networkConstraints, networkTimes } from "./networks.ts";
import { recordedFigures } from "./recorded.ts";
import { sharedFigures } from "./shared-models.ts";
import { zkFigures } from "./zk.ts";

/** A fixed clock, so that times in calldata cost the same gas in every run. */
const INITIAL_DATE = new Date("2026-01-01T00:00:00Z");

/** Every figure of the project, by key. */
export type Figures = Readonly<Record<string, number>>;

/** Measures what is the same in every run, and unless `stableOnly` also what depends on the machine. */
export async function measureFigures(
  onStep: (step: string) => void,
  {
    stableOnly = false,
    withoutShared = false,
  }: { readonly stableOnly?: boolean; readonly withoutShared?: boolean } = {},
): Promise<Figures> {
  const world = await createWorld(onStep, { initialDate: INITIAL_DATE });
  try {
    const gas = { ...(await gasFigures(world, onStep)), ...(await attestationFigures(onStep)) };
    const { constraints, words } = world.folder.circuit;
    const sizes = await networkConstraints(onStep);
    if (stableOnly) return { ...gas, "zk.digits.constraints": constraints.total, "zk.digits.words": words, ...sizes };
    const zk = await zkFigures(world, onStep);
    onStep("accuracy of the digits model");
    const accuracy = await measureAccuracy();
    return {
      ...gas,
      ...zk,
      ...sizes,
      ...(await networkTimes(onStep)),
      ...(await recordedFigures()),
      ...(withoutShared ? {} : await sharedFigures(onStep)),
      "model.digits.accuracy.float": accuracy.float,
      "model.digits.accuracy.integer": accuracy.integer,
    };
  } finally {
    await world.close();
  }
}
