import type { Changes } from "../../../../scripts/fixtures/intel-pki/world.ts";
import { NOW, PLATFORM, SERIALS } from "../../../../scripts/fixtures/intel-pki/world.ts";
import type { Random } from "../../../support/random.ts";

const DAY = 86_400;
const STATUSES = [
  "UpToDate",
  "UpToDate",
  "UpToDate",
  "SWHardeningNeeded",
  "ConfigurationNeeded",
  "ConfigurationAndSWHardeningNeeded",
  "OutOfDate",
  "OutOfDate",
  "OutOfDateConfigurationNeeded",
  "Revoked",
];

export interface Mutation {
  readonly quote: Uint8Array;
  readonly what: string;
  /** Whether it lies in the text of the PCK certificate's chain, from `start` to `end`. */
  readonly inChain: boolean;
}

/** A quote with something changed that nobody has signed again; its chain lies from `start` to `end`. */
export function mutate(random: Random, genuine: Uint8Array, start: number, end: number): Mutation {
  const quote = Buffer.from(genuine);
  const kind = random.integer(0, 9);
  if (kind === 0) {
    const length = random.integer(0, genuine.length - 1);
    // Zeros may follow a quote, and as well be left out.
    return { quote: quote.subarray(0, length), what: `first ${length} bytes`, inChain: false };
  }
  if (kind === 1) {
    const tail = Buffer.alloc(random.integer(1, 70));
    if (random.integer(0, 1) === 1) tail[random.integer(0, tail.length - 1)] = 1;
    return { quote: Buffer.concat([quote, tail]), what: `${tail.toString("hex")} after it`, inChain: false };
  }
  const isHead = kind < 5;
  // Header and sizes, where most of what decides the form is; the chain; all the rest.
  const at = isHead
    ? random.integer(0, 60)
    : kind === 5
      ? random.integer(start, end - 1)
      : random.integer(0, start - 1);
  const value =
    isHead && random.integer(0, 1) === 1 ? random.integer(0, 6) : (quote[at] ?? 0) ^ (1 << random.integer(0, 7));
  quote[at] = value;
  return { quote, what: `byte ${at} is ${value}`, inChain: at >= start };
}

/** A text with one letter replaced, left out or doubled, or a stretch of it left out or put in again elsewhere. */
export function mutateText(random: Random, text: string): string {
  const at = random.integer(0, text.length - 1);
  const next = at + random.integer(1, 40);
  const letters = '0123456789abcdefABCDEFZT"{}[]:,- \\xé';
  const kinds = [
    () => text.slice(0, at) + (letters[random.integer(0, letters.length - 1)] ?? "") + text.slice(at + 1),
    () => text.slice(0, at) + text.slice(at + 1),
    () => text.slice(0, at) + text.slice(at, at + 1) + text.slice(at),
    () => text.slice(0, at) + text.slice(next),
    () => text.slice(0, next) + text.slice(at),
    // Numbers and digits of times, which stay what they are.
    () =>
      text.replaceAll(/\d+/g, (digits) =>
        random.integer(0, 9) === 0 ? `${random.integer(0, 9)}${digits.slice(1)}` : digits,
      ),
    () => text.replace(/(?<=:)\d+(?=[,}])/, () => `${random.integer(0, 70_000)}`),
    // Fields in between, doubled.
    () =>
      text.replace(/,"[a-zA-Z]+":(?:\d+|"[^"]*")/g, (field) => (random.integer(0, 30) === 0 ? field + field : field)),
  ];
  return kinds[random.integer(0, kinds.length - 1)]!();
}

const one = <T>(random: Random, of: readonly T[]): T => of[random.integer(0, of.length - 1)]!;
const seldom = (random: Random): boolean => random.integer(0, 24) === 0;

/** What every level says besides its SVNs; most without advisories. */
function tail(random: Random) {
  const numbers = random.array(random.integer(0, 3), () => random.integer(0, 6) * 111);
  const advisoryIDs = numbers.map((n) => `INTEL-SA-${String(n).padStart(5, "0")}`);
  return { tcbStatus: one(random, STATUSES), ...(numbers.length === 0 ? {} : { advisoryIDs }) };
}

const svnLevels = (random: Random, least: number) => {
  const levels = random.array(random.integer(1, 3), () => random.integer(least, least + 3)).sort((a, b) => b - a);
  return levels.map((isvsvn) => ({ isvsvn, ...tail(random) }));
};

/** SVNs around those that the synthetic platform has, the last ones zero. */
const near = (random: Random, base: readonly number[], spread: number) =>
  base.map((svn) => Math.max(0, svn + (svn > 0 ? random.integer(-spread, spread > 0 ? random.integer(0, 1) : 0) : 0)));

