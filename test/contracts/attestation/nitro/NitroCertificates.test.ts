import { X509Certificate } from "node:crypto";

import { expect } from "chai";
import { hexlify, keccak256 } from "ethers";

import {
  constraints,
  der,
  ECDSA_SHA384,
  extension,
  hex,
  integer,
  keyUsage,
  makeKey,
  name,
  signed,
  time,
  twinOf,
  withSignature,
} from "../../../../scripts/fixtures/nitro-pki.ts";
import type { CertificateOptions } from "../../../../scripts/fixtures/nitro-pki.ts";
import { deployNitro } from "./deploy.ts";
import { answerOf, chainHints, encodeHints, flip, leavesOf, nameOf, sdkAnswer, signatureOf, tbsOf } from "./support.ts";
import { certificateOf, chainWith, DAY, documentWith, LEVELS, makeKeys, NOW } from "./synthetic.ts";
import type { Level } from "./synthetic.ts";
import { hasShared, readVector, SHARED } from "./vectors.ts";

const keys = makeKeys();
const ROOT = certificateOf(keys, "root");

type World = Awaited<ReturnType<typeof deployNitro>>;
type Changes = Partial<Record<Level, Partial<CertificateOptions>>>;

/** What the contract says of a chain, each signature being proved. The root is the same for all. */
async function answerTo(world: World, chain: readonly Uint8Array[]): Promise<string> {
  const whole = [ROOT, ...chain.slice(1)];
  const answer = await answerOf(world.certificates.checkChain(whole, encodeHints(chainHints(whole, world.prove))));
  // The SDK says the same of a document with this chain, in which longer certificates do not come so far.
  const twin = await sdkAnswer(documentWith(keys, whole), await world.networkHelpers.time.latest(), ROOT);
  expect(twin).to.equal(nameOf(answer).replace("CertificateTooLong", "FieldLengthInvalid"));
  return answer;
}

/** What it says where hints are there but prove nothing, since nothing is to come so far. */
async function shortAnswer(world: World, chain: readonly Uint8Array[]): Promise<string> {
  const whole = [ROOT, ...chain.slice(1)];
  const hints = encodeHints(whole.slice(1).map(() => Uint8Array.of(1)));
  return answerOf(world.certificates.checkChain(whole, hints));
}

