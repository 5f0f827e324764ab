import { curves, type Curve } from "snarkjs";

import { buildTaskRunner } from "./task-runner.ts";

/** Where snarkjs looks for a curve before it builds one with threads. */
const held = globalThis as { curve_bn128?: Curve | null };

let users = 0;
let threaded: Promise<Curve> | undefined;
let single: Promise<Curve> | undefined;

/**
 * Borrows snarkjs's BN254 curve, and makes it the one that every call into snarkjs takes until the last borrower gives it
 * back. Without a borrower each call would leave its workers running.
 *
 * @param threads `one`: in this thread, in a third of the memory and without the time that workers take to start; for work
 * of less than about a second. `all`: with a worker for each core, which keep the process alive. While anybody has
 * borrowed that one, everybody gets it.
 */
export async function borrowCurve(threads: "all" | "one" = "all"): Promise<Curve> {
  users++;
  if (threads === "all") threaded ??= buildThreaded();
  return await (threaded ?? (single ??= buildSingle()));
}

/** Gives the curve back; the last one ends the workers. */
export async function returnCurve(): Promise<void> {
  users--;
  if (users > 0) return;
  const [workers, alone] = [threaded, single];
  threaded = undefined;
  single = undefined;
  const curve = await alone;
  if (held.curve_bn128 === curve) held.curve_bn128 = null;
  await (await workers)?.terminate();
}

/** A curve without workers, whose tasks run in the thread that made it. */
export async function buildSingleCurve(): Promise<Curve> {
  const curve = await curves.getCurveFromName("bn128", { singleThread: true });
  if (curve.tm.code === undefined)
    throw new Error("this version of ffjavascript keeps no code on a single-threaded curve");
  curve.tm.taskManager = await buildTaskRunner(curve.tm.code);
  return curve;
}

async function buildSingle(): Promise<Curve> {
  const curve = await buildSingleCurve();
  held.curve_bn128 ??= curve;
  return curve;
}

async function buildThreaded(): Promise<Curve> {
  // Proofs that run on the single-threaded curve must find one until this one is there.
  const before = held.curve_bn128 ?? null;
  held.curve_bn128 = null;
  const building = curves.getCurveFromName("bn128");
  held.curve_bn128 = before;
  return await building;
}