const TDX = [5, 1, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

function platformLevels(random: Random, isTdx: boolean) {
  return random
    .array(random.integer(1, 4), () => 0)
    .map(() => ({
      sgx: near(random, PLATFORM.components, 1),
      pcesvn: random.integer(9, 11) + (seldom(random) ? 1 : 0),
      ...(isTdx ? { tdx: near(random, TDX, 2) } : {}),
      ...tail(random),
    }));
}

function tdBody(random: Random): Record<number, Uint8Array> {
  return {
    0: Buffer.of(
      random.integer(3, 6),
      random.integer(0, 9) === 0 ? 2 : random.integer(0, 3) === 0 ? 0 : 1,
      random.integer(6, 9),
    ),
    ...(seldom(random) ? { 64: Buffer.of(1) } : {}),
    ...(seldom(random) ? { 112: Buffer.of(1) } : {}),
    ...(random.integer(0, 5) === 0
      ? { 120: Buffer.of(random.integer(0, 1), 0, 0, one(random, [0x10, 0x30, 0xf8])) }
      : {}),
    ...(seldom(random) ? { 125: Buffer.of(1) } : {}),
    ...(random.integer(0, 1) === 0 ? { 500: Buffer.of(7) } : {}),
    584: Buffer.of(random.integer(4, 6), random.integer(0, 2), random.integer(6, 10)),
    ...(random.integer(0, 5) === 0 ? { 647: Buffer.of(9) } : {}),
  };
}

function sgxBody(random: Random): Record<number, Uint8Array> {
  return {
    48: Buffer.of(one(random, [5, 7, 0x35, 0x85, 5, 5, 5, 4, 0x0d]), one(random, [0, 4, 0, 0, 0, 8])),
    ...(random.integer(0, 1) === 0 ? { 200: Buffer.of(7) } : {}),
    ...(random.integer(0, 1) === 0 ? { 260: Buffer.of(7, 1) } : {}),
    32: Buffer.of(random.integer(0, 1)),
    256: Buffer.of(random.integer(0, 255), random.integer(0, 255), random.integer(0, 255), random.integer(0, 255)),
  };
}

/** A world in which anything may differ that decides about a quote, all of it signed. */
export function randomChanges(random: Random): Changes {
  const isTdx = random.integer(0, 3) > 0;
  const bodyType: 1 | 2 | 3 = isTdx ? one(random, [2, 3, 3] as const) : 1;
  const version = bodyType === 3 ? 5 : one(random, isTdx ? ([4, 5] as const) : ([3, 4, 5] as const));
  const quote = { version, bodyType };
  const body = isTdx ? tdBody(random) : sgxBody(random);
  const ends = () => (random.integer(0, 2) === 0 ? { nextUpdate: NOW + random.integer(2, 20) * DAY } : {});
  const isvSvn = random.integer(3, 9);
  return {
    isTdx,
    quote,
    body: bodyType === 2 ? Object.fromEntries(Object.entries(body).filter(([offset]) => Number(offset) < 584)) : body,
    qeReport: {
      256: Buffer.of(2, 0, isvSvn, 0),
      ...(seldom(random) ? { 16: Buffer.of(1) } : {}),
      ...(seldom(random) ? { 48: Buffer.of(0x13) } : {}),
      ...(seldom(random) ? { 128: Buffer.of(1) } : {}),
      ...(seldom(random) ? { 350: Buffer.of(1) } : {}),
    },
    tcbInfo: {
      ...ends(),
      evaluation: random.integer(15, 20),
      tcbLevels: platformLevels(random, isTdx),
      ...(isTdx
        ? {
            modules: one(random, [["TDX_01"], ["TDX_03", "TDX_01"]]).map((id) => ({
              id,
              tcbLevels: svnLevels(random, 2),
            })),
          }
        : {}),
      ...(seldom(random) ? { pceId: "0001" } : {}),
      ...(seldom(random) ? { fmspc: "b0c06f000001" } : {}),
    },
    qeIdentity: { ...ends(), evaluation: random.integer(15, 20), tcbLevels: svnLevels(random, 3) },
    pckCrl: { ...ends(), serials: seldom(random) ? [3n, SERIALS.pck] : [3n] },
    rootCrl: { ...ends(), serials: seldom(random) ? [SERIALS.authority] : [] },
    platform: { ...(seldom(random) ? { ppid: Buffer.alloc(16) } : {}), pceSvn: random.integer(10, 12) },
    ...(seldom(random) ? { pck: { subject: "Intel SGX PCK Leaf" } } : {}),
    ...(seldom(random) ? { authority: { pathLength: 1 } } : {}),
  };
}
