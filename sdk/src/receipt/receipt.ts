import { keccak256 } from "ethers";
import { z } from "zod";

import { address, fixedHex } from "../core/fields.ts";
import { canonicalJson, readJson } from "../core/json.ts";
import { MAX_PAYLOAD_BYTES } from "../core/limits.ts";
import { firstIssue } from "../core/zod-issue.ts";
import { AssayError } from "../errors.ts";
import { MAX_EVIDENCE_BYTES } from "../statement/evidence.ts";
import type { Statement } from "../statement/statement.ts";

/** Most bytes of a receipt's JSON. */
export const MAX_RECEIPT_BYTES = 1_048_576;

/** A statement with its evidence, to be kept and checked by anybody, without Assay's servers. */
export interface Receipt {
  readonly statement: Statement;
  /** 1 to 4 pieces, each as hex with its selector first. */
  readonly evidence: readonly string[];
  /** Canonical output bytes as hex, where they are not kept apart; needed to check a zk proof. */
  readonly output?: string;
  /** Unix seconds, by the clock of who wrote the receipt; no evidence binds it. */
  readonly issuedAt: number;
}

/** A receipt that cannot be read. */
export class ReceiptError extends AssayError {
  override readonly code: "ASY-RECEIPT-001" | "ASY-RECEIPT-002" | "ASY-RECEIPT-003";

  constructor(code: ReceiptError["code"], message: string) {
    super(message);
    this.code = code;
  }
}

const FORMAT = "assay.receipt/1";

const hex = (bytes: number) =>
  z.string().regex(new RegExp(`^0x[0-9a-f]{${2 * bytes}}$`), `${bytes} bytes of lower-case hex`);
const hexUpTo = (bytes: number) =>
  z
    .string()
    .max(2 + 2 * bytes)
    .regex(/^0x(?:[0-9a-f]{2})*$/, "lower-case hex");
const account = z.string().regex(/^0x[0-9a-fA-F]{40}$/, "an address");

const schema = z.strictObject({
  format: z.literal(FORMAT),
  chainId: z.string().regex(/^[1-9][0-9]{0,76}$/, "a decimal chain id"),
  hub: account,
  statement: z.strictObject({
    requestId: hex(32),
    version: hex(32),
    inputHash: hex(32),
    outputHash: hex(32),
    paramsHash: hex(32),
    enclavePolicy: hex(32),
    requester: account,
    beneficiary: account,
  }),
  evidence: z.array(hexUpTo(MAX_EVIDENCE_BYTES)).min(1).max(4),
  output: hexUpTo(MAX_PAYLOAD_BYTES).optional(),
  issuedAt: z.number().int().min(0).max(0xff_ffff_ffff),
});

/**
 * Reads a receipt: strict, bounded, nothing unknown allowed.
 * @throws {ReceiptError} when it is too long, not JSON, of the wrong form, or its output is not the one its statement
 * names.
 * @throws {FieldError} when an address has a wrong checksum.
 */
export function parseReceipt(source: Uint8Array | string): Receipt {
  const json = readJson(source, MAX_RECEIPT_BYTES);
  if (!json.ok) {
    throw json.reason === "too-large"
      ? new ReceiptError("ASY-RECEIPT-001", `The receipt has ${json.detail}.`)
      : new ReceiptError("ASY-RECEIPT-002", `The receipt is not JSON: ${json.detail}.`);
  }
  return fromJson(json.value);
}

/**
 * The receipt as canonical JSON (RFC 8785), which `parseReceipt` reads back.
 * @throws {ReceiptError | FieldError} when the receipt would not be read back.
 */
export function encodeReceipt({ statement, evidence, output, issuedAt }: Receipt): string {
  const json = {
    format: FORMAT,
    chainId: statement.chainId.toString(),
    hub: address("statement.hub", statement.hub),
    statement: {
      requestId: fixedHex("statement.requestId", statement.requestId, 32),
      version: fixedHex("statement.version", statement.version, 32),
      inputHash: fixedHex("statement.inputHash", statement.inputHash, 32),
      outputHash: fixedHex("statement.outputHash", statement.outputHash, 32),
      paramsHash: fixedHex("statement.paramsHash", statement.paramsHash, 32),
      enclavePolicy: fixedHex("statement.enclavePolicy", statement.enclavePolicy, 32),
      requester: address("statement.requester", statement.requester),
      beneficiary: address("statement.beneficiary", statement.beneficiary),
    },
    evidence: evidence.map((item) => item.toLowerCase()),
    ...(output === undefined ? {} : { output: output.toLowerCase() }),
    issuedAt,
  };
  fromJson(json);
  // Every string above is hex or decimal, so a canonical form exists.
  return canonicalJson(json) ?? "";
}

function fromJson(value: unknown): Receipt {
  const parsed = schema.safeParse(value);
  if (!parsed.success)
    throw new ReceiptError("ASY-RECEIPT-003", `The receipt is not valid: ${firstIssue(parsed.error)}.`);
  const { chainId, hub, statement, evidence, output, issuedAt } = parsed.data;
  if (output !== undefined && keccak256(output) !== statement.outputHash) {
    throw new ReceiptError(
      "ASY-RECEIPT-003",
      "The receipt's output does not hash to its statement's outputHash; one of the two was changed.",
    );
  }
  return {
    statement: {
      ...statement,
      chainId: BigInt(chainId),
      hub: address("hub", hub),
      requester: address("statement.requester", statement.requester),
      beneficiary: address("statement.beneficiary", statement.beneficiary),
    },
    evidence,
    ...(output === undefined ? {} : { output }),
    issuedAt,
  };
}
