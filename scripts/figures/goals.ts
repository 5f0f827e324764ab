/** The least that a figure may be; all others are limits from above. */
export const LEAST: Readonly<Record<string, number>> = {
  "zk.onnx.shared": 44,
  "zk.vs.ezkl.time": 3,
  "zk.vs.ezkl.memory": 3,
};

/** Whether a figure reaches its goal; undefined where it has none. */
export function reached(key: string, value: number): boolean | undefined {
  const [most, least] = [GOALS[key], LEAST[key]];
  if (most !== undefined) return value <= most;
  return least === undefined ? undefined : value >= least;
}

/** The most that a figure may be. Gas on hardfork osaka; milliseconds on two cores. */
export const GOALS: Readonly<Record<string, number>> = {
  "gas.request.32": 58_000,
  "gas.fulfil.signature": 45_000,
  "gas.fulfil.signature.callback": 55_000,
  "gas.fulfil.tee": 55_000,
  "gas.fulfil.zkml": 285_000,
  "gas.zkml.784": 285_000,
  "gas.groth16.verify.1": 222_000,
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
  "gas.sha384.block": 35_000,
  "gas.p384.verify": 1_900_000,
  "gas.nitro.document.warm": 3_400_000,
  "gas.nitro.cold": 12_000_000,
  "gas.tdx.verify": 300_000,
  "gas.tdx.register": 500_000,
  "gas.tdx.tcbinfo": 1_200_000,
  "gas.tdx.pckcrl": 1_000_000,
  "gas.tdx.qeidentity": 300_000,
  "gas.receipt.secp256k1": 12_000,
  "gas.receipt.p256": 17_000,
  "gas.receipt.rsa2048": 75_000,
};
