import { existsSync, readFileSync } from "node:fs";

/** Real documents and certificates that are not kept in this repository. */
export const SHARED = new URL("../../../../../shared/vectors/tee/aws-nitro/", import.meta.url);

/** Those that are. */
export const OWN = new URL("../../../../vectors/tee/aws-nitro/", import.meta.url);

export const hasShared = existsSync(SHARED);

/** A document, the first and the last second at which all its certificates are valid, and its own time. */
export interface Vector {
  readonly file: string;
  readonly from: number;
  readonly until: number;
  readonly issuedAt: number;
  readonly debug?: true;
}

export const VECTORS: readonly Vector[] = [
  { file: "marlin_sample_attestation.bin", from: 1708930773, until: 1708941576, issuedAt: 1708930921 },
  { file: "marlin_script_attestation.bin", from: 1712732938, until: 1712743741, issuedAt: 1712732941 },
  {
    file: "dstack_attest_nitro_attestation_DEBUG.cose.bin",
    from: 1766650843,
    until: 1766661646,
    issuedAt: 1766650846,
    debug: true,
  },
  { file: "dstack_nsmqvl_nitro_attestation.cose.bin", from: 1766668534, until: 1766679337, issuedAt: 1766668537 },
  { file: "base_fixture_20260103_repaired.bin", from: 1767472825, until: 1767483628, issuedAt: 1767472867 },
  { file: "opengradient_attestation_doc.b64", from: 1770918959, until: 1770929762, issuedAt: 1770918962 },
];

/** The bytes of a vector, from beside the repository or from inside. */
export function readVector(file: string): Uint8Array {
  const own = new URL(file, OWN);
  const data = readFileSync(existsSync(own) ? own : new URL(file, SHARED));
  return Uint8Array.from(file.endsWith(".b64") ? Buffer.from(data.toString("latin1"), "base64") : data);
}

/** Whether a vector can be read here. */
export const isThere = (file: string) => hasShared || existsSync(new URL(file, OWN));
