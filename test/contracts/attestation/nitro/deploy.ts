import { concat, keccak256 } from "ethers";
import { network } from "hardhat";

import { P384SignatureError } from "../../../../sdk/src/attestation/p384/errors.ts";
import { p384Hints } from "../../../../sdk/src/attestation/p384/hints.ts";
import { P384_HINT_BYTES } from "../../../../sdk/src/attestation/p384/layout.ts";
import type { Prover } from "./support.ts";

const known = new Map<string, Uint8Array>();

/** Hints of a signature that holds; where it does not there are none, and others of their length stand in. */
const prove: Prover = (message, signature, publicKey) => {
  const label = keccak256(concat([keccak256(message), signature, publicKey]));
  const hints = known.get(label) ?? make(message, signature, publicKey);
  known.set(label, hints);
  return hints;
};

function make(message: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): Uint8Array {
  try {
    return p384Hints({ message }, signature, publicKey);
  } catch (error) {
    if (!(error instanceof P384SignatureError)) throw error;
    return new Uint8Array(P384_HINT_BYTES);
  }
}

/** A fresh chain whose first block has the time `start`, with the Nitro contracts, under AWS's root or `root`. */
export async function deployNitro(start: number, root?: Uint8Array) {
  const { ethers, networkHelpers } = await network.create({
    network: "default",
    // Calls that change evidence many times over take more gas than a transaction may.
    override: { initialDate: new Date(start * 1000), blockGasLimit: 1_000_000_000n, transactionGasCap: false },
  });
  const p384 = await ethers.deployContract("P384Verifier");
  const certificates = root
    ? await ethers.deployContract("TestRootNitroCertificates", [p384, root])
    : await ethers.deployContract("NitroCertificates", [p384]);
  const verifier = await ethers.deployContract("NitroVerifier", [certificates]);
  return { ethers, networkHelpers, certificates, verifier, prove };
}
