import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { type IntelCollateral } from "@assay/sdk";

import { ROOT } from "../../../scripts/checks/files.ts";

const COMMITTED = join(ROOT, "vectors", "tee");
const SHARED = join(ROOT, "..", "shared", "vectors", "tee");

/** Bytes of a recorded file, decoded where it is text; undefined where this checkout has it not. */
export function recorded(name: string): Uint8Array | undefined {
  const path = [join(COMMITTED, name), join(SHARED, name)].find((candidate) => existsSync(candidate));
  if (path === undefined) return undefined;
  const bytes = readFileSync(path);
  if (name.endsWith(".b64")) return new Uint8Array(Buffer.from(bytes.toString("latin1"), "base64"));
  if (name.endsWith(".hex")) return new Uint8Array(Buffer.from(bytes.toString("latin1").trim(), "hex"));
  return new Uint8Array(bytes);
}

export function recordedCollateral(name: string): IntelCollateral | undefined {
  const bytes = recorded(name);
  return bytes === undefined ? undefined : (JSON.parse(Buffer.from(bytes).toString("utf8")) as IntelCollateral);
}

/** A Nitro document: its file, the edges of its validity, whether it is a debug enclave's. */
export const NITRO: readonly (readonly [file: string, from: number, until: number, debug: boolean])[] = [
  ["aws-nitro/opengradient_attestation_doc.b64", 1770918962, 1770929762, false],
  ["aws-nitro/base_fixture_20260103_repaired.bin", 1767472867, 1767483628, false],
  ["aws-nitro/dstack_nsmqvl_nitro_attestation.cose.bin", 1766668537, 1766679337, false],
  ["aws-nitro/dstack_attest_nitro_attestation_DEBUG.cose.bin", 1766650846, 1766661646, true],
  ["aws-nitro/marlin_sample_attestation.bin", 1708930921, 1708941576, false],
  ["aws-nitro/marlin_script_attestation.bin", 1712732941, 1712743741, false],
];

/** What Intel's rules say of a quote. */
export interface QuoteVector {
  readonly quote: string;
  readonly collateral: string;
  readonly from: number;
  readonly until: number;
  /** The status, or the error. */
  readonly answer: string;
  readonly advisories?: readonly string[];
  readonly debug?: true;
}

const SGX = { collateral: "intel-sgx/phala_sgx_v3_collateral.json", from: 1750330571, until: 1752919278 };
const SGX_ANSWER = {
  answer: "ConfigurationAndSWHardeningNeeded",
  advisories: ["INTEL-SA-00289", "INTEL-SA-00615"],
};
const OLD = { quote: "intel-tdx/automata_tdx_v4_quote.hex", answer: "OutOfDate" };
const OLD_ADVISORIES = ["INTEL-SA-00960", "INTEL-SA-00982", "INTEL-SA-00986"];
export const QUOTES: readonly QuoteVector[] = [
  { quote: "intel-sgx/automata_sgx_v3_DEBUG_quote.bin", ...SGX, ...SGX_ANSWER, debug: true },
  { quote: "intel-sgx/phala_sgx_v3_quote.bin", ...SGX, ...SGX_ANSWER },
  {
    quote: "intel-tdx/phala_tdx_v4_quote.bin",
    collateral: "intel-tdx/phala_tdx_v4_collateral.json",
    from: 1750329147,
    until: 1752919235,
    answer: "UpToDate",
  },
  {
    ...OLD,
    collateral: "intel-tdx/assembled_automata_tdx_v4_00806f05_202507_collateral.json",
    from: 1751880026,
    until: 1754471203,
    advisories: OLD_ADVISORIES,
  },
  {
    ...OLD,
    collateral: "intel-tdx/assembled_automata_tdx_v4_00806f05_202510_collateral.json",
    from: 1760896130,
    until: 1762944332,
    advisories: OLD_ADVISORIES,
  },
  {
    quote: "intel-tdx/automata_tdx_v5_quote.dat",
    collateral: "intel-tdx/assembled_automata_tdx_v5_90c06f_202506_collateral.json",
    from: 1749100000,
    until: 1749100000,
    answer: "TcbLevelUnknown",
  },
  {
    quote: "intel-tdx/phala_tdx_v5_td15_outdated_quote.bin",
    collateral: "intel-tdx/phala_tdx_v5_td15_outdated_collateral.json",
    from: 1771412331,
    until: 1774003275,
    answer: "TcbLevelUnknown",
  },
];
