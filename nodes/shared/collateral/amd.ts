import { CollateralError, CollateralErrorCode } from "./errors.ts";
import { get, type GetOptions } from "./get.ts";

/** AMD's Key Distribution Service. */
export const AMD_KDS = "https://kdsintf.amd.com";

const MAX_CERTIFICATE_BYTES = 16 * 1024;
const MAX_CRL_BYTES = 256 * 1024;

const PRODUCTS = ["Milan", "Genoa", "Turin"] as const;
export type AmdProduct = (typeof PRODUCTS)[number];

/** Versions of the firmware parts, each 0 to 255, as an SEV-SNP report's `reported_tcb` says them. */
export interface SnpTcb {
  readonly bootloader: number;
  readonly tee: number;
  readonly snp: number;
  readonly microcode: number;
  /** Turin only. */
  readonly fmc?: number;
}

export interface AmdService extends GetOptions {
  /** Base address; {@link AMD_KDS} when left out. */
  readonly url?: string;
}

/** What AMD says of one chip at one firmware version. */
export interface AmdCollateral {
  /** Certificate of the chip's key for these versions, DER. */
  readonly vcek: Uint8Array;
  /** Certificates of the product's signing key and root, PEM, in this order. */
  readonly chain: string;
  /** Revocation list of the root, DER. */
  readonly crl: Uint8Array;
}

/**
 * Fetches what an SEV-SNP report is checked with. The service allows few calls a minute; keep what it gave.
 *
 * Not checked here: signatures and dates.
 *
 * @param chipId The report's `chip_id`, 64 bytes; Turin's are 8 bytes followed by zeros.
 * @throws {CollateralError}
 */
export async function fetchAmdCollateral(
  product: AmdProduct,
  chipId: Uint8Array,
  tcb: SnpTcb,
  { url = AMD_KDS, ...options }: AmdService = {},
): Promise<AmdCollateral> {
  if (!PRODUCTS.includes(product)) throw invalid(`product ${JSON.stringify(product)}`, PRODUCTS.join(", "));
  if (chipId.length !== 64) throw invalid(`chip id of ${chipId.length} bytes`, "64 bytes");
  const turin = product === "Turin";
  if (turin !== (tcb.fmc !== undefined)) throw invalid("fmc", "given for Turin and for nothing else");
  const parts = [
    ...(tcb.fmc === undefined ? [] : [["fmcSPL", tcb.fmc] as const]),
    ["blSPL", tcb.bootloader] as const,
    ["teeSPL", tcb.tee] as const,
    ["snpSPL", tcb.snp] as const,
    ["ucodeSPL", tcb.microcode] as const,
  ];
  const query = parts.map(([name, value]) => {
    if (!Number.isInteger(value) || value < 0 || value > 255) throw invalid(`${name} ${value}`, "0 to 255");
    return `${name}=${value.toString().padStart(2, "0")}`;
  });
  const id = Buffer.from(turin ? chipId.subarray(0, 8) : chipId).toString("hex");
  const base = `${url.replace(/\/+$/, "")}/vcek/v1/${product}`;
  const vcek = await get(`${base}/${id}?${query.join("&")}`, MAX_CERTIFICATE_BYTES, options);
  const chain = await get(`${base}/cert_chain`, MAX_CERTIFICATE_BYTES, options);
  const crl = await get(`${base}/crl`, MAX_CRL_BYTES, options);
  const pem = Buffer.from(chain.body).toString("latin1");
  if (vcek.body[0] !== 0x30 || crl.body[0] !== 0x30 || !pem.startsWith("-----BEGIN CERTIFICATE-----")) {
    throw new CollateralError(
      CollateralErrorCode.Garbage,
      `${base}: an answer is neither DER nor PEM; it was dropped.`,
    );
  }
  return { vcek: vcek.body, chain: pem, crl: crl.body };
}

function invalid(what: string, expected: string): CollateralError {
  return new CollateralError(CollateralErrorCode.Invalid, `${what}: expected ${expected}.`);
}
