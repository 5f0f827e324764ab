import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

/**
 * Binding schemes for enclaves that run already and attest in their own form. Stateless and for every registry of a chain;
 * a policy lists those that it takes.
 */
export default buildModule("Bindings", (m) => {
  const addressNonceBinding = m.contract("AddressNonceBinding");
  const nitridingBinding = m.contract("NitridingBinding");
  const nitroPublicKeyBinding = m.contract("NitroPublicKeyBinding");
  return { addressNonceBinding, nitridingBinding, nitroPublicKeyBinding };
});
