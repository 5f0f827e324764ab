import { hexlify, keccak256, recoverAddress } from "ethers";

import { address, boundedBytes, fixedHex } from "../core/fields.ts";
import { AssayError } from "../errors.ts";
import { isSignedBy } from "../statement/evidence-key.ts";
import { decodeEvidence, type Evidence } from "../statement/evidence.ts";
import { statementDigest } from "../statement/statement.ts";
import { PACKED_BINDING, type ZkBinding } from "../zk/binding.ts";
import { boundWords } from "../zk/bound-words.ts";
import { zkContext } from "../zk/context.ts";
import { ZkFormatError } from "../zk/error.ts";
import { type Groth16Verdict, verifyGroth16 } from "../zk/groth16.ts";
import type { VerifyingKey } from "../zk/verifying-key.ts";
import type { Receipt } from "./receipt.ts";

/** What evidence is checked against. Evidence of a kind for which nothing is given does not hold. */
export interface ReceiptTrust {
  /** Accounts whose SIGNATURE evidence counts: signers of bonded nodes at the time. */
  readonly signers?: readonly string[];
  /**
   * Keys whose TEE evidence counts: enclave keys valid under the statement's policy at the time. Accounts; for P-256, x and y
   * in 64 bytes; for RSA, exponent (4 bytes) and modulus.
   */
  readonly enclaveKeys?: readonly string[];
  /** Key of the version's circuit, from `parseVerifyingKey`. */
  readonly verifyingKey?: VerifyingKey;
  /** How that circuit binds input and output; default packed and public, as where the manifest names none. */
  readonly binding?: ZkBinding;
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
  | "signature-wrong"
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
  /** Key on P-256 or of RSA that signed, where one did; as `ReceiptTrust.enclaveKeys` takes it. */
  readonly key?: string;
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
    evidence = decodeEvidence(encoded, trust.binding?.mode);
  } catch (error) {
    if (!(error instanceof AssayError)) throw error;
    const selector = typeof encoded === "string" ? encoded.slice(0, 10).toLowerCase() : "";
    return { selector, holds: false, reason: "malformed", detail: error.message };
  }
  if (evidence.kind === "zkml") return zkVerdict(receipt, evidence, trust);
  if (evidence.kind === "signature") return signatureVerdict(receipt, evidence, trust.signers);
  const { accounts, keys } = enclaveKeysOf(trust);
  if (evidence.key === undefined) return signatureVerdict(receipt, evidence, accounts, keys.length !== 0);
  const { selector } = evidence;
  const key = evidence.key.data;
  if (!isSignedBy(evidence.key, statementDigest(receipt.statement, selector), evidence.signature)) {
    return { selector, holds: false, reason: "signature-wrong", detail: "Not by the key that stands in the evidence." };
  }
  if (trust.enclaveKeys === undefined || trust.enclaveKeys.length === 0) {
    return { selector, holds: false, reason: "nothing-to-trust", key };
  }
  const holds = keys.includes(key);
  return { selector, holds, reason: holds ? "holds" : "signer-not-trusted", key };
}

/** The trusted enclave keys: accounts apart from the keys that stand in evidence, which are longer. */
function enclaveKeysOf({ enclaveKeys = [] }: ReceiptTrust): {
  readonly accounts: readonly string[];
  readonly keys: readonly string[];
} {
  const isKey = (text: string): boolean => text.length === 130 || text.length >= 2 + 2 * 260;
  const keys = enclaveKeys.filter(isKey).map((key, index) => {
    const bytes = boundedBytes(`trusted key ${index}`, key, 516);
    return hexlify(bytes);
  });
  return { accounts: enclaveKeys.filter((text) => !isKey(text)), keys };
}

function signatureVerdict(
  { statement }: Receipt,
  { selector, signature }: Extract<Evidence, { signature: string }>,
  trusted: readonly string[] | undefined,
  othersTrusted = false,
): EvidenceVerdict {
  const accounts = (trusted ?? []).map((account, index) => address(`trusted account ${index}`, account));
  const signer = recovered(statementDigest(statement, selector), signature);
  if (signer === undefined)
    return { selector, holds: false, reason: "malformed", detail: "No key makes this signature." };
  if (accounts.length === 0 && !othersTrusted) return { selector, holds: false, reason: "nothing-to-trust", signer };
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
  { selector, proof, fingerprint, input }: Extract<Evidence, { kind: "zkml" }>,
  { verifyingKey: key, binding = PACKED_BINDING }: ReceiptTrust,
): EvidenceVerdict {
  const no = (reason: EvidenceReason): EvidenceVerdict => ({ selector, holds: false, reason });
  if (key === undefined) return no("nothing-to-trust");
  if (output === undefined) return no("output-missing");
  if (keccak256(input) !== fixedHex("statement.inputHash", statement.inputHash, 32)) return no("input-differs");
  if (keccak256(output) !== fixedHex("statement.outputHash", statement.outputHash, 32)) return no("output-differs");
  let words: bigint[];
  try {
    const named = fingerprint === undefined ? {} : { fingerprint };
    words = boundWords(binding, { context: zkContext(statement), input, output, ...named });
  } catch (error) {
    if (!(error instanceof ZkFormatError)) throw error;
    return { ...no("malformed"), detail: error.message };
  }
  const verdict = verifyGroth16(key, words, proof);
  return { selector, holds: verdict === "holds", reason: verdict };
}
