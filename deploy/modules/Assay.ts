import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

const ZERO = "0x0000000000000000000000000000000000000000";
const DAY = 24 * 60 * 60;

/**
 * Registries, adapters and the hub: everything that is the same on every chain. The node registry takes SIGNATURE
 * evidence, the enclave registry TEE evidence; what it is made of beside itself is its policies' code, the verifier of P-256
 * and RSA keys, and the canonical binding.
 */
export default buildModule("Assay", (m) => {
  const owner = m.getParameter("owner", m.getAccount(0));
  const bondToken = m.getParameter("bondToken", ZERO);
  const minBond = m.getParameter("minBond", 10n ** 17n);
  const unbondingDelay = m.getParameter("unbondingDelay", 21 * DAY);
  const feeBps = m.getParameter("feeBps", 0);
  const feeRecipient = m.getParameter("feeRecipient", ZERO);

  const modelRegistry = m.contract("ModelRegistry");
  const nodeRegistry = m.contract("NodeRegistry", [bondToken, minBond, unbondingDelay, owner]);
  const enclavePolicies = m.contract("EnclavePolicies");
  const receiptKeyVerifier = m.contract("ReceiptKeyVerifier");
  const canonicalBinding = m.contract("CanonicalBinding");
  const enclaveRegistry = m.contract("EnclaveRegistry", [enclavePolicies, receiptKeyVerifier, canonicalBinding]);
  const zkmlAdapter = m.contract("ZkmlAdapter", [modelRegistry]);
  const hub = m.contract("InferenceHub", [
    owner,
    modelRegistry,
    nodeRegistry,
    feeBps,
    feeRecipient,
    [nodeRegistry, enclaveRegistry, zkmlAdapter],
  ]);
  return {
    modelRegistry,
    nodeRegistry,
    enclavePolicies,
    receiptKeyVerifier,
    canonicalBinding,
    enclaveRegistry,
    zkmlAdapter,
    hub,
  };
});
