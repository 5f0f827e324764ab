import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { nitroHints, p384Hints, parseNitroDocument } from "@assay/sdk";
import { p384 } from "@noble/curves/nist.js";
import { getBytes, id } from "ethers";

import { ROOT } from "../../checks/files.ts";
import { chainAt, gasOf } from "../../support/chain.ts";

const DOCUMENT = join(ROOT, "vectors", "tee", "aws-nitro", "opengradient_attestation_doc.b64");
/** A time at which the document is valid. */
const AT = 1_770_919_200;

/** Gas of P-384, SHA-384 and AWS Nitro documents; whole transactions but for the hash. */
export async function nitroFigures(): Promise<Record<string, number>> {
  const evidence = new Uint8Array(Buffer.from(await readFile(DOCUMENT, "latin1"), "base64"));
  const connection = await chainAt(AT);
  try {
    const { ethers } = connection;
    const sha = await ethers.deployContract("Sha2Harness");
    const [long, short] = await Promise.all([12_800, 1_280].map((n) => sha.gasOfSha384(new Uint8Array(n).fill(7))));
    const curve = await ethers.deployContract("P384Verifier");
    const certificates = await ethers.deployContract("NitroCertificates", [curve]);
    const verifier = await ethers.deployContract("NitroVerifier", [certificates]);

    const secret = getBytes(`${id("figure key")}${id("more").slice(2, 34)}`);
    const message = getBytes(id("message"));
    const signature = p384.sign(message, secret, { lowS: false });
    const publicKey = p384.getPublicKey(secret, false).slice(1);
    const hints = p384Hints({ message }, signature, publicKey);
    const call = curve.interface.encodeFunctionData("verify", [message, signature, publicKey, hints]);
    const one = await gasOf(ethers, await curve.getAddress(), call);

    const verify = async (given: Uint8Array): Promise<number> =>
      await gasOf(
        ethers,
        await verifier.getAddress(),
        verifier.interface.encodeFunctionData("verify", [evidence, given]),
      );
    const cold = await verify(nitroHints(evidence));
    const { chain } = parseNitroDocument(evidence);
    const cache = await gasOf(
      ethers,
      await certificates.getAddress(),
      certificates.interface.encodeFunctionData("cacheCertificates", [
        [...chain.slice(1)],
        [...certificateHints(nitroHints(evidence))],
      ]),
    );
    return {
      "gas.sha384.block": Math.round(Number((long ?? 0n) - (short ?? 0n)) / 90),
      "gas.p384.verify": one - 21_000,
      "gas.nitro.document.warm": await verify(nitroHints(evidence, { cached: 4 })),
      "gas.nitro.cold": cold,
      "gas.nitro.cache": cache,
    };
  } finally {
    await connection.close();
  }
}

/** Those of the four certificates, out of what has the document's behind them. */
function certificateHints(hints: Uint8Array): readonly Uint8Array[] {
  const view = new DataView(hints.buffer, hints.byteOffset);
  const parts: Uint8Array[] = [];
  for (let at = 0; parts.length < 4;) {
    const end = at + 4 + view.getUint32(at);
    parts.push(hints.slice(at + 4, end));
    at = end;
  }
  return parts;
}
