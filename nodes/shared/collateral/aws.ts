import { CollateralError, CollateralErrorCode } from "./errors.ts";
import { get, type GetOptions } from "./get.ts";

const MAX_CRL_BYTES = 256 * 1024;

/** Hosts that the distribution points in AWS's Nitro certificates name, for the root's and for a region's lists. */
const CRL_HOST =
  /^(?:aws-nitro-enclaves-crl\.s3|crl-[a-z0-9-]{1,40}-aws-nitro-enclaves\.s3(?:\.[a-z0-9-]{1,40})?)\.amazonaws\.com$/;

export interface AwsCrlOptions extends GetOptions {
  /** Takes lists from this base address instead of the certificate's host: a mirror, or a test. */
  readonly mirror?: string;
}

/**
 * Fetches a revocation list of AWS Nitro, in DER, from the distribution point that a certificate names.
 *
 * The points are plain http; the list is signed, and whoever uses it checks the signature. Hosts that are not AWS's are
 * refused, so that a made-up certificate cannot make a machine call wherever it likes.
 *
 * @throws {CollateralError}
 */
export async function fetchAwsCrl(point: string, { mirror, ...options }: AwsCrlOptions = {}): Promise<Uint8Array> {
  const url = URL.canParse(point) ? new URL(point) : undefined;
  const ours =
    url !== undefined &&
    (url.protocol === "http:" || url.protocol === "https:") &&
    CRL_HOST.test(url.hostname) &&
    url.port === "" &&
    /^\/crl\/[0-9a-f-]{36}\.crl$/.test(url.pathname) &&
    url.search === "";
  if (!ours) {
    throw new CollateralError(
      CollateralErrorCode.Invalid,
      `"${point.slice(0, 200)}" is no revocation list of AWS Nitro.`,
    );
  }
  const from = mirror === undefined ? url.href : `${mirror.replace(/\/+$/, "")}${url.pathname}`;
  const { body } = await get(from, MAX_CRL_BYTES, { ...options, plain: mirror === undefined });
  if (body[0] !== 0x30) {
    throw new CollateralError(CollateralErrorCode.Garbage, `${from}: the answer is not a revocation list in DER.`);
  }
  return body;
}
