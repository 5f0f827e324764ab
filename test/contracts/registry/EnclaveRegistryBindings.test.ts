import { createHash } from "node:crypto";

import { ChangeKind, keyIdOf, measurementChange, policyChange, testPolicyTerms } from "@assay/nodes/enclave";
import { expect } from "chai";
import { concat, getBytes, id, keccak256, sha256, zeroPadBytes, ZeroHash } from "ethers";
import { network } from "hardhat";

import { deployEnclaveRegistry, echoed, registrationOf } from "../../../scripts/support/enclave-registry.ts";
import { p256Key, rsaKey, secp256k1Key, type TestKey } from "../../../scripts/support/receipt-keys.ts";

const YEAR = 365 * 24 * 3600;
const MAX_EVIDENCE_AGE = 300;
const SCHEMES = ["CanonicalBinding", "AddressNonceBinding", "NitroPublicKeyBinding", "NitridingBinding"] as const;
type Scheme = (typeof SCHEMES)[number];

const sha = (data: string | Uint8Array) => sha256(typeof data === "string" ? data : Uint8Array.from(data));
const TLS = createHash("sha256").update("a certificate").digest();

/** A policy that takes every scheme, with a limit to the age of evidence. */
async function deploy(maxEvidenceAge = MAX_EVIDENCE_AGE) {
  const { ethers } = await network.create();
  const [operator, thief] = await ethers.getSigners();
  const deployed = await deployEnclaveRegistry(ethers);
  const { registry, canonical } = deployed;
  const verifier = await (await ethers.deployContract("EchoVerifier", [id("echo")])).getAddress();
  const at = {} as Record<Scheme, string>;
  for (const name of SCHEMES) {
    const scheme = name === "CanonicalBinding" ? canonical : await ethers.deployContract(name);
    at[name] = await scheme.getAddress();
  }
  const errors = await ethers.getContractAt("IBindingScheme", at.CanonicalBinding);
  const now = (await ethers.provider.getBlock("latest"))!.timestamp;
  await registry.createPolicy(
    { ...testPolicyTerms(YEAR), maxEvidenceAge },
    [
      policyChange(ChangeKind.Verifier, verifier),
      ...Object.values(at).map((scheme) => policyChange(ChangeKind.Scheme, scheme)),
      measurementChange(id("measurement"), 0, now + YEAR),
    ],
    ZeroHash,
  );
  const policy = await registry.policyIdOf(operator!, ZeroHash);
  const block = (await ethers.provider.getBlock("latest"))!;

  /** Sends `fields` as claims for `key`; `by` signs and sends. */
  const register = async (
    scheme: Scheme,
    key: TestKey,
    fields: (context: string, challenge: string) => Record<string, unknown>,
    { aux = "0x", by = operator!, signer = key }: { aux?: string; by?: typeof operator; signer?: TestKey } = {},
  ) => {
    const registration = await registrationOf(deployed, {
      policy,
      operator: by!.address,
      verifier,
      scheme: at[scheme],
      key: { ...key, sign: (digest) => signer.sign(digest) },
      evidenceOf: (context, challenge) => echoed(fields(context, challenge)),
      aux,
    });
    return await registry.connect(by).registerKey(registration);
  };
  const valid = async (key: TestKey) => await registry.requireValidKey(policy, keyIdOf(key));
  return { block, errors, operator: operator!, register, registry, thief: thief!, valid };
}

