import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

import Bindings from "./Bindings.ts";

/**
 * Verifiers of evidence of real hardware under the vendors' own roots, the stores of what vendors sign, and the binding
 * schemes. Nothing of it has an owner or belongs to one registry: one deployment serves all of a chain. A policy lists the
 * verifiers that it takes.
 */
export default buildModule("Attestation", (m) => {
  const bindings = m.useModule(Bindings);
  const p384Verifier = m.contract("P384Verifier");
  const nitroCertificates = m.contract("NitroCertificates", [p384Verifier]);
  const nitroVerifier = m.contract("NitroVerifier", [nitroCertificates]);
  // Its constructor makes the decoder of certificates.
  const intelDcapCertificates = m.contract("IntelDcapCertificates");
  const dcapCollateral = m.contract("DcapCollateral", [intelDcapCertificates]);
  const sgxVerifier = m.contract("SgxVerifier", [dcapCollateral]);
  const tdxVerifier = m.contract("TdxVerifier", [dcapCollateral]);
  return {
    ...bindings,
    p384Verifier,
    nitroCertificates,
    nitroVerifier,
    intelDcapCertificates,
    dcapCollateral,
    sgxVerifier,
    tdxVerifier,
  };
});
