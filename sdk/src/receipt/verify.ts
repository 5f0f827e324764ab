import { keccak256, recoverAddress } from "ethers";

import { address, fixedHex } from "../core/fields.ts";
import { AssayError } from "../errors.ts";
import { decodeEvidence, type Evidence } from "../statement/evidence.ts";
import { statementDigest } from "../statement/statement.ts";
import { type Groth16Verdict, verifyGroth16 } from "../zk/groth16.ts";
import { publicWords, zkContext } from "../zk/public-words.ts";
import type { VerifyingKey } from "../zk/verifying-key.ts";
import type { Receipt } from "./receipt.ts";

/** What evidence is checked against. Evidence of a kind for which nothing is given does not hold. */
export interface ReceiptTrust {
  /** Accounts whose SIGNATURE evidence counts: signers of bonded nodes at the time. */
  readonly signers?: readonly string[];
  /** Accounts whose TEE evidence counts: enclave keys valid under the statement's policy at the time. */
  readonly enclaveKeys?: readonly string[];
  /** Key of the version's circuit, from `parseVerifyingKey`. */
  readonly verifyingKey?: VerifyingKey;
  /** Selectors of which evidence must be there. */
  readonly requires?: readonly string[];
}

/** Why a piece of evidence does not hold, or that it does. */
export type EvidenceReason =
  | Exclude<Groth16Verdict, "holds">
  | "holds"
  | "malformed"
  | "missing"
  | "nothing-to-trust"
  | "signer-not-trusted"
  | "output-missing"
  | "input-differs"
  | "output-differs";

/** What is to be said of one piece of evidence. */
export interface EvidenceVerdict {
  /** First four bytes of the evidence, as hex; shorter where it is. */
  readonly selector: string;
  readonly holds: boolean;
  readonly reason: EvidenceReason;
  /** Account that signed, where one did. */
  readonly signer?: string;
  /** For people. */
  readonly detail?: string;
}

/** Verdicts in the order of the evidence, then one for each required selector without evidence. */
export interface ReceiptVerdict {
  /** Whether every piece of evidence holds, and none that is required is missing. */
  readonly holds: boolean;
  readonly verdicts: readonly EvidenceVerdict[];
}

/**
 * Checks the evidence of a receipt against what the caller trusts, without a chain.
 *
 * Not checked here: that the accounts were bonded or valid at the time (ask the registries), that the verifying key is
 * the version's (compare its `hash` with the registered verifier's), that the request was paid or is still open.
 * @throws {FieldError} when the statement or the trust has a field of the wrong form; never for bad evidence.
 */
export function verifyReceipt(receipt: Receipt, trust: ReceiptTrust = {}): ReceiptVerdict {
  const verdicts = receipt.evidence.map((evidence) => verdictOf(receipt, evidence, trust));
  for (const [index, required] of (trust.requires ?? []).entries()) {
    const selector = fixedHex(`requires ${index}`, required, 4);
    if (!verdicts.some((verdict) => verdict.selector === selector)) {
      verdicts.push({ selector, holds: false, reason: "missing" });
    }
  }
  return { holds: verdicts.length > 0 && verdicts.every(({ holds }) => holds), verdicts };
}

function verdictOf(receipt: Receipt, encoded: string, trust: ReceiptTrust): EvidenceVerdict {
  let evidence: Evidence;
  try {
    evidence = decodeEvidence(encoded);
  } catch (error) {
    if (!(error instanceof AssayError)) throw error;
    const selector = typeof encoded === "string" ? encoded.slice(0, 10).toLowerCase() : "";
    return { selector, holds: false, reason: "malformed", detail: error.message };
  }
  if (evidence.kind === "zkml") return zkVerdict(receipt, evidence, trust.verifyingKey);
  const trusted = evidence.kind === "signature" ? trust.signers : trust.enclaveKeys;
  return signatureVerdict(receipt, evidence, trusted);
}

function signatureVerdict(
  { statement }: Receipt,
  { selector, signature }: Extract<Evidence, { signature: string }>,
  trusted: readonly string[] | undefined,
): EvidenceVerdict {
  const accounts = (trusted ?? []).map((account, index) => address(`trusted account ${index}`, account));
  const signer = recovered(statementDigest(statement, selector), signature);
  if (signer === undefined)
    return { selector, holds: false, reason: "malformed", detail: "No key makes this signature." };
  if (accounts.length === 0) return { selector, holds: false, reason: "nothing-to-trust", signer };
  const holds = accounts.includes(signer);
  return { selector, holds, reason: holds ? "holds" : "signer-not-trusted", signer };
}

function recovered(digest: string, signature: string): string | undefined {
  try {
    return recoverAddress(digest, signature);
  } catch {
    // r is not the x of a point.
    return undefined;
  }
}

function zkVerdict(
  { statement, output }: Receipt,
  { selector, proof, input }: Extract<Evidence, { kind: "zkml" }>,
  key: VerifyingKey | undefined,
): EvidenceVerdict {
  const no = (reason: EvidenceReason): EvidenceVerdict => ({ selector, holds: false, reason });
  if (key === undefined) return no("nothing-to-trust");
  if (output === undefined) return no("output-missing");
  if (keccak256(input) !== fixedHex("statement.inputHash", statement.inputHash, 32)) return no("input-differs");
  if (keccak256(output) !== fixedHex("statement.outputHash", statement.outputHash, 32)) return no("output-differs");
  const verdict = verifyGroth16(key, publicWords(zkContext(statement), input, output), proof);
  return { selector, holds: verdict === "holds", reason: verdict };
}
