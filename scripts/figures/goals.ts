/** The most that a figure may be. Gas on hardfork osaka; milliseconds on two cores. */
export const GOALS: Readonly<Record<string, number>> = {
  "gas.request.32": 58_000,
  "gas.fulfil.signature": 45_000,
  "gas.fulfil.signature.callback": 55_000,
  "gas.fulfil.tee": 55_000,
  "gas.fulfil.zkml": 285_000,
  "gas.settleSigned.signature": 60_000,
  "gas.reclaim": 45_000,
  "zk.digits.constraints": 2_600,
  "zk.digits.prove.ms": 700,
};