describe("binding schemes", function () {
  it("canonical: the context in the report data, or as user data of which only the hash is told", async function () {
    const { errors, register, valid } = await deploy();
    for (const make of [secp256k1Key, () => p256Key(true), () => rsaKey(2048)]) {
      const key = make();
      await register("CanonicalBinding", key, (context) => ({ bind0: context }));
      await valid(key);
      const second = make();
      await register("CanonicalBinding", second, (context) => ({ bind0: sha(context) }));
      await valid(second);
      for (const bind0 of [sha, keccak256, () => ZeroHash]) {
        const other = (context: string) => ({ bind0: bind0 === sha ? sha(sha(context)) : bind0(context) });
        await expect(register("CanonicalBinding", make(), other)).to.be.revertedWithCustomError(
          errors,
          "BindingMismatch",
        );
      }
    }
    const aux = { aux: "0x00" };
    await expect(
      register("CanonicalBinding", secp256k1Key(), (context) => ({ bind0: context }), aux),
    ).to.be.revertedWithCustomError(errors, "AuxLengthInvalid");
  });

  it("address and nonce: the nonce is the challenge, whatever else is in the evidence", async function () {
    const { errors, register, valid } = await deploy();
    const key = secp256k1Key();
    const bind0 = zeroPadBytes(key.data, 32);
    const mismatch = async (fields: (context: string, challenge: string) => Record<string, unknown>) => {
      await expect(register("AddressNonceBinding", key, fields)).to.be.revertedWithCustomError(
        errors,
        "BindingMismatch",
      );
    };
    await mismatch((context) => ({ bind0, bind1: context }));
    await mismatch(() => ({ bind0, bind1: ZeroHash }));
    await mismatch((_, bind1) => ({ bind0: zeroPadBytes(secp256k1Key().data, 32), bind1 }));
    await mismatch((_, bind1) => ({ bind0: `${bind0.slice(0, -2)}01`, bind1 }));
    await register("AddressNonceBinding", key, (_, bind1) => ({ bind0, bind1 }));
    await valid(key);
    await expect(register("AddressNonceBinding", p256Key(true), () => ({}))).to.be.revertedWithCustomError(
      errors,
      "KeyKindUnsupported",
    );
  });

  it("Nitro's public key: the key in its field, and the age by the evidence's own time", async function () {
    const { block, errors, register, registry, valid } = await deploy();
    for (const make of [secp256k1Key, () => p256Key(false)]) {
      const key = make();
      const keyHash = keccak256(key.point);
      const issuedAt = block.timestamp;
      await expect(
        register("NitroPublicKeyBinding", key, () => ({ keyHash: keccak256(make().point), issuedAt })),
      ).to.be.revertedWithCustomError(errors, "BindingMismatch");
      await expect(
        register("NitroPublicKeyBinding", key, () => ({ keyHash: ZeroHash, issuedAt })),
      ).to.be.revertedWithCustomError(errors, "BindingMismatch");
      for (const old of [0, issuedAt - MAX_EVIDENCE_AGE - 1]) {
        await expect(
          register("NitroPublicKeyBinding", key, () => ({ keyHash, issuedAt: old })),
        ).to.be.revertedWithCustomError(registry, "EvidenceAgeInvalid");
      }
      await register("NitroPublicKeyBinding", key, () => ({ keyHash, issuedAt }));
      await valid(key);
    }
    await expect(register("NitroPublicKeyBinding", rsaKey(2048), () => ({}))).to.be.revertedWithCustomError(
      errors,
      "KeyKindUnsupported",
    );
  });

  it("nitriding: user data of 68 bytes with the hashes of certificate and key", async function () {
    const { block, errors, register, registry, valid } = await deploy();
    const issuedAt = block.timestamp;
    for (const make of [() => rsaKey(2048), () => rsaKey(4096), () => p256Key(false), secp256k1Key]) {
      const key = make();
      // As nitriding makes it: two multihashes, the key's of the DER that Node gives.
      const userData = concat(["0x1220", TLS, "0x1220", sha(key.spki)]);
      expect(getBytes(userData).length).to.equal(68);
      const bind0 = sha(userData);
      const aux = key.kind === 1 ? concat([TLS, key.point]) : concat([TLS]);
      const fields = () => ({ bind0, issuedAt });
      for (const wrong of [concat([ZeroHash, `0x${aux.slice(66)}`]), concat([TLS, getBytes(aux).slice(32).fill(7)])]) {
        if (wrong === aux) continue;
        await expect(register("NitridingBinding", key, fields, { aux: wrong })).to.be.revertedWithCustomError(
          errors,
          "BindingMismatch",
        );
      }
      await expect(
        register("NitridingBinding", key, fields, { aux: concat([aux, "0x00"]) }),
      ).to.be.revertedWithCustomError(errors, "AuxLengthInvalid");
      await expect(
        register("NitridingBinding", key, () => ({ bind0, issuedAt: 0 }), { aux }),
      ).to.be.revertedWithCustomError(registry, "EvidenceAgeInvalid");
      await register("NitridingBinding", key, fields, { aux });
      await valid(key);
    }
  });

  it("of evidence that does not name the operator is no use to anyone without the key", async function () {
    const { block, errors, register, registry, thief, valid } = await deploy();
    const issuedAt = block.timestamp;
    const [key, own] = [secp256k1Key(), secp256k1Key()];
    const fields = () => ({ keyHash: keccak256(key.point), issuedAt });
    // The document is public; the thief cannot sign for its key, and his own key is not in it.
    await expect(
      register("NitroPublicKeyBinding", key, fields, { by: thief, signer: own }),
    ).to.be.revertedWithCustomError(registry, "KeyProofInvalid");
    await expect(register("NitroPublicKeyBinding", own, fields, { by: thief })).to.be.revertedWithCustomError(
      errors,
      "BindingMismatch",
    );
    await register("NitroPublicKeyBinding", key, fields);
    await valid(key);
  });

  it("without a limit to the age of evidence, schemes without a challenge are refused", async function () {
    const { block, register, registry } = await deploy(0);
    const key = secp256k1Key();
    const fields = () => ({ keyHash: keccak256(key.point), issuedAt: block.timestamp });
    await expect(register("NitroPublicKeyBinding", key, fields)).to.be.revertedWithCustomError(
      registry,
      "EvidenceAgeInvalid",
    );
  });
});
