import { expect } from "chai";
import { keccak256, sha256 } from "ethers";

import {
  bytes,
  certificate,
  constraints,
  crl,
  extension,
  head,
  keyUsage,
  makeKey,
  map,
  name,
  text,
} from "../../../../scripts/fixtures/nitro-pki.ts";
import { verifyNitro } from "../../../../sdk/src/attestation/nitro/verify.ts";
import { deployNitro } from "./deploy.ts";
import { answerOf, chainHints, hintsOf, keyOf, signatureOf, tbsOf } from "./support.ts";
import { DAY, documentWith, makeKeys, NOW, pcr, pcrPairs } from "./synthetic.ts";

/** Longest certificate that AWS's definition of the document allows, and longest optional field. */
const MOST = 1024;

/** Keys from the root to the leaf: as many as a document may have. */
const keys = Array.from({ length: 7 }, () => makeKey());

/** The certificate at `index` of the longest chain, of exactly `size` bytes where it is given. */
function link(index: number, size?: number, isLeaf = index === keys.length - 1): Uint8Array {
  const parent = Math.max(index - 1, 0);
  const issue = (padding: number) =>
    certificate({
      signer: keys[parent]!,
      publicKey: keys[index]!.publicKey,
      issuer: name(`${parent}.test`),
      subject: name(`${index}.test`),
      // 20 bytes, and one that keeps it positive.
      serial: (1n << 160n) - 1n - BigInt(index),
      notBefore: NOW - DAY,
      notAfter: NOW + DAY,
      extensions: [
        isLeaf ? constraints(false) : constraints(true),
        keyUsage(isLeaf ? 0x80 : 0x86),
        extension("2a03", new Uint8Array(padding)),
      ],
    });
  for (let padding = size === undefined ? 0 : size - issue(256).length + 256; ;) {
    const made = issue(padding);
    // The numbers of a signature have no fixed length.
    if (size === undefined || made.length === size) return made;
  }
}

describe("NitroVerifier at the limits of what AWS defines", function () {
  this.timeout(120_000);
  const root = link(0, MOST);
  const chain = [root, ...keys.slice(1).map((_, i) => link(i + 1, MOST))];
  const data = Uint8Array.from({ length: MOST }, (_, i) => i % 251);
  const pcrs = [...pcrPairs(), ...Array.from({ length: 16 }, (_, i) => [head(0, 16 + i), bytes(pcr(i))] as const)];
  const longest = {
    // 64 bytes.
    module_id: text(`i-${"0123456789abcdef0".repeat(2)}-enc${"9af".repeat(8)}`),
    pcrs: map(pcrs, true),
    public_key: bytes(data),
    user_data: bytes(data.slice(1)),
    nonce: bytes(data.subarray(0, MOST)),
  };
  const leafKeys = { ...makeKeys(), leaf: keys.at(-1)! };
  const document = Buffer.concat([Buffer.of(0xd2), documentWith(leafKeys, chain, longest)]);

  it("takes the longest document in one transaction, cold and with its chain remembered, as the SDK does", async function () {
    expect(chain.map(({ length }) => length)).to.deep.equal(chain.map(() => MOST));
    const { certificates, ethers, networkHelpers, prove, verifier } = await deployNitro(NOW - 100, root);
    await networkHelpers.time.increaseTo(NOW);
    const cold = hintsOf(document, prove);
    const claims = await verifier.verify(document, cold);
    expect(claims.keyHash).to.equal(keccak256(data));
    expect(claims.bind0).to.equal(sha256(data.slice(1)));
    expect(claims.bind1).to.equal(sha256(data));
    const twin = await verifyNitro(document, { at: NOW, root: keccak256(root) });
    for (const [field, value] of Object.entries(twin.claims)) {
      expect(`${claims[field as keyof typeof twin.claims]}`, field).to.equal(`${value}`);
    }
    const [sender] = await ethers.getSigners();
    const sent = await sender!.sendTransaction({
      to: await verifier.getAddress(),
      data: verifier.interface.encodeFunctionData("verify", [document, cold]),
      gasLimit: 16_777_216,
    });
    console.log(`        ${document.length} bytes, cold ${(await sent.wait())!.gasUsed} gas`);
    await certificates.cacheCertificates(chain.slice(1), chainHints(chain, prove));
    expect(await verifier.verify(document, hintsOf(document, prove, { cached: true }))).to.deep.equal(claims);
  });

  it("takes a revocation list of the sixth authority below the root, and no leaf below it", async function () {
    const { certificates, networkHelpers, prove } = await deployNitro(NOW - 100, root);
    await networkHelpers.time.increaseTo(NOW);
    const authorities = [root, ...keys.slice(1).map((_, i) => link(i + 1, undefined, false))];
    const list = crl({
      signer: keys[6]!,
      issuer: name("6.test"),
      thisUpdate: NOW - 1,
      nextUpdate: NOW + DAY,
      serials: [1n],
    });
    const last = prove(tbsOf(list), signatureOf(list), keyOf(authorities[6]!));
    const hints = [...chainHints(authorities, prove), last];
    expect(await answerOf(certificates.postRevocations(authorities.slice(1), list, hints))).to.equal("ok");
    const leafBelow = certificate({
      signer: keys[6]!,
      publicKey: makeKey().publicKey,
      issuer: name("6.test"),
      subject: name("7.test"),
      notBefore: NOW - DAY,
      notAfter: NOW + DAY,
      extensions: [constraints(false), keyUsage(0x80)],
    });
    const answer = await answerOf(certificates.checkChain([...authorities, leafBelow], "0x"));
    expect(answer).to.equal("ChainLengthInvalid(8, 6)");
  });
});
