import { definePlugin } from "hardhat/plugins";
import type { HardhatPlugin } from "hardhat/types/plugins";

import { enclave } from "./enclave/declare.ts";
import { evidence } from "./enclave/evidence/declare.ts";
import { infer } from "./infer/declare.ts";
import { model } from "./model/declare.ts";
import { node } from "./node/declare.ts";
import { runner } from "./runner/declare.ts";
import { ceremony } from "./zkml/ceremony/declare.ts";
import { zkml } from "./zkml/declare.ts";

/** Assay's Hardhat plugin: every task is declared here and loads its code when it runs. */
const assay: HardhatPlugin = definePlugin({
  id: "assay",
  dependencies: () => [import("@nomicfoundation/hardhat-ethers"), import("@nomicfoundation/hardhat-ignition")],
  tasks: [...zkml, ...ceremony, ...model, ...node, ...enclave, ...evidence, ...infer, ...runner],
});

export default assay;
