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
  "zk.mlp784.constraints": 7_500,
  "zk.mnistcnn.constraints": 85_000,
  "zk.lenet5.constraints": 131_072,
  "zk.mlp784.prove.s": 0.4,
  "zk.lenet5.prove.s": 5,
  "zk.lenet5.rss.mb": 1_500,
  "zk.setup.dev.2e17.s": 90,
};
