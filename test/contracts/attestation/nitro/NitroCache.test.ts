import { expect } from "chai";
import { ZeroHash } from "ethers";

import {
  crl,
  der,
  extension,
  hex,
  integer,
  keyUsage,
  constraints,
  makeKey,
  name,
  time,
  twinOf,
  withSignature,
} from "../../../../scripts/fixtures/nitro-pki.ts";
import type { CrlOptions } from "../../../../scripts/fixtures/nitro-pki.ts";
import { deployNitro } from "./deploy.ts";
import { answerOf, chainHints, chainOf, encodeHints, hintsOf, keyOf, signatureOf, tbsOf } from "./support.ts";
import { certificateOf, chainWith, DAY, documentWith, makeKeys, NOW } from "./synthetic.ts";

const keys = makeKeys();
const chain = chainWith(keys);
const ROOT = chain[0]!;

const EMPTY = new Uint8Array();

async function deploy() {
  const world = await deployNitro(NOW - DAY, ROOT);
  const { certificates, networkHelpers, prove } = world;
  await networkHelpers.time.increaseTo(NOW);
  const cache = async (parts: readonly Uint8Array[]) =>
    certificates.cacheCertificates(parts.slice(1), chainHints(parts, prove));
  const check = async (parts: readonly Uint8Array[], hints?: Uint8Array) =>
    answerOf(certificates.checkChain([...parts], hints ?? encodeHints(chainHints(parts, prove))));
  /** Identities of the issuers of the certificates below the root, and ids of these. */
  const idsOf = async (parts: readonly Uint8Array[]) => {
    const ids: string[] = [];
    const issuers: string[] = [];
    const reader = await world.ethers.deployContract("CertificateReader");
    for (const [i, one] of parts.entries()) {
      const { key, subject } = await reader.read(one);
      issuers.push(await certificates.identityOf(subject, key));
      if (i > 0) ids.push(await certificates.certificateIdOf(issuers[i - 1]!, tbsOf(one)));
    }
    return { ids, issuers };
  };
  return { ...world, cache, check, idsOf };
}

const NO_HINTS = encodeHints(chain.slice(1).map(() => EMPTY));

