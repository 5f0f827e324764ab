import { expect } from "chai";
import { AbiCoder, concat, hexlify, id, keccak256, sha256, zeroPadBytes, ZeroHash } from "ethers";

import { deployNitro } from "./deploy.ts";
import { answerOf, chainHints, chainOf, cut, hintsOf, open } from "./support.ts";
import type { Opened } from "./support.ts";
import { hasShared, isThere, readVector, SHARED, VECTORS } from "./vectors.ts";

const FORMAT = id("aws.nitro/1");

/** The value of a field, undefined where it is null. */
function field({ whole, parts }: Opened, path: string): Uint8Array | undefined {
  const part = parts.find((one) => one.path === path);
  return part && whole[part.start] !== 0xf6 ? cut(whole, part) : undefined;
}

/** PCR `index` as two words. */
function words(opened: Opened, index: number): string[] {
  const pcr = field(opened, `pcr ${index}`)!;
  return [hexlify(pcr.slice(0, 32)), zeroPadBytes(pcr.slice(32), 32)];
}

describe("NitroVerifier on documents of AWS", function () {
  this.timeout(120_000);

  if (!hasShared) {
    it("finds the documents kept beside the repository", function () {
      console.log(`        skipped: there is no folder ${SHARED.pathname}; two documents are inside`);
      this.skip();
    });
  }

  for (const { file, from, until, issuedAt, debug } of VECTORS.filter(({ file: name }) => isThere(name))) {
    it(`${file}: accepted inside its window, cold and with its chain remembered, and not outside`, async function () {
      const document = readVector(file);
      const opened = open(document);
      const { certificates, verifier, networkHelpers, prove } = await deployNitro(from - 100);
      const cold = hintsOf(document, prove);
      const answer = (hints = cold) => answerOf(verifier.verify(document, hints));
      const at = (time: number) => networkHelpers.time.increaseTo(time);

      await at(from - 1);
      expect(await answer()).to.equal(`CertificateNotCurrent(4, ${from}, ${until})`);
      if (issuedAt > from) {
        await at(issuedAt - 1);
        expect(await answer()).to.equal(`IssuedAtInvalid(${issuedAt}, ${from}, ${until}, ${issuedAt - 1})`);
      }
      await at(issuedAt);
      expect(await answer()).to.equal("ok");

      const claims = await verifier.verify(document, cold);
      const pcrs = [0, 1, 2, 8].flatMap((index) => words(opened, index));
      expect(claims.format).to.equal(FORMAT);
      const types = ["bytes32", ...pcrs.map(() => "bytes32")];
      expect(claims.measurement).to.equal(keccak256(AbiCoder.defaultAbiCoder().encode(types, [FORMAT, ...pcrs])));
      const role = words(opened, 3);
      expect(claims.config).to.equal(BigInt(concat(role)) === 0n ? ZeroHash : keccak256(concat(role)));
      const [instance] = Buffer.from(field(opened, "module_id")!).toString().split("-enc");
      expect(claims.platform).to.equal(id(instance!));
      for (const [name, value, hash] of [
        ["user_data", claims.bind0, sha256],
        ["nonce", claims.bind1, sha256],
        ["public_key", claims.keyHash, keccak256],
      ] as const) {
        const data = field(opened, name);
        expect(value, name).to.equal(data ? hash(data) : ZeroHash);
      }
      expect(claims.issuedAt).to.equal(issuedAt);
      expect(claims.notAfter).to.equal(until);
      expect(claims.flags).to.equal(debug ? 1 : 0);
      expect([claims.tcbEval, claims.tcbStatus, BigInt(claims.advisories)]).to.deep.equal([0n, 0n, 0n]);

      // The same with the tag of COSE_Sign1 before it.
      const tagged = concat([Uint8Array.of(0xd2), document]);
      expect(await verifier.verify(tagged, cold)).to.deep.equal(claims);

      const chain = chainOf(document);
      await certificates.cacheCertificates(chain.slice(1), chainHints(chain, prove));
      const warm = hintsOf(document, prove, { cached: true });
      expect(await verifier.verify(document, warm)).to.deep.equal(claims);
      expect(await verifier.verify(document, cold)).to.deep.equal(claims);

      await at(until);
      expect([await answer(), await answer(warm)]).to.deep.equal(["ok", "ok"]);
      await at(until + 1);
      const late = `CertificateNotCurrent(4, ${from}, ${until})`;
      expect([await answer(), await answer(warm)]).to.deep.equal([late, late]);
    });
  }
});
