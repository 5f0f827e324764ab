import { curves, type Curve } from "snarkjs";

let users = 0;
let pending: Promise<Curve> | undefined;

/**
 * Borrows snarkjs's BN254 curve, whose worker threads keep the process alive until the last borrower gives it back.
 * Without a borrower each call into snarkjs would leave its workers running.
 */
export async function borrowCurve(): Promise<Curve> {
  users++;
  pending ??= curves.getCurveFromName("bn128");
  return await pending;
}

/** Gives the curve back; the last one ends the workers. */
export async function returnCurve(): Promise<void> {
  users--;
  if (users > 0) return;
  const curve = pending;
  pending = undefined;
  await (await curve)?.terminate();
}
