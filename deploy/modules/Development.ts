import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

import Assay from "./Assay.ts";

/** Assay and the verifier of the development root; its constructor refuses every chain that is not local. */
export default buildModule("Development", (m) => {
  const assay = m.useModule(Assay);
  const developmentVerifier = m.contract("DevelopmentVerifier");
  return { ...assay, developmentVerifier };
});