describe("NitroCertificates: what it remembers", function () {
  this.timeout(120_000);

  it("remembers each certificate once, by what it says and who signed it", async function () {
    const { cache, certificates, check, idsOf } = await deploy();
    const { ids, issuers } = await idsOf(chain);
    expect(issuers[0]).to.equal(await certificates.rootIdentity());
    expect(await check(chain, NO_HINTS)).to.equal("CertificateUnknown(1)");
    await expect(cache(chain))
      .to.emit(certificates, "CertificateCached")
      .withArgs(ids[3], issuers[3], issuers[4], NOW + 3 * 3600);
    expect(await check(chain, NO_HINTS)).to.equal("ok");
    expect(await certificates.cachedUntil(ids[3]!)).to.equal(NOW + 3 * 3600);
    expect(await certificates.cachedUntil(ZeroHash)).to.equal(0);
    await expect(cache(chain)).to.not.emit(certificates, "CertificateCached");
    // Nothing else is needed then: no hints, and no other chain to the same authority.
    await certificates.cacheCertificates(
      chain.slice(1),
      chain.slice(1).map(() => EMPTY),
    );
  });

  it("takes the twin of a signature for the same certificate", async function () {
    const { cache, certificates, check, idsOf, prove, verifier } = await deploy();
    const twins = chain.map((one, i) => (i === 0 ? one : withSignature(tbsOf(one), twinOf(signatureOf(one)))));
    await cache(twins);
    expect((await certificates.queryFilter(certificates.filters.CertificateCached)).length).to.equal(4);
    expect((await idsOf(twins)).ids).to.deep.equal((await idsOf(chain)).ids);
    expect(await check(chain, NO_HINTS)).to.equal("ok");
    await expect(cache(chain)).to.not.emit(certificates, "CertificateCached");
    const document = documentWith(keys, chain);
    const hints = hintsOf(document, prove, { cached: true });
    expect(await answerOf(verifier.verify(document, hints))).to.equal("ok");
    // A child remembered below the twin is one below the other.
    const leaf = certificateOf(keys, "leaf", { serial: 99n });
    await cache([...twins.slice(0, 4), leaf]);
    expect(await check([...chain.slice(0, 4), leaf], NO_HINTS)).to.equal("ok");
  });

  it("does not take one that goes on, or under another authority", async function () {
    const { cache, check, certificates, prove } = await deploy();
    const region = chain[1]!;
    const longer = Buffer.concat([region, Buffer.of(0)]);
    const hints = chainHints(chain.slice(0, 2), prove);
    expect(await answerOf(certificates.cacheCertificates([longer], hints))).to.match(/^DerTrailing\(/u);
    expect(await answerOf(cache([ROOT, chain[2]!]))).to.equal("IssuerMismatch(1)");
    // Another region of the same name that the root signed, too.
    const other = { ...keys, region: makeKey() };
    const twin = certificateOf(other, "region");
    await cache(chain);
    await cache([ROOT, twin]);
    const under = [ROOT, twin, ...chain.slice(2)];
    expect(await check(under, NO_HINTS)).to.equal("CertificateUnknown(2)");
    expect(await check(under)).to.equal("SignatureMismatch(2)");
    expect(await check(chain, NO_HINTS)).to.equal("ok");
  });

  it("lets an authority renew its certificate with the same key", async function () {
    const { cache, check, networkHelpers } = await deploy();
    const short = certificateOf(keys, "zone", { notAfter: NOW + 500 });
    await cache([ROOT, chain[1]!, short, ...chain.slice(3)]);
    await networkHelpers.time.increaseTo(NOW + 501);
    expect(await check([ROOT, chain[1]!, short, ...chain.slice(3)], NO_HINTS)).to.equal(
      `CertificateNotCurrent(2, ${NOW - 2 * DAY}, ${NOW + 500})`,
    );
    await cache(chain.slice(0, 3));
    expect(await check(chain, NO_HINTS)).to.equal("ok");
  });

  it("looks at the path again at every use", async function () {
    const { cache, check } = await deploy();
    const region = certificateOf(keys, "region", { extensions: [constraints(true, 0), keyUsage(0x86)] });
    await cache(chain);
    await cache([ROOT, region]);
    expect(await check([ROOT, region, ...chain.slice(2)], NO_HINTS)).to.equal("PathTooLong(2)");
    expect(await check(chain, NO_HINTS)).to.equal("ok");
  });

  it("takes no remembered leaf for an authority, and no authority for a leaf", async function () {
    const { cache, check } = await deploy();
    await cache(chain);
    expect(await check(chain.slice(0, 4), NO_HINTS)).to.equal("AuthorityUnexpected(3, true)");
    expect(await check([...chain, chain[4]!], encodeHints(chain.map(() => EMPTY)))).to.equal(
      "AuthorityUnexpected(4, false)",
    );
    const answer = await answerOf(cache([...chain, chain[4]!]));
    expect(answer).to.equal("AuthorityUnexpected(4, false)");
  });

  it("leaves a transaction good whose certificates somebody has remembered first", async function () {
    const { cache, prove, verifier } = await deploy();
    const document = documentWith(keys, chain);
    const hints = hintsOf(document, prove);
    expect(await answerOf(verifier.verify(document, hints))).to.equal("ok");
    for (let count = 2; count <= 5; ++count) {
      await cache(chainOf(document).slice(0, count));
      expect(await answerOf(verifier.verify(document, hints)), `${count - 1} remembered`).to.equal("ok");
    }
  });

  it("remembers nothing of a chain that is refused at its end", async function () {
    const { cache, certificates, check } = await deploy();
    const bad = [...chain.slice(0, 4), certificateOf(keys, "leaf", { signer: makeKey() })];
    expect(await answerOf(cache(bad))).to.equal("SignatureMismatch(4)");
    expect(await certificates.queryFilter(certificates.filters.CertificateCached)).to.deep.equal([]);
    expect(await check(chain, NO_HINTS)).to.equal("CertificateUnknown(1)");
  });
});

describe("NitroCertificates: revocation", function () {
  this.timeout(120_000);
  const SERIALS = { region: 0xf101n, zone: 0xf102n, instance: 0xf103n, leaf: 0xf104n };

  /** A list of the zone, with `changes`. */
  const listOf = (changes: Partial<CrlOptions> = {}) =>
    crl({
      signer: keys.zone,
      issuer: name("zone.test"),
      thisUpdate: NOW - 100,
      nextUpdate: NOW + 10_000,
      serials: [SERIALS.instance],
      extensions: [extension("551d14", integer(1))],
      ...changes,
    });

  async function deployLists() {
    const world = await deploy();
    const { certificates, prove } = world;
    const post = async (list: Uint8Array, parts: readonly Uint8Array[] = chain.slice(0, 3)) => {
      const last = prove(tbsOf(list), signatureOf(list), keyOf(parts.at(-1)!));
      return certificates.postRevocations(parts.slice(1), list, [...chainHints(parts, prove), last]);
    };
    return { ...world, post, issuers: (await world.idsOf(chain)).issuers };
  }

  it("refuses a revoked certificate, remembered or not, and nothing else", async function () {
    const { cache, certificates, check, issuers, post, prove, verifier } = await deployLists();
    await cache(chain);
    const document = documentWith(keys, chain);
    const hints = hintsOf(document, prove, { cached: true });
    expect(await answerOf(verifier.verify(document, hints))).to.equal("ok");
    const transaction = post(listOf({ serials: [5n, SERIALS.instance, 7n] }));
    await expect(transaction)
      .to.emit(certificates, "RevocationsPosted")
      .withArgs(issuers[2], NOW - 100, NOW + 10_000, 3);
    await expect(transaction).to.emit(certificates, "CertificateRevoked").withArgs(issuers[2], SERIALS.instance);
    const reason = `CertificateIsRevoked(3, "${issuers[2]!}", ${SERIALS.instance})`;
    expect(await answerOf(verifier.verify(document, hints))).to.equal(reason);
    expect(await check(chain)).to.equal(reason);
    expect(await answerOf(cache(chain))).to.equal(reason);
    expect(await certificates.isRevoked(issuers[2]!, 7n)).to.equal(true);
    expect(await certificates.isRevoked(issuers[2]!, 6n)).to.equal(false);
    // The same number of another issuer is another certificate.
    expect(await certificates.isRevoked(issuers[1]!, SERIALS.instance)).to.equal(false);
    expect(await check([...chain.slice(0, 3), certificateOf(keys, "instance", { serial: 1234n }), chain[4]!])).to.equal(
      "ok",
    );
  });

  it("takes the root's list, which needs no chain, and remembers the chain of others", async function () {
    const { certificates, check, issuers, post } = await deployLists();
    await post(listOf());
    expect(await check(chain.slice(0, 3), NO_HINTS)).to.equal("AuthorityUnexpected(2, true)");
    await post(listOf({ signer: keys.root, issuer: name("root.test"), serials: [SERIALS.region] }), [ROOT]);
    expect(await certificates.revocationsOf(issuers[0]!)).to.equal(NOW - 100);
    expect(await check(chain)).to.equal(`CertificateIsRevoked(1, "${issuers[0]!}", ${SERIALS.region})`);
    // Lists of a revoked authority do not count.
    const later = listOf({ thisUpdate: NOW - 50, serials: [1n] });
    expect(await answerOf(post(later))).to.match(/^CertificateIsRevoked\(1, /u);
  });

  it("takes newer lists only, and never forgets", async function () {
    const { certificates, issuers, post } = await deployLists();
    expect(await certificates.revocationsOf(issuers[2]!)).to.equal(0);
    await post(listOf());
    // Numbers of lists need not grow, and do not count.
    await post(listOf({ thisUpdate: NOW - 99, serials: [8n] }));
    for (const thisUpdate of [NOW - 99, NOW - 100, NOW - 5000]) {
      const answer = await answerOf(post(listOf({ thisUpdate, serials: [9n] })));
      expect(answer).to.equal(`RevocationsNotNewer(${thisUpdate}, ${NOW - 99})`);
    }
    await post(listOf({ thisUpdate: NOW - 98, serials: [] }));
    for (const serial of [SERIALS.instance, 8n])
      expect(await certificates.isRevoked(issuers[2]!, serial)).to.equal(true);
    expect(await certificates.isRevoked(issuers[2]!, 9n)).to.equal(false);
    expect(await certificates.revocationsOf(issuers[2]!)).to.equal(NOW - 98);
  });

  it("takes distribution points, and reasons, and the greatest serial number", async function () {
    const { certificates, issuers, post } = await deployLists();
    const point = (...parts: Uint8Array[]) => [extension("551d1c", der(0x30, ...parts), true)];
    const uri = der(0xa0, der(0xa0, der(0x86, Buffer.from("http://crl.test/1.crl"))));
    const reason = [extension("551d15", hex("0a0101"))];
    const serial = (1n << 160n) - 1n;
    await post(listOf({ extensions: point(uri, hex("8201ff")), entryExtensions: reason, serials: [serial] }));
    expect(await certificates.isRevoked(issuers[2]!, serial)).to.equal(true);
  });

  const cases: readonly (readonly [string, Partial<CrlOptions>, string | RegExp])[] = [
    ["of another issuer's name", { issuer: name("region.test") }, "IssuerMismatch(3)"],
    ["of another issuer", { issuer: name("region.test"), signer: keys.region }, "IssuerMismatch(3)"],
    ["with another's signature", { signer: keys.region }, "SignatureMismatch(3)"],
    ["that is to come", { thisUpdate: NOW + 5000 }, `RevocationsNotCurrent(${NOW + 5000}, ${NOW + 10_000})`],
    ["that is over", { nextUpdate: NOW - 1 }, `RevocationsNotCurrent(${NOW - 100}, ${NOW - 1})`],
    ["of version 1", { version: new Uint8Array() }, /^DerTagUnexpected\(\d+, 48, 2\)$/u],
    ["of version 3", { version: integer(2) }, "CrlVersionInvalid(2)"],
    ["of changes", { extensions: [extension("551d1b", integer(1), true)] }, /^CrlExtensionUnsupported\(\d+\)$/u],
    [
      "for other issuers",
      { extensions: [extension("551d1c", der(0x30, hex("8401ff")), true)] },
      /^CrlExtensionUnsupported\(\d+\)$/u,
    ],
    [
      "of attribute certificates",
      { extensions: [extension("551d1c", der(0x30, hex("8501ff")), true)] },
      /^CrlExtensionUnsupported\(\d+\)$/u,
    ],
    [
      "with a point in another order",
      { extensions: [extension("551d1c", der(0x30, hex("8201ff8101ff")), true)] },
      /^CrlExtensionUnsupported\(\d+\)$/u,
    ],
    [
      "with an entry of another issuer",
      { entryExtensions: [extension("551d1d", der(0x30), true)] },
      /^CrlExtensionUnsupported\(\d+\)$/u,
    ],
    ["with an empty list", { entriesDer: der(0x30) }, /^CrlEntriesEmpty\(\d+\)$/u],
    ["with an entry of nothing", { entriesDer: der(0x30, der(0x30)) }, /^DerTruncated\(\d+\)$/u],
    ["with an entry without a date", { entriesDer: der(0x30, der(0x30, integer(1))) }, /^DerTruncated\(\d+\)$/u],
    [
      "with an entry with more",
      { entriesDer: der(0x30, der(0x30, integer(1), time(NOW), der(0x30, extension("2a", hex("00"))), hex("0500"))) },
      /^DerTrailing\(\d+, \d+\)$/u,
    ],
    ["with serial number zero", { serials: [0n] }, "CertificateSerialInvalid()"],
    [
      "with a negative serial number",
      { entriesDer: der(0x30, der(0x30, hex("0201ff"), time(NOW))) },
      /^DerValueInvalid\(\d+\)$/u,
    ],
    ["with a serial number of 21 bytes", { serials: [1n << 160n] }, "CertificateSerialInvalid()"],
    ["without a next one", { nextUpdate: NOW, entriesDer: der(0x30, der(0x31)) }, /^DerTagUnexpected\(\d+, 49, 48\)$/u],
  ];
  it("refuses lists", async function () {
    const { cache, certificates, post } = await deployLists();
    await cache(chain.slice(0, 3));
    for (const [what, changes, reason] of cases) {
      const answer = await answerOf(post(listOf(changes)));
      if (typeof reason === "string") expect(answer, what).to.equal(reason);
      else expect(answer, what).to.match(reason);
    }
    expect(await certificates.queryFilter(certificates.filters.CertificateRevoked)).to.deep.equal([]);
    await post(listOf());
  });

  it("refuses lists of who may not sign them, and certificates in their place", async function () {
    const { post } = await deployLists();
    const instance = listOf({ signer: keys.instance, issuer: name("instance.test"), serials: [SERIALS.leaf] });
    expect(await answerOf(post(instance, chain.slice(0, 4)))).to.equal("CrlSignerInvalid(3)");
    const leaf = listOf({ signer: keys.leaf, issuer: name("leaf.test") });
    expect(await answerOf(post(leaf, chain))).to.equal("AuthorityUnexpected(4, false)");
    expect(await answerOf(post(chain[3]!))).to.match(/^DerTagUnexpected\(\d+, 160, 2\)$/u);
  });

  it("refuses lists that are cut, go on, or are longer than 16 KiB", async function () {
    const { certificates, prove } = await deployLists();
    const list = listOf();
    const hints = chainHints(chain.slice(0, 3), prove);
    await certificates.cacheCertificates(chain.slice(1, 3), hints);
    const post = (bad: Uint8Array) =>
      answerOf(certificates.postRevocations.staticCall(chain.slice(1, 3), bad, [...hints, Uint8Array.of(1)]));
    for (let length = 0; length < list.length; length += 11) {
      expect(await post(list.slice(0, length)), `${length} bytes`).to.match(/^DerTruncated\(\d+\)$/u);
    }
    expect(await post(Buffer.concat([list, Buffer.of(0)]))).to.equal(`DerTrailing(${list.length}, ${list.length + 1})`);
    expect(await post(new Uint8Array(16_385))).to.equal("RevocationsTooLong(16385, 16384)");
    const answer = await answerOf(certificates.postRevocations(chain.slice(1, 3), list, hints));
    expect(answer).to.equal("HintsCountInvalid(2, 3)");
    const long = Array.from({ length: 7 }, () => ROOT);
    expect(await answerOf(certificates.postRevocations(long, list, []))).to.equal("ChainLengthInvalid(7, 6)");
  });

  it("is the same whoever posts", async function () {
    const { certificates, ethers, issuers, prove } = await deployLists();
    const [, stranger] = await ethers.getSigners();
    const list = listOf();
    const parts = chain.slice(0, 3);
    const last = prove(tbsOf(list), signatureOf(list), keyOf(parts[2]!));
    const hints = [...chainHints(parts, prove), last];
    await certificates.connect(stranger!).postRevocations(parts.slice(1), list, hints);
    expect(await certificates.isRevoked(issuers[2]!, SERIALS.instance)).to.equal(true);
  });
});
