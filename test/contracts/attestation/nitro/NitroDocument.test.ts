import { expect } from "chai";
import { concat, getBytes, id, keccak256, sha256, ZeroHash } from "ethers";

import {
  array,
  bytes,
  head,
  hex,
  makeKey,
  map,
  NULL,
  sealDocument,
  text,
} from "../../../../scripts/fixtures/nitro-pki.ts";
import { deployNitro } from "./deploy.ts";
import {
  answerOf,
  chainHints,
  cut,
  documentHint,
  encodeHints,
  flip,
  hintsOf,
  nameOf,
  open,
  sdkAnswer,
} from "./support.ts";
import { chainWith, DAY, documentWith, fieldsOf, makeKeys, NOW, payloadWith, pcr, pcrPairs } from "./synthetic.ts";

const keys = makeKeys();
const chain = chainWith(keys);
const [ROOT] = chain;

describe("NitroVerifier on synthetic documents", function () {
  this.timeout(120_000);
  let world: Awaited<ReturnType<typeof deployNitro>>;

  before(async function () {
    world = await deployNitro(NOW - DAY, ROOT);
    await world.networkHelpers.time.increaseTo(NOW);
    await world.certificates.cacheCertificates(chain.slice(1), chainHints(chain, world.prove));
  });

  const empty = encodeHints([1, 2, 3, 4].map(() => new Uint8Array()));

  /** What is said with a hint for the document's signature, by the contract and by the SDK in one word. */
  async function answerWith(document: Uint8Array, hint: Uint8Array): Promise<string> {
    const answer = await answerOf(world.verifier.verify(document, concat([empty, encodeHints([hint])])));
    expect(await sdkAnswer(document, await world.networkHelpers.time.latest(), ROOT!)).to.equal(nameOf(answer));
    return answer;
  }

  /** What is said of a document that the leaf signed, the chain being remembered. */
  const answerTo = (document: Uint8Array) => answerWith(document, documentHint(document, world.prove));

  /** What is said where no signature is looked at, since something comes first. */
  const formAnswer = (document: Uint8Array) => answerWith(document, Uint8Array.of(1));

  const sealed = (payload: Uint8Array) => sealDocument(payload, keys.leaf);
  const withFields = (changes: Record<string, Uint8Array | undefined>) => documentWith(keys, chain, changes);
  const claimsOf = async (document: Uint8Array) =>
    world.verifier.verify(document, concat([empty, encodeHints([documentHint(document, world.prove)])]));
  const refuses = async (document: Uint8Array, reason: string | RegExp, what = "") => {
    const answer = await formAnswer(document);
    if (typeof reason === "string") expect(answer, what).to.equal(reason);
    else expect(answer, what).to.match(reason);
  };

  describe("takes", function () {
    it("maps of definite and of indefinite length, and fields and PCRs in any order", async function () {
      const expected = await claimsOf(documentWith(keys, chain));
      const definite = sealed(payloadWith(chain, {}, false));
      expect(definite[open(definite).payload.start]).to.equal(0xa9);
      const fields = Object.entries(fieldsOf(chain)).map(([key, value]) => [text(key), value] as const);
      const pcrs = map([...pcrPairs()].reverse(), true);
      const documents = [
        definite,
        sealed(map([...fields].reverse())),
        sealed(map([...fields].reverse(), true)),
        withFields({ pcrs }),
        concat([Uint8Array.of(0xd2), documentWith(keys, chain)]),
      ];
      for (const document of documents) expect(await claimsOf(getBytes(document))).to.deep.equal(expected);
    });

    it("1 to 32 PCRs, if those of every enclave are among them", async function () {
      const six = pcrPairs().filter((_, index) => index < 5 || index === 8);
      const all = [...pcrPairs(), ...Array.from({ length: 16 }, (_, i) => [head(0, 16 + i), bytes(pcr(i))] as const)];
      const expected = await claimsOf(documentWith(keys, chain));
      for (const pcrs of [six, all]) {
        const { measurement } = await claimsOf(withFields({ pcrs: map(pcrs) }));
        expect(measurement).to.equal(expected.measurement);
      }
    });

    it("data that is null, absent, empty or as long as can be, and tells null from empty", async function () {
      const data = (length: number) => new Uint8Array(length).fill(7);
      for (const [field, most, claim, hash] of [
        ["user_data", 1024, "bind0", sha256],
        ["nonce", 1024, "bind1", sha256],
        ["public_key", 1024, "keyHash", keccak256],
      ] as const) {
        for (const absent of [NULL, undefined])
          expect((await claimsOf(withFields({ [field]: absent })))[claim]).to.equal(ZeroHash);
        for (const length of [0, 1, 64, 513, most]) {
          const claims = await claimsOf(withFields({ [field]: bytes(data(length)) }));
          expect(claims[claim], `${field} of ${length}`).to.equal(hash(data(length)));
        }
        const long = await answerTo(withFields({ [field]: bytes(data(most + 1)) }));
        expect(long, field).to.match(new RegExp(`^FieldLengthInvalid\\(\\d+, ${most + 1}, 0, ${most}\\)$`, "u"));
      }
    });

    it("a different measurement for each of PCR 0, 1, 2 and 8, and no other", async function () {
      const seen = new Set<string>();
      for (let index = 0; index < 16; ++index) {
        for (const at of [31, 32]) {
          const usual = index < 5 || index === 8 ? pcr(index) : new Uint8Array(48);
          const pcrs = map(pcrPairs({ [index]: flip(usual, at) }));
          seen.add((await claimsOf(withFields({ pcrs }))).measurement);
        }
      }
      expect(seen.size).to.equal(4 * 2 + 1);
    });

    it("the role of the instance as its configuration", async function () {
      const pcrs = (value: Uint8Array) => withFields({ pcrs: map(pcrPairs({ 3: value })) });
      expect((await claimsOf(pcrs(new Uint8Array(48)))).config).to.equal(ZeroHash);
      const last = flip(new Uint8Array(48), 47);
      for (const value of [pcr(3), last]) {
        expect((await claimsOf(pcrs(value))).config).to.equal(keccak256(concat([value, new Uint8Array(16)])));
      }
    });

    it("debug mode, and says so, if even one of PCR 0, 1 and 2 is zero", async function () {
      const flagsOf = async (...indexes: number[]) => {
        const zero = Object.fromEntries(indexes.map((index) => [index, new Uint8Array(48)]));
        return Number((await claimsOf(withFields({ pcrs: map(pcrPairs(zero)) }))).flags);
      };
      // One bit at the end is enough for a PCR that is not zero.
      for (const index of [0, 1, 2]) {
        const pcrs = map(pcrPairs({ [index]: flip(new Uint8Array(48), 47) }));
        expect((await claimsOf(withFields({ pcrs }))).flags, `PCR ${index}`).to.equal(0);
      }
      const flags = await Promise.all([
        flagsOf(),
        flagsOf(3, 4, 8),
        flagsOf(0),
        flagsOf(1),
        flagsOf(2),
        flagsOf(0, 1, 2),
      ]);
      expect(flags).to.deep.equal([0, 0, 1, 1, 1, 1]);
    });

    it("the instance for the platform, whatever the enclave is", async function () {
      const platformOf = async (module: string) => (await claimsOf(withFields({ module_id: text(module) }))).platform;
      expect(await platformOf("i-0123456789abcdef0-enc1")).to.equal(id("i-0123456789abcdef0"));
      expect(await platformOf("i-0123456789abcdef0-encffff")).to.equal(id("i-0123456789abcdef0"));
    });

    it("times from the leaf's first second to this one", async function () {
      const at = (ms: number) => answerTo(withFields({ timestamp: head(0, ms) }));
      const refused = (time: number | bigint) => `IssuedAtInvalid(${time}, ${NOW - 1}, ${NOW + 3 * 3600}, `;
      const latest = async () => world.networkHelpers.time.latest();
      expect(await at((NOW - 1) * 1000)).to.equal("ok");
      expect(await at((NOW - 1) * 1000 - 1)).to.equal(`${refused(NOW - 2)}${await latest()})`);
      expect(await at((await latest()) * 1000 + 999)).to.equal("ok");
      const soon = (await latest()) + 600;
      expect(await at(soon * 1000)).to.equal(`${refused(soon)}${await latest()})`);
      const most = await answerTo(withFields({ timestamp: head(0, (1n << 64n) - 1n) }));
      expect(most).to.equal(`${refused(((1n << 64n) - 1n) / 1000n)}${await latest()})`);
    });
  });

  describe("refuses, though signed", function () {
    const cases: readonly (readonly [string, Record<string, Uint8Array | undefined>, string | RegExp])[] = [
      ["another digest", { digest: text("SHA256") }, "DigestUnsupported()"],
      ["a digest with more letters", { digest: text("SHA3840") }, "DigestUnsupported()"],
      ["a digest that is no text", { digest: bytes(Buffer.from("SHA384")) }, /^CborTypeUnexpected\(\d+, 2, 3\)$/u],
      ["no digest", { digest: undefined }, "FieldsMissing(2)"],
      ["no module", { module_id: undefined }, "FieldsMissing(1)"],
      ["no time", { timestamp: undefined }, "FieldsMissing(4)"],
      ["no PCRs", { pcrs: undefined }, "FieldsMissing(8)"],
      ["no leaf", { certificate: undefined }, "FieldsMissing(16)"],
      ["no bundle", { cabundle: undefined }, "FieldsMissing(32)"],
      ["a field of its own", { more: NULL }, /^FieldUnknown\(\d+\)$/u],
      ["a field that begins like one", { user_data2: NULL }, /^FieldUnknown\(\d+\)$/u],
      ["a field that one begins like", { user_dat: NULL }, /^FieldUnknown\(\d+\)$/u],
      ["a field with a zero behind its name", { "nonce\0": NULL }, /^FieldUnknown\(\d+\)$/u],
      ["a field of 261 letters", { ["nonce".padEnd(261, "\0")]: NULL }, /^FieldUnknown\(\d+\)$/u],
      ["a field without a name", { "": NULL }, /^FieldUnknown\(\d+\)$/u],
      ["null for a time", { timestamp: NULL }, /^CborTypeUnexpected\(\d+, 7, 0\)$/u],
      ["a negative time", { timestamp: hex("20") }, /^CborTypeUnexpected\(\d+, 1, 0\)$/u],
      ["a time with a longer head", { timestamp: hex("1800") }, /^CborHeadInvalid\(\d+\)$/u],
      ["a tagged time", { timestamp: hex("c11a713fb300") }, /^CborTypeUnexpected\(\d+, 6, 0\)$/u],
      ["undefined for null", { nonce: hex("f7") }, /^CborTypeUnexpected\(\d+, 7, 2\)$/u],
      ["text for data", { nonce: text("n") }, /^CborTypeUnexpected\(\d+, 3, 2\)$/u],
      ["data in pieces", { nonce: hex("5f4101ff") }, /^CborHeadInvalid\(\d+\)$/u],
      ["a module that is none", { module_id: text("m-0123-enc01") }, "ModuleIdInvalid()"],
      ["a module without an enclave", { module_id: text("i-0123") }, "ModuleIdInvalid()"],
      ["a module with an empty enclave", { module_id: text("i-0123-enc") }, "ModuleIdInvalid()"],
      ["a module without an instance", { module_id: text("i--enc01") }, "ModuleIdInvalid()"],
      ["a module in capitals", { module_id: text("i-0A23-enc01") }, "ModuleIdInvalid()"],
      ["a module with more behind", { module_id: text("i-0123-enc01-enc02") }, "ModuleIdInvalid()"],
      ["an empty module", { module_id: text("") }, "ModuleIdInvalid()"],
      ["a long module", { module_id: text(`i-0123-enc${"0".repeat(55)}`) }, /^FieldLengthInvalid\(\d+, 65, 1, 64\)$/u],
      ["a PCR of 32 bytes", { pcrs: map(pcrPairs({ 7: new Uint8Array(32) })) }, "PcrLengthInvalid(7, 32)"],
      ["a PCR of 64 bytes", { pcrs: map(pcrPairs({ 0: new Uint8Array(64) })) }, "PcrLengthInvalid(0, 64)"],
      ["a PCR of 47 bytes", { pcrs: map(pcrPairs({ 15: new Uint8Array(47) })) }, "PcrLengthInvalid(15, 47)"],
      ["an empty PCR", { pcrs: map(pcrPairs({ 1: new Uint8Array() })) }, "PcrLengthInvalid(1, 0)"],
      ["PCR 32", { pcrs: map([...pcrPairs(), [head(0, 32), bytes(pcr(0))]]) }, "PcrIndexInvalid(32)"],
      [
        "a PCR with a huge number",
        { pcrs: map([...pcrPairs(), [head(0, (1n << 64n) - 1n), bytes(pcr(0))]]) },
        "PcrIndexInvalid(18446744073709551615)",
      ],
      ["PCR 0 twice, alike", { pcrs: map([...pcrPairs(), [head(0, 0), bytes(pcr(0))]]) }, "PcrRepeated(0)"],
      [
        "PCR 31 twice",
        { pcrs: map([...pcrPairs(), [head(0, 31), bytes(pcr(0))], [head(0, 31), bytes(pcr(1))]]) },
        "PcrRepeated(31)",
      ],
      [
        "a PCR by a longer number",
        { pcrs: map([...pcrPairs().slice(0, 15), [hex("180f"), bytes(pcr(0))]]) },
        /^CborHeadInvalid\(\d+\)$/u,
      ],
      ["a PCR by text", { pcrs: map([[text("0"), bytes(pcr(0))]]) }, /^CborTypeUnexpected\(\d+, 3, 0\)$/u],
      ["PCRs in an array", { pcrs: array([bytes(pcr(0))]) }, /^CborTypeUnexpected\(\d+, 4, 5\)$/u],
      [
        "fewer PCRs than said",
        { pcrs: Buffer.concat([hex("b1"), map(pcrPairs()).slice(1)]) },
        /^CborTypeUnexpected\(\d+, 3, 0\)$/u,
      ],
      [
        "2^64 - 1 PCRs",
        { pcrs: Buffer.concat([hex("bbffffffffffffffff"), map(pcrPairs()).slice(1)]) },
        /^CborTypeUnexpected\(\d+, 3, 0\)$/u,
      ],
      ["no PCR", { pcrs: map([]) }, "PcrsMissing(287)"],
      ["PCRs without the eighth", { pcrs: map(pcrPairs().slice(0, 8)) }, "PcrsMissing(256)"],
      ["an empty bundle", { cabundle: array([]) }, /^FieldLengthInvalid\(\d+, 0, 1, 6\)$/u],
      [
        "a bundle of seven",
        { cabundle: array(Array.from({ length: 7 }, () => bytes(chain[0]!))) },
        /^FieldLengthInvalid\(\d+, 7, 1, 6\)$/u,
      ],
      [
        "a bundle of 2^64 - 1",
        { cabundle: hex("9bffffffffffffffff") },
        /^FieldLengthInvalid\(\d+, 18446744073709551615, 1, 6\)$/u,
      ],
      [
        "a bundle of indefinite length",
        { cabundle: Buffer.concat([hex("9f"), ...chain.slice(0, 4).map(bytes), hex("ff")]) },
        /^CborHeadInvalid\(\d+\)$/u,
      ],
      [
        "an empty certificate in the bundle",
        { cabundle: array([bytes(chain[0]!), bytes(new Uint8Array())]) },
        /^FieldLengthInvalid\(\d+, 0, 1, 1024\)$/u,
      ],
      [
        "a long certificate",
        { certificate: bytes(new Uint8Array(1025)) },
        /^FieldLengthInvalid\(\d+, 1025, 1, 1024\)$/u,
      ],
      ["a bundle without the root", { cabundle: array(chain.slice(1, 4).map(bytes)) }, /^RootMismatch\(/u],
      [
        "a bundle in another order",
        { cabundle: array([0, 2, 1, 3].map((i) => bytes(chain[i]!))) },
        "IssuerMismatch(1)",
      ],
      [
        "a bundle without an authority",
        { cabundle: array([0, 1, 3].map((i) => bytes(chain[i]!))) },
        "IssuerMismatch(2)",
      ],
      [
        "an authority in the leaf's place",
        { certificate: bytes(chain[3]!), cabundle: array(chain.slice(0, 3).map(bytes)) },
        "AuthorityUnexpected(3, true)",
      ],
    ];
    for (const [what, changes, reason] of cases) {
      it(what, async () => refuses(withFields(changes), reason));
    }

    it("a field twice", async function () {
      const pairs = Object.entries(fieldsOf(chain)).map(([key, value]) => [text(key), value] as const);
      for (const pair of pairs) {
        const again = sealed(map([...pairs, pair]));
        await refuses(again, /^FieldRepeated\(\d+\)$/u, Buffer.from(pair[0]).toString());
      }
    });

    it("a payload that goes on, or has more or fewer pairs than it says", async function () {
      const payload = payloadWith(chain, {}, false);
      const longer = Buffer.concat([payload, Buffer.of(0)]);
      await refuses(sealed(longer), `EvidenceTrailing(${payload.length}, ${longer.length})`);
      await refuses(sealed(Buffer.concat([Buffer.of(0xaa), payload.slice(1)])), `CborTruncated(${payload.length})`);
      await refuses(sealed(Buffer.concat([Buffer.of(0xa8), payload.slice(1)])), /^EvidenceTrailing\(\d+, \d+\)$/u);
      await refuses(sealed(Buffer.concat([hex("b809"), payload.slice(1)])), "CborHeadInvalid(0)");
      const open_ = payloadWith(chain);
      await refuses(sealed(open_.slice(0, -1)), `CborTruncated(${open_.length - 1})`);
      await refuses(sealed(new Uint8Array()), "CborTruncated(0)");
      await refuses(sealed(hex("80")), "CborTypeUnexpected(0, 4, 5)");
      await refuses(sealed(hex("a0")), "FieldsMissing(63)");
    });

    it("another header", async function () {
      const payload = payloadWith(chain);
      for (const header of ["a10126", "a1013823", "a2013822020a", "a101390022", "bf013822ff", "a10138220000", ""]) {
        await refuses(sealDocument(payload, keys.leaf, hex(header)), "HeaderUnsupported()", header);
      }
    });

    it("another signer, and the signature of other bytes", async function () {
      expect(await answerTo(sealDocument(payloadWith(chain), makeKey()))).to.equal("DocumentSignatureMismatch()");
      const document = documentWith(keys, chain);
      const other = documentWith(keys, chain, { nonce: bytes(hex("01")) });
      const { signature } = open(document);
      const mixed = Buffer.concat([document.slice(0, signature.start), cut(other, open(other).signature)]);
      expect(await answerTo(mixed)).to.equal("DocumentSignatureMismatch()");
    });

    it("a leaf of another chain, and one that is over", async function () {
      const others = makeKeys();
      const foreign = [ROOT!, ...chainWith({ ...others, root: others.root }).slice(1)];
      const document = documentWith(others, foreign);
      const answer = await answerOf(world.verifier.verify(document, hintsOf(document, world.prove)));
      expect(answer).to.equal("SignatureMismatch(1)");
    });
  });

  describe("the envelope", function () {
    const document = documentWith(keys, chain);
    const { payload, signature } = open(document);
    const inner = cut(document, payload);
    const parts = [bytes(hex("a1013822")), hex("a0"), bytes(inner), bytes(cut(document, signature))];
    const envelope = (changes: Record<number, Uint8Array>) => array(parts.map((part, i) => changes[i] ?? part));

    it("is an array of four with an empty unprotected header, once tagged at most", async function () {
      expect(await answerTo(envelope({}))).to.equal("ok");
      const cases: [Uint8Array, string | RegExp][] = [
        [array(parts.slice(0, 3)), "CborSizeUnexpected(0, 3, 4)"],
        [array([...parts, NULL]), "CborSizeUnexpected(0, 5, 4)"],
        [Buffer.concat([hex("9f"), ...parts, hex("ff")]), "CborHeadInvalid(0)"],
        [Buffer.concat([hex("9804"), ...parts]), "CborHeadInvalid(0)"],
        [envelope({ 1: hex("a10126") }), "CborSizeUnexpected(6, 1, 0)"],
        [envelope({ 1: hex("bfff") }), "CborHeadInvalid(6)"],
        [envelope({ 1: NULL }), "CborTypeUnexpected(6, 7, 5)"],
        [envelope({ 2: NULL }), "CborTypeUnexpected(7, 7, 2)"],
        [envelope({ 3: bytes(new Uint8Array(95)) }), /^CborSizeUnexpected\(\d+, 95, 96\)$/u],
        [envelope({ 3: bytes(new Uint8Array(97)) }), /^CborSizeUnexpected\(\d+, 97, 96\)$/u],
        [envelope({ 0: hex("43a10126") }), "HeaderUnsupported()"],
        [Buffer.concat([hex("d2d2"), document]), "CborTypeUnexpected(1, 6, 4)"],
        [Buffer.concat([hex("d3"), document]), "CborTypeUnexpected(0, 6, 4)"],
        [Buffer.concat([hex("d812"), document]), "CborTypeUnexpected(0, 6, 4)"],
        [Buffer.concat([document, hex("00")]), `EvidenceTrailing(${document.length}, ${document.length + 1})`],
        [hex("d2"), "CborTruncated(1)"],
        [new Uint8Array(), "CborTruncated(0)"],
      ];
      for (const [bad, reason] of cases) await refuses(bad, reason, Buffer.from(bad.slice(0, 12)).toString("hex"));
    });

    it("is refused where it is cut anywhere", async function () {
      for (let length = 0; length < document.length; length += length < payload.start + 40 ? 1 : 41) {
        await refuses(document.slice(0, length), /^CborTruncated\(\d+\)$/u, `${length} bytes`);
      }
    });

    it("has at most 12 KiB, and huge lengths cost little", async function () {
      await refuses(new Uint8Array(12_289), "EvidenceTooLong(12289, 12288)");
      await refuses(new Uint8Array(12_288), "CborTypeUnexpected(0, 0, 4)");
      for (const form of ["8444a1013822a05bffffffffffffffff", "845bffffffffffffffff", "8444a1013822a05affffffff"]) {
        await refuses(hex(form), /^CborTruncated\(\d+\)$/u, form);
      }
      const { ethers, verifier } = world;
      const most = Buffer.concat([hex("8444a1013822a0592f00"), map([], true).slice(0, 1), Buffer.alloc(12_277, 0x60)]);
      const data = verifier.interface.encodeFunctionData("verify", [most, "0x"]);
      const reply = ethers.provider.call({ to: await verifier.getAddress(), data, gasLimit: 1_000_000 });
      expect(await answerOf(reply)).to.match(/^Cbor\w+\(/u);
    });

    it("wants hints for each signature and no more", async function () {
      const hint = documentHint(document, world.prove);
      const call = (hints: Uint8Array | string) => answerOf(world.verifier.verify(document, hints));
      const good = getBytes(concat([empty, encodeHints([hint])]));
      expect(await call(good)).to.equal("ok");
      for (let length = 0; length < good.length; length += length < 21 ? 1 : 1571) {
        expect(await call(good.slice(0, length)), `${length} bytes`).to.match(/^HintsTruncated\(\d+\)$/u);
      }
      const longer = concat([good, "0x00"]);
      expect(await call(longer)).to.equal(`EvidenceTrailing(${good.length}, ${good.length + 1})`);
    });
  });

  it("refuses a document whose leaf is below an authority that is over, though both are remembered", async function () {
    const short = chainWith(keys, { zone: { notAfter: NOW + 3000 } });
    const fresh = await deployNitro(NOW - DAY, short[0]);
    await fresh.networkHelpers.time.increaseTo(NOW + 1000);
    await fresh.certificates.cacheCertificates(short.slice(1), chainHints(short, fresh.prove));
    const document = documentWith(keys, short);
    const hints = hintsOf(document, fresh.prove, { cached: true });
    const answer = () => answerOf(fresh.verifier.verify(document, hints));
    await fresh.networkHelpers.time.increaseTo(NOW + 3000);
    expect(await answer()).to.equal("ok");
    expect((await fresh.verifier.verify(document, hints)).notAfter).to.equal(NOW + 3000);
    await fresh.networkHelpers.time.increaseTo(NOW + 3001);
    expect(await answer()).to.equal(`CertificateNotCurrent(2, ${NOW - 2 * DAY}, ${NOW + 3000})`);
  });
});
