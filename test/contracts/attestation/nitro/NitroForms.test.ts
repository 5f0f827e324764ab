import { expect } from "chai";

import {
  constraints,
  crl,
  der,
  extension,
  hex,
  integer,
  keyUsage,
  name,
  time,
} from "../../../../scripts/fixtures/nitro-pki.ts";
import type { CertificateOptions, CrlOptions } from "../../../../scripts/fixtures/nitro-pki.ts";
import { deployNitro } from "./deploy.ts";
import { answerOf, chainHints, encodeHints, keyOf, nameOf, sdkAnswer, signatureOf, tbsOf } from "./support.ts";
import { certificateOf, chainWith, DAY, documentWith, makeKeys, NOW } from "./synthetic.ts";
import type { Level } from "./synthetic.ts";

const keys = makeKeys();
const chain = chainWith(keys);
const ROOT = chain[0]!;
const CN = hex("0603550403");

async function deploy() {
  const world = await deployNitro(NOW - DAY, ROOT);
  await world.networkHelpers.time.increaseTo(NOW);
  await world.certificates.cacheCertificates(chain.slice(1, 3), chainHints(chain.slice(0, 3), world.prove));
  return world;
}

describe("NitroCertificates: each element ends where it must", function () {
  this.timeout(120_000);
  let world: Awaited<ReturnType<typeof deploy>>;

  before(async function () {
    world = await deploy();
  });

  /** What is said of the chain with changes to the instance or the leaf, in one word by the SDK. */
  async function answerTo(changes: Partial<Record<Level, Partial<CertificateOptions>>>): Promise<string> {
    const [instance, leaf] = (["instance", "leaf"] as const).map((level) => certificateOf(keys, level, changes[level]));
    const whole = [...chain.slice(0, 3), instance!, leaf!];
    const hints = encodeHints(chainHints(whole, world.prove));
    const answer = await answerOf(world.certificates.checkChain(whole, hints));
    const twin = await sdkAnswer(documentWith(keys, whole), await world.networkHelpers.time.latest(), ROOT);
    expect(twin).to.equal(nameOf(answer));
    return answer;
  }

  const extensions = (...parts: Uint8Array[]) => ({ leaf: { extensions: [constraints(false), ...parts] } });
  const authority = (limits: Uint8Array) => ({ instance: { extensions: [limits, keyUsage(0x86)] } });
  const basic = (...parts: Uint8Array[]) => extension("551d13", Buffer.concat(parts), true);
  const usage = (value: string) => extensions(extension("551d0f", hex(value)));
  const odd = 'CertificateExtensionInvalid("0x551d0f")';

  const cases: readonly (readonly [string, Partial<Record<Level, Partial<CertificateOptions>>>, string | RegExp])[] = [
    ["a path of 254 authorities", authority(constraints(true, 254)), "ok"],
    ["a path of 255", authority(constraints(true, 255)), 'CertificateExtensionInvalid("0x551d13")'],
    ["a path of 256", authority(constraints(true, 256)), 'CertificateExtensionInvalid("0x551d13")'],
    ["a third constraint", authority(basic(der(0x30, hex("0101ff"), integer(0), hex("0500")))), /^DerTrailing\(/u],
    ["constraints that go on", authority(basic(der(0x30, hex("0101ff")), hex("0500"))), /^DerTrailing\(/u],
    ["keyUsage of nine bits", usage("0303078080"), "ok"],
    ["keyUsage of more bytes", usage("030407800080"), odd],
    ["keyUsage without a bit", usage("030100"), odd],
    ["keyUsage with 8 unused bits", usage("03020880"), odd],
    ["keyUsage with 255 unused bits", usage("0302ff80"), odd],
    ["keyUsage that goes on", usage("0302078000"), /^DerTrailing\(/u],
    [
      "an extension that says it is not critical",
      extensions(keyUsage(0x80), der(0x30, hex("06022a03"), hex("010100"), hex("0400"))),
      /^DerValueInvalid\(/u,
    ],
    [
      "an extension that goes on",
      extensions(keyUsage(0x80), der(0x30, hex("06022a03"), hex("0400"), hex("0500"))),
      /^DerTrailing\(/u,
    ],
    [
      "an extension whose name begins like basicConstraints",
      extensions(keyUsage(0x80), extension("551d1301", der(0x30, hex("0101ff")))),
      "ok",
    ],
    [
      "an extension without a name",
      extensions(keyUsage(0x80), der(0x30, hex("0600"), hex("0400"))),
      /^DerValueInvalid/u,
    ],
    [
      "something beside the extensions",
      { leaf: { extensionsDer: der(0xa3, der(0x30, constraints(false), keyUsage(0x80)), hex("0500")) } },
      /^DerTrailing\(/u,
    ],
    ["something beside the version", { leaf: { version: der(0xa0, integer(2), hex("0500")) } }, /^DerTrailing\(/u],
    [
      "an attribute that goes on",
      { leaf: { subject: der(0x30, der(0x31, der(0x30, CN, der(0x0c, Buffer.from("leaf")), Buffer.from("AB")))) } },
      /^DerTrailing\(/u,
    ],
    ["a serial number of 20 bytes and a zero", { leaf: { serial: (1n << 160n) - 1n } }, "ok"],
    ["a serial number of 20 bytes", { leaf: { serial: 1n << 158n } }, "ok"],
  ];
  for (const [what, changes, reason] of cases) {
    it(what, async function () {
      const answer = await answerTo(changes);
      if (typeof reason === "string") expect(answer).to.equal(reason);
      else expect(answer).to.match(reason);
    });
  }
});

describe("NitroCertificates: revocation lists to the second and to the byte", function () {
  this.timeout(120_000);
  const listOf = (changes: Partial<CrlOptions> = {}) =>
    crl({
      signer: keys.zone,
      issuer: name("zone.test"),
      thisUpdate: NOW - 100,
      nextUpdate: NOW + 10_000,
      serials: [0xf103n],
      ...changes,
    });

  async function deployLists() {
    const world = await deploy();
    const { certificates, prove } = world;
    const hints = chainHints(chain.slice(0, 3), prove);
    const post = (list: Uint8Array) => {
      const last = prove(tbsOf(list), signatureOf(list), keyOf(chain[2]!));
      return certificates.postRevocations(chain.slice(1, 3), list, [...hints, last]);
    };
    return { ...world, post };
  }

  it("takes one from its first second to its last", async function () {
    const { networkHelpers, post } = await deployLists();
    const [from, until] = [NOW + 500, NOW + 900];
    const list = listOf({ thisUpdate: from, nextUpdate: until });
    const later = listOf({ thisUpdate: from + 1, nextUpdate: until });
    const last = listOf({ thisUpdate: from + 2, nextUpdate: until });
    const refused = (one: number) => `RevocationsNotCurrent(${one}, ${until})`;
    const postAt = async (one: Uint8Array, at: number) => {
      await networkHelpers.time.setNextBlockTimestamp(at);
      return answerOf(post(one));
    };
    expect(await postAt(list, from - 1)).to.equal(refused(from));
    expect(await postAt(list, from)).to.equal("ok");
    expect(await postAt(later, until)).to.equal("ok");
    expect(await postAt(last, until + 1)).to.equal(refused(from + 2));
  });

  const unknown = /^CrlExtensionUnsupported\(\d+\)$/u;
  const point = (...parts: Uint8Array[]) => extension("551d1c", Buffer.concat(parts), true);
  const cases: readonly (readonly [string, Partial<CrlOptions>, RegExp])[] = [
    ["with a point that says a thing twice", { extensions: [point(der(0x30, hex("8201ff8201ff")))] }, unknown],
    ["with a point that goes on", { extensions: [point(der(0x30, hex("8201ff")), hex("0500"))] }, /^DerTrailing\(/u],
    [
      "with an extension that says it is not critical",
      { extensions: [der(0x30, hex("0603551d14"), hex("010100"), der(0x04, integer(1)))] },
      /^DerValueInvalid\(/u,
    ],
    [
      "with an extension that goes on",
      { extensions: [der(0x30, hex("0603551d14"), der(0x04, integer(1)), hex("0500"))] },
      /^DerTrailing\(/u,
    ],
    [
      "with an entry whose extension says it is not critical",
      { entryExtensions: [der(0x30, hex("0603551d15"), hex("010100"), hex("04030a0101"))] },
      /^DerValueInvalid\(/u,
    ],
    [
      "with something behind its entries that is no extension",
      { serials: [], entriesDer: Buffer.concat([der(0x30, der(0x30, integer(1), time(NOW))), hex("0500")]) },
      /^DerTagUnexpected\(\d+, 5, 160\)$/u,
    ],
    [
      "with something behind its extensions",
      { serials: [], entriesDer: Buffer.concat([der(0xa0, der(0x30)), hex("0500")]) },
      /^DerTrailing\(/u,
    ],
    [
      "with something beside its extensions",
      { serials: [], entriesDer: der(0xa0, der(0x30, extension("551d14", integer(1))), hex("0500")) },
      /^DerTrailing\(/u,
    ],
  ];
  it("refuses lists", async function () {
    const { certificates, post } = await deployLists();
    for (const [what, changes, reason] of cases) expect(await answerOf(post(listOf(changes))), what).to.match(reason);
    expect(await certificates.queryFilter(certificates.filters.CertificateRevoked)).to.deep.equal([]);
    await post(listOf());
  });
});
