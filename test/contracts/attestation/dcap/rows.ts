import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { IntelCollateral } from "@assay/sdk";

import type { DcapSet } from "../../../../scripts/fixtures/intel-pki/world.ts";
import { assembleSet } from "../../../../scripts/support/dcap.ts";

const ROOT = join(import.meta.dirname, "../../../..");
const COMMITTED = join(ROOT, "vectors/tee");
const SHARED = join(ROOT, "../shared/vectors/tee");

/** Where a vector is: in the repository, or with the larger collection beside it; nothing where it is in neither. */
export function findVector(path: string): string | undefined {
  return [join(COMMITTED, path), join(SHARED, path)].find((file) => existsSync(file));
}

/** A genuine quote with collateral of its time, and what is to be said of it. */
export interface Row {
  readonly name: string;
  readonly quote: string;
  readonly collateral: string;
  readonly isTdx: boolean;
  /** Unix seconds. Both ends belong to it. */
  readonly window: readonly [number, number];
  /** Why it is refused, at any time, by this error. */
  readonly refused?: string;
  readonly status?: number;
  readonly advisories?: readonly number[];
  readonly flags?: number;
  readonly evaluation?: number;
}

/** The table in section 2 of the collection's index. */
export const ROWS: readonly Row[] = [
  {
    name: "SGX v3",
    quote: "intel-sgx/phala_sgx_v3_quote.bin",
    collateral: "intel-sgx/phala_sgx_v3_collateral.json",
    isTdx: false,
    window: [1750330571, 1752919278],
    status: 3,
    advisories: [289, 615],
  },
  {
    name: "SGX v3 of a debug enclave",
    quote: "intel-sgx/automata_sgx_v3_DEBUG_quote.bin",
    collateral: "intel-sgx/phala_sgx_v3_collateral.json",
    isTdx: false,
    window: [1750330571, 1752919278],
    status: 3,
    advisories: [289, 615],
    flags: 1,
  },
  {
    name: "TDX v4",
    quote: "intel-tdx/phala_tdx_v4_quote.bin",
    collateral: "intel-tdx/phala_tdx_v4_collateral.json",
    isTdx: true,
    window: [1750329147, 1752919235],
    status: 0,
  },
  {
    name: "TDX v4 of dstack",
    quote: "intel-tdx/dstack_quote_report.json",
    collateral: "intel-tdx/phala_tdx_v5_td15_outdated_collateral.json",
    isTdx: true,
    window: [1771412331, 1774003275],
    status: 0,
    evaluation: 18,
  },
  {
    name: "TDX v4 out of date, July",
    quote: "intel-tdx/automata_tdx_v4_quote.hex",
    collateral: "intel-tdx/assembled_automata_tdx_v4_00806f05_202507_collateral.json",
    isTdx: true,
    window: [1751880026, 1754471203],
    status: 4,
    advisories: [960, 982, 986],
  },
  {
    name: "TDX v4 out of date, October",
    quote: "intel-tdx/automata_tdx_v4_quote.hex",
    collateral: "intel-tdx/assembled_automata_tdx_v4_00806f05_202510_collateral.json",
    isTdx: true,
    window: [1760896130, 1762944332],
    status: 4,
    advisories: [960, 982, 986],
  },
  {
    name: "TDX v5 below all levels",
    quote: "intel-tdx/automata_tdx_v5_quote.dat",
    collateral: "intel-tdx/assembled_automata_tdx_v5_90c06f_202506_collateral.json",
    isTdx: true,
    window: [1749095025, 1751620771],
    refused: "TcbLevelUnknown",
  },
  {
    name: "TDX v5, TD 1.5, below all levels",
    quote: "intel-tdx/phala_tdx_v5_td15_outdated_quote.bin",
    collateral: "intel-tdx/phala_tdx_v5_td15_outdated_collateral.json",
    isTdx: true,
    window: [1771412331, 1774003275],
    refused: "TcbLevelUnknown",
  },
];

/** A quote out of a file of any of the forms that the collection has. */
export function readQuote(path: string): Uint8Array {
  const bytes = readFileSync(path);
  if (path.endsWith(".json")) {
    return Buffer.from((JSON.parse(bytes.toString("utf8")) as { quote: string }).quote, "hex");
  }
  if (path.endsWith(".hex")) return Buffer.from(bytes.toString("latin1").trim().replace(/^0x/, ""), "hex");
  return bytes;
}

export function readCollateral(path: string): IntelCollateral {
  return JSON.parse(readFileSync(path, "utf8")) as IntelCollateral;
}

/** The set of a row; nothing where a file of it is missing. */
export function readRow(row: Pick<Row, "quote" | "collateral">): DcapSet | undefined {
  const quote = findVector(row.quote);
  const collateral = findVector(row.collateral);
  if (quote === undefined || collateral === undefined) return undefined;
  return assembleSet(readQuote(quote), readCollateral(collateral));
}