describe("NitroCertificates", function () {
  this.timeout(120_000);
  let world: World;

  before(async function () {
    world = await deployNitro(NOW - DAY, ROOT);
    await world.networkHelpers.time.increaseTo(NOW);
  });

  it("has AWS's root, byte for byte", async function () {
    const { certificates, ethers } = await deployNitro(NOW);
    const pem = readVector("AWS_NitroEnclaves_Root-G1.pem");
    const root = new X509Certificate(Buffer.from(pem));
    const reader = await ethers.deployContract("CertificateReader");
    const read = await reader.read(root.raw);
    expect(await certificates.ROOT_CERTIFICATE()).to.equal(keccak256(root.raw));
    expect(await certificates.ROOT_NAME()).to.equal(read.subject);
    expect(read.issuer).to.equal(read.subject);
    expect(await certificates.rootIdentity()).to.equal(await certificates.identityOf(read.subject, read.key));
    expect(Number(read.notBefore)).to.equal(Date.parse(root.validFrom) / 1000);
    expect(Number(read.notAfter)).to.equal(Date.parse(root.validTo) / 1000);
    expect(root.fingerprint256.replaceAll(":", "").toLowerCase()).to.equal(
      "641a0321a3e244efe456463195d606317ed7cdcc3c1756e09893f3c68f79bb5b",
    );
  });

  it("ends with AWS's root", async function () {
    const until = 2_519_044_085;
    const { certificates, networkHelpers } = await deployNitro(until - 100);
    const pem = readVector("AWS_NitroEnclaves_Root-G1.pem");
    const root = new X509Certificate(Buffer.from(pem)).raw;
    const chain = [root, certificateOf(keys, "leaf")];
    await networkHelpers.time.increaseTo(until);
    expect(await answerOf(certificates.checkChain(chain, "0x0000000101"))).to.equal("IssuerMismatch(1)");
    await networkHelpers.time.increaseTo(until + 1);
    expect(await answerOf(certificates.checkChain(chain, "0x0000000101"))).to.equal(
      `CertificateNotCurrent(0, 1572269285, ${until})`,
    );
  });

  it("wants a contract that checks signatures", async function () {
    const { ethers } = world;
    const nobody = "0x00000000000000000000000000000000000000aa";
    const factory = await ethers.getContractFactory("NitroCertificates");
    expect(await answerOf(factory.deploy(nobody))).to.match(/^SignatureVerifierMissing\("0x0+aa"\)$/iu);
    const verifier = await ethers.getContractFactory("NitroVerifier");
    expect(await answerOf(verifier.deploy(nobody))).to.match(/^CertificatesMissing\("0x0+aa"\)$/iu);
  });

  it("takes a chain of the shape that AWS has, which Node takes too", async function () {
    const chain = chainWith(keys);
    expect(await answerTo(world, chain)).to.equal("ok");
    for (const [i, one] of chain.slice(1).entries()) {
      const parent = new X509Certificate(chain[i]!);
      const child = new X509Certificate(one);
      expect(child.checkIssued(parent) && child.verify(parent.publicKey), LEVELS[i + 1]).to.equal(true);
    }
  });

  it("returns what the leaf says, and where its hints end", async function () {
    const chain = [ROOT, ...chainWith(keys).slice(1)];
    const hints = encodeHints([...chainHints(chain, world.prove), Uint8Array.of(7, 7)]);
    const { leaf, used } = await world.certificates.checkChain(chain, hints);
    expect(leaf.key).to.equal(hexlify(keys.leaf.publicKey));
    expect([leaf.notBefore, leaf.notAfter, leaf.leastNotAfter].map(Number)).to.deep.equal([
      NOW - 1,
      NOW + 3 * 3600,
      NOW + 3 * 3600,
    ]);
    expect(Number(used)).to.equal(hints.length - 6);
    const zone = await world.certificates.checkChain(
      chainOfLevels({ zone: { notAfter: NOW + 60 } }),
      encodeHints(chainHints(chainOfLevels({ zone: { notAfter: NOW + 60 } }), world.prove)),
    );
    expect(Number(zone.leaf.leastNotAfter)).to.equal(NOW + 60);
  });

  /** One chain with changes, made once for each set: signatures are random. */
  const made = new Map<string, Uint8Array[]>();
  function chainOfLevels(changes: Changes): Uint8Array[] {
    const label = JSON.stringify(changes, (_, value: unknown) => (typeof value === "bigint" ? `${value}` : value));
    const chain = made.get(label) ?? [ROOT, ...chainWith(keys, changes).slice(1)];
    made.set(label, chain);
    return chain;
  }

  describe("refuses, though signed", function () {
    const CA = { usage: keyUsage(0x86), key: keyUsage(0x04) };
    const cases: readonly (readonly [string, Changes, string | RegExp])[] = [
      [
        "an authority without the CA flag",
        { region: { extensions: [constraints(false), keyUsage(0x80)] } },
        "AuthorityUnexpected(1, false)",
      ],
      [
        "one that may sign certificates all the same",
        { region: { extensions: [constraints(false), CA.usage] } },
        "KeyUsageInvalid(1, 134)",
      ],
      ["an authority without basicConstraints", { zone: { extensions: [CA.usage] } }, "KeyUsageInvalid(2, 134)"],
      ["an authority without keyUsage", { zone: { extensions: [constraints(true, 1)] } }, "KeyUsageInvalid(2, 0)"],
      [
        "an authority that may not sign certificates",
        { zone: { extensions: [constraints(true, 1), keyUsage(0x82)] } },
        "KeyUsageInvalid(2, 130)",
      ],
      [
        "a leaf with the CA flag",
        { leaf: { extensions: [constraints(true), CA.usage] } },
        "AuthorityUnexpected(4, true)",
      ],
      [
        "a leaf with the CA flag that may only sign data",
        { leaf: { extensions: [constraints(true), keyUsage(0x80)] } },
        "KeyUsageInvalid(4, 128)",
      ],
      ["a leaf without keyUsage", { leaf: { extensions: [constraints(false)] } }, "KeyUsageInvalid(4, 0)"],
      [
        "a leaf that may not sign data",
        { leaf: { extensions: [constraints(false), keyUsage(0x40)] } },
        "KeyUsageInvalid(4, 64)",
      ],
      [
        "a leaf that may sign certificates",
        { leaf: { extensions: [constraints(false), keyUsage(0x84)] } },
        "KeyUsageInvalid(4, 132)",
      ],
      [
        "a leaf that may sign revocation lists",
        { leaf: { extensions: [constraints(false), keyUsage(0x82)] } },
        "KeyUsageInvalid(4, 130)",
      ],
      [
        "a leaf with a path length",
        { leaf: { extensions: [extension("551d13", der(0x30, integer(0)), true), keyUsage(0x80)] } },
        /^DerTagUnexpected\(\d+, 2, 1\)$/u,
      ],
      [
        "a path too long for the region",
        { region: { extensions: [constraints(true, 1), CA.usage] } },
        "PathTooLong(3)",
      ],
      [
        "a path much too long for the region",
        { region: { extensions: [constraints(true, 0), CA.usage] } },
        "PathTooLong(2)",
      ],
      ["a path too long for the zone", { zone: { extensions: [constraints(true, 0), CA.usage] } }, "PathTooLong(3)"],
      [
        "an unknown critical extension",
        { zone: { extensions: [constraints(true, 1), CA.usage, extension("2a0304", hex("0500"), true)] } },
        /^CertificateExtensionUnknown\(\d+\)$/u,
      ],
      [
        "critical name constraints",
        { region: { extensions: [constraints(true, 2), CA.usage, extension("551d1e", der(0x30), true)] } },
        /^CertificateExtensionUnknown\(\d+\)$/u,
      ],
      [
        "basicConstraints twice",
        { region: { extensions: [constraints(true, 2), constraints(true, 2), CA.usage] } },
        'CertificateExtensionInvalid("0x551d13")',
      ],
      [
        "keyUsage twice",
        { leaf: { extensions: [constraints(false), keyUsage(0x80), keyUsage(0x80)] } },
        'CertificateExtensionInvalid("0x551d0f")',
      ],
      [
        "basicConstraints that are not critical",
        { region: { extensions: [extension("551d13", der(0x30, hex("0101ff"))), CA.usage] } },
        'CertificateExtensionInvalid("0x551d13")',
      ],
      [
        "a flag that is written out though false",
        { leaf: { extensions: [extension("551d13", der(0x30, hex("010100")), true), keyUsage(0x80)] } },
        'CertificateExtensionInvalid("0x551d13")',
      ],
      [
        "a boolean that is neither",
        { region: { extensions: [extension("551d13", der(0x30, hex("010101")), true), CA.usage] } },
        /^DerValueInvalid\(\d+\)$/u,
      ],
      [
        "keyUsage with a zero bit at its end",
        { leaf: { extensions: [extension("551d0f", hex("03020080"), true)] } },
        'CertificateExtensionInvalid("0x551d0f")',
      ],
      [
        "a zone that is over",
        { zone: { notAfter: NOW - 1 } },
        `CertificateNotCurrent(2, ${NOW - 2 * DAY}, ${NOW - 1})`,
      ],
      [
        "a region that is to come",
        { region: { notBefore: NOW + DAY } },
        `CertificateNotCurrent(1, ${NOW + DAY}, ${NOW + 15 * DAY})`,
      ],
      [
        "validity that ends before it begins",
        { leaf: { notBefore: NOW + 9, notAfter: NOW - 9 } },
        `CertificateNotCurrent(4, ${NOW + 9}, ${NOW - 9})`,
      ],
      [
        "GeneralizedTime before 2050",
        { leaf: { validityDer: der(0x30, time(NOW - 1), der(0x18, Buffer.from("20300317180000Z"))) } },
        /^DerValueInvalid\(\d+\)$/u,
      ],
      [
        "a time without seconds",
        { leaf: { validityDer: der(0x30, time(NOW - 1), der(0x17, Buffer.from("3003171800Z"))) } },
        /^DerValueInvalid\(\d+\)$/u,
      ],
      [
        "a third time",
        { leaf: { validityDer: der(0x30, time(NOW - 1), time(NOW + 9), time(NOW + 9)) } },
        /^DerTrailing\(\d+, \d+\)$/u,
      ],
      ["an issuer of another name", { zone: { issuer: name("other.test") } }, "IssuerMismatch(2)"],
      ["an issuer without a name", { zone: { issuer: der(0x30, hex("0500")) } }, "IssuerMismatch(2)"],
      ["an issuer of the same name in other letters", { zone: { issuer: name("Region.test") } }, "IssuerMismatch(2)"],
      ["the signature of another key", { zone: { signer: makeKey() } }, "SignatureMismatch(2)"],
      [
        "another algorithm inside",
        { zone: { innerAlgorithm: hex("300a06082a8648ce3d040302") } },
        /^SignatureAlgorithmUnsupported\(\d+\)$/u,
      ],
      [
        "another algorithm outside",
        { zone: { outerAlgorithm: hex("300a06082a8648ce3d040302") } },
        /^SignatureAlgorithmUnsupported\(\d+\)$/u,
      ],
      [
        "an algorithm with parameters",
        { zone: { outerAlgorithm: hex("300c06082a8648ce3d0403030500") } },
        /^SignatureAlgorithmUnsupported\(\d+\)$/u,
      ],
      ["version 1", { leaf: { version: new Uint8Array() } }, /^DerTagUnexpected\(\d+, 2, 160\)$/u],
      ["version 2", { leaf: { version: der(0xa0, integer(1)) } }, "CertificateVersionInvalid(1)"],
      ["version 4", { leaf: { version: der(0xa0, integer(3)) } }, "CertificateVersionInvalid(3)"],
      ["serial number zero", { leaf: { serial: 0n } }, "CertificateSerialInvalid()"],
      ["a negative serial number", { leaf: { serialDer: hex("0201ff") } }, /^DerValueInvalid\(\d+\)$/u],
      ["a serial number with a zero too many", { leaf: { serialDer: hex("02020001") } }, /^DerValueInvalid\(\d+\)$/u],
      ["a serial number of 21 bytes", { leaf: { serial: 1n << 160n } }, "CertificateSerialInvalid()"],
      [
        "a compressed key",
        {
          leaf: {
            keyDer: der(
              0x30,
              hex("301006072a8648ce3d020106052b81040022"),
              der(0x03, hex("0002"), keys.leaf.publicKey.slice(0, 48)),
            ),
          },
        },
        "CertificateKeyUnsupported()",
      ],
      [
        "a key on P-256",
        {
          leaf: {
            keyDer: der(
              0x30,
              hex("301306072a8648ce3d020106082a8648ce3d030107"),
              der(0x03, hex("0004"), new Uint8Array(64)),
            ),
          },
        },
        "CertificateKeyUnsupported()",
      ],
      ["no extensions", { leaf: { extensionsDer: new Uint8Array() } }, /^DerTruncated\(\d+\)$/u],
      [
        "something behind the extensions",
        { leaf: { extensionsDer: Buffer.concat([der(0xa3, der(0x30, keyUsage(0x80))), hex("0500")]) } },
        /^DerTrailing\(\d+, \d+\)$/u,
      ],
      [
        "a unique identifier of the issuer",
        { leaf: { extensionsDer: Buffer.concat([hex("810100"), der(0xa3, der(0x30, keyUsage(0x80)))]) } },
        /^DerTagUnexpected\(\d+, 129, 163\)$/u,
      ],
      ["a name with a letter outside ASCII", { leaf: { subject: name("lea\x7f") } }, /^DerValueInvalid\(\d+\)$/u],
      ["a name with an empty part", { leaf: { subject: der(0x30, der(0x31)) } }, /^DerTruncated\(\d+\)$/u],
      [
        "more than 1024 bytes",
        { leaf: { extensions: [constraints(false), keyUsage(0x80), extension("2a03", new Uint8Array(800))] } },
        /^CertificateTooLong\(4, \d{4}, 1024\)$/u,
      ],
    ];
    for (const [what, changes, reason] of cases) {
      it(what, async function () {
        const answer = await answerTo(world, chainWith(keys, changes));
        if (typeof reason === "string") expect(answer).to.equal(reason);
        else expect(answer).to.match(reason);
      });
    }

    it("a child of an authority of the same name and another key", async function () {
      const other = { ...keys, region: makeKey() };
      const chain = [ROOT, certificateOf(keys, "region"), ...chainWith(other).slice(2)];
      expect(await answerTo(world, chain)).to.equal("SignatureMismatch(2)");
    });

    it("names that end at any length, and only those with letters outside 0x20 to 0x7e", async function () {
      const { certificates, ethers } = world;
      expect(certificates).to.not.equal(undefined);
      const reader = await ethers.deployContract("CertificateReader");
      for (let length = 1; length <= 34; ++length) {
        for (const letter of [0x1f, 0x20, 0x41, 0x7e, 0x7f, 0x80, 0xff]) {
          const common = Buffer.alloc(length, letter === 0x1f ? 0x7e : 0x20);
          common[length - 1] = letter;
          const subject = der(0x30, der(0x31, der(0x30, hex("0603550403"), der(0x0c, common))));
          // It is not asked whose signature it is.
          const leaf = withSignature(tbsOf(certificateOf(keys, "leaf", { subject })), Buffer.alloc(96, 1));
          const isGood = letter >= 0x20 && letter < 0x7f;
          if (length % 8 > 1 && isGood) continue;
          const answer = await answerOf(reader.read(leaf));
          expect(answer, `${length} letters, the last ${letter}`).to.match(
            isGood ? /^ok$/u : /^DerValueInvalid\(\d+\)$/u,
          );
        }
      }
    });
  });

  describe("bytes", function () {
    const good = chainOfLevels({});
    const withZone = (zone: Uint8Array) => [...good.slice(0, 2), zone, ...good.slice(3)];
    const zone = good[2]!;

    it("refuses a certificate that is cut anywhere, or goes on", async function () {
      const [region] = good.slice(1);
      await world.certificates.cacheCertificates([region!], chainHints([ROOT, region!], world.prove));
      for (let length = 0; length < zone.length; length += length < 40 ? 1 : 5) {
        const answer = await shortAnswer(world, withZone(zone.slice(0, length)));
        expect(answer, `${length} bytes`).to.match(/^DerTruncated\(\d+\)$/u);
      }
      const longer = Buffer.concat([zone, Buffer.of(0)]);
      expect(await shortAnswer(world, withZone(longer))).to.equal(`DerTrailing(${zone.length}, ${longer.length})`);
    });

    it("refuses every primitive element of the root, an authority and the leaf with a bit changed", async function () {
      const fresh = await deployNitro(NOW - DAY, ROOT);
      await fresh.networkHelpers.time.increaseTo(NOW);
      const hints = chainHints(good, fresh.prove);
      await fresh.certificates.cacheCertificates(good.slice(1), hints);
      const encoded = encodeHints(hints);
      expect(await answerOf(fresh.certificates.checkChain(good, encoded))).to.equal("ok");
      let signatures = 0;
      for (const index of [0, 2, 4]) {
        const one = good[index]!;
        for (const { contents, end, path } of leavesOf(one).filter(({ contents: from, end: to }) => to > from)) {
          for (const at of new Set([contents, end - 1])) {
            const chain = [...good];
            chain[index] = flip(one, at);
            const answer = await answerOf(fresh.certificates.checkChain(chain, encoded));
            // In a remembered certificate a changed signature changes nothing but its form.
            if (index > 0 && path.startsWith(".2") && answer === "ok") ++signatures;
            else expect(answer, `certificate ${index}, element ${path}, byte ${at}`).to.not.equal("ok");
          }
        }
      }
      expect(signatures).to.equal(2);
    });

    it("refuses indefinite, long and huge lengths", async function () {
      const body = zone.slice(4);
      const forms: [string, RegExp][] = [
        ["3080", /^DerLengthInvalid\(0\)$/u],
        ["308300" + zone.length.toString(16).padStart(4, "0"), /^DerLengthInvalid\(0\)$/u],
        ["3084ffffffff", /^DerLengthInvalid\(0\)$/u],
        ["3088ffffffffffffffff", /^DerLengthInvalid\(0\)$/u],
        ["30820001", /^DerLengthInvalid\(0\)$/u],
        ["308101", /^DerLengthInvalid\(0\)$/u],
        ["3082ffff", /^DerTruncated\(0\)$/u],
        ["30ff", /^DerLengthInvalid\(0\)$/u],
      ];
      for (const [form, reason] of forms) {
        const bad = Buffer.concat([hex(form), body]);
        expect(await shortAnswer(world, withZone(bad)), form).to.match(reason);
      }
      const open = Buffer.concat([hex("3080"), body, hex("0000")]);
      expect(await shortAnswer(world, withZone(open))).to.equal("DerLengthInvalid(0)");
    });

    it("refuses signatures in other forms", async function () {
      const tbs = tbsOf(zone);
      const signature = signatureOf(zone);
      const r = hexlify(signature.slice(0, 48)).slice(2);
      const number = integer(BigInt(`0x${r}`));
      const wrap = (...parts: Uint8Array[]) => der(0x30, tbs, ECDSA_SHA384, ...parts);
      const bits = (...parts: Uint8Array[]) => der(0x03, Buffer.of(0), der(0x30, ...parts));
      const padded = der(0x02, Buffer.alloc(2), Buffer.from(r, "hex"));
      const wide = der(0x02, Buffer.of(1), Buffer.alloc(48));
      const forms: [string, Uint8Array, RegExp][] = [
        ["one number", wrap(bits(number)), /^DerTruncated\(/u],
        ["three numbers", wrap(bits(number, number, number)), /^DerTrailing\(/u],
        ["a padded number", wrap(bits(padded, number)), /^DerValueInvalid\(/u],
        ["a negative number", wrap(bits(hex("020180"), number)), /^DerValueInvalid\(/u],
        ["an empty number", wrap(bits(hex("0200"), number)), /^DerValueInvalid\(/u],
        ["a number of 49 bytes", wrap(bits(wide, number)), /^DerValueInvalid\(/u],
        ["unused bits", wrap(der(0x03, Buffer.of(1), der(0x30, number, number))), /^DerValueInvalid\(/u],
        ["no bits", wrap(der(0x03)), /^DerValueInvalid\(/u],
        [
          "something behind the numbers",
          wrap(der(0x03, Buffer.of(0), der(0x30, number, number), hex("0500"))),
          /^DerTrailing\(/u,
        ],
        ["something behind the signature", wrap(bits(number, number), hex("0500")), /^DerTrailing\(/u],
        ["no signature", wrap(), /^DerTruncated\(/u],
      ];
      for (const [what, bad, reason] of forms) expect(await shortAnswer(world, withZone(bad)), what).to.match(reason);
    });

    it("reads numbers of a signature that are short", async function () {
      const { ethers } = world;
      const reader = await ethers.deployContract("CertificateReader");
      const tbs = tbsOf(zone);
      for (const digits of [
        "00",
        "01",
        "7f",
        "80",
        "ff".repeat(16),
        "80".repeat(31),
        "7f".repeat(32),
        "81".repeat(33),
        "ff".repeat(48),
      ]) {
        const signature = Buffer.from(digits.padStart(96, "0") + "42".padStart(96, "0"), "hex");
        const swapped = Buffer.concat([signature.subarray(48), signature.subarray(0, 48)]);
        expect(await reader.signature(withSignature(tbs, signature)), digits).to.equal(hexlify(signature));
        expect(await reader.signature(withSignature(tbs, swapped)), digits).to.equal(hexlify(swapped));
      }
    });
  });

  describe("chains", function () {
    it("has two to seven certificates", async function () {
      const chain = chainOfLevels({});
      expect(await answerOf(world.certificates.checkChain([], "0x"))).to.equal("ChainLengthInvalid(0, 6)");
      expect(await answerOf(world.certificates.checkChain([ROOT], "0x"))).to.equal("ChainLengthInvalid(1, 6)");
      const long = Array.from({ length: 8 }, () => ROOT);
      expect(await answerOf(world.certificates.checkChain(long, "0x"))).to.equal("ChainLengthInvalid(8, 6)");
      expect(await answerOf(world.certificates.cacheCertificates([], []))).to.equal("ChainLengthInvalid(0, 6)");
      expect(await answerOf(world.certificates.cacheCertificates(long, []))).to.equal("ChainLengthInvalid(8, 6)");
      const one = world.certificates.cacheCertificates(chain.slice(1), ["0x"]);
      expect(await answerOf(one)).to.equal("HintsCountInvalid(1, 4)");
    });

    it("begins with the root, not with a twin of it or another that its key signed", async function () {
      const [, ...rest] = chainOfLevels({});
      const twin = withSignature(tbsOf(ROOT), twinOf(signatureOf(ROOT)));
      const again = signed(tbsOf(ROOT), keys.root);
      for (const root of [twin, again, rest[0]!]) {
        const answer = await answerOf(world.certificates.checkChain([root, ...rest], "0x"));
        expect(answer).to.equal(`RootMismatch("${keccak256(root)}", "${keccak256(ROOT)}")`);
      }
    });

    it("may be a leaf right below the root, and no longer than its authorities allow", async function () {
      const leaf = certificateOf(keys, "leaf", { signer: keys.root, issuer: name("root.test") });
      expect(await answerTo(world, [ROOT, leaf])).to.equal("ok");
      const region = { extensions: [constraints(true), keyUsage(0x86)] };
      const zone = { extensions: [constraints(true), keyUsage(0x86)] };
      const instance = { extensions: [constraints(true), keyUsage(0x86)] };
      expect(await answerTo(world, chainWith(keys, { region, zone, instance }))).to.equal("ok");
    });

    it("wants hints for what is not remembered", async function () {
      const chain = chainOfLevels({ leaf: { serial: 77n } });
      const hints = chainHints(chain, world.prove);
      const call = (parts: Uint8Array) => answerOf(world.certificates.checkChain(chain, parts));
      const without = [...hints.slice(0, 3), new Uint8Array()];
      expect(await call(encodeHints(without))).to.equal("CertificateUnknown(4)");
      const encoded = encodeHints(hints);
      expect(await call(encoded)).to.equal("ok");
      for (let length = 0; length < encoded.length; length += length < 6 ? 1 : 4999) {
        expect(await call(encoded.slice(0, length)), `${length} bytes`).to.match(/^HintsTruncated\(\d+\)$/u);
      }
      expect(await call(hex("ffffffff"))).to.equal("HintsTruncated(0)");
    });
  });

  describe("AWS's chain of 2026-04-02", function () {
    before(function () {
      if (hasShared) return;
      console.log(`        skipped: there is no folder ${SHARED.pathname}`);
      this.skip();
    });

    it("is one of authorities, of which none is a leaf", async function () {
      const now = Date.parse("2026-04-02T15:35:00Z") / 1000;
      const { certificates, networkHelpers, prove } = await deployNitro(now - 10);
      await networkHelpers.time.increaseTo(now);
      const chain = [0, 1, 2, 3].map((i) => readVector(`base_chain_20260402/CB${i}.der`));
      const hints = chainHints(chain, prove);
      const asDocument = await answerOf(certificates.checkChain(chain, encodeHints(hints)));
      expect(asDocument).to.equal("AuthorityUnexpected(3, true)");
      await certificates.cacheCertificates(chain.slice(1), hints);
      expect(await answerOf(certificates.checkChain(chain, encodeHints(hints)))).to.equal(asDocument);
      // Behind the third no authority may come.
      const more = [...chain, certificateOf(keys, "region")];
      const answer = await answerOf(certificates.checkChain(more, encodeHints([...hints, Uint8Array.of(1)])));
      expect(answer).to.equal("IssuerMismatch(4)");
      const events = await certificates.queryFilter(certificates.filters.CertificateCached);
      const ends = events.map(({ args }) => new Date(Number(args.notAfter) * 1000).toISOString().slice(0, 10));
      expect(ends).to.deep.equal(["2026-04-20", "2026-04-08", "2026-04-03"]);
    });
  });
});
