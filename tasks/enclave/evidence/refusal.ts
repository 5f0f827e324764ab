import { AttestationError, collateralValidity, type Inspection, type IntelCollateral, type Validity } from "@assay/sdk";

import { showTime } from "../../shared/time.ts";

const FETCH = "`enclave collateral fetch --file QUOTE --out collateral.json`";
const UNCHANGED = "Give the evidence as the enclave's hardware gave it, unchanged.";
const OTHER_COLLATERAL = `The collateral is not that of this machine; get it with ${FETCH}.`;
const REFETCH = `The collateral is not as Intel signed it; get it again with ${FETCH}.`;
const UPDATE_MACHINE = "Have the machine's operator update its firmware, fetch a new PCK certificate and attest again.";
const UPDATE_SOFTWARE = "Have the machine's operator update its DCAP software and attest again.";
const UPDATE_MODULE = "Have the machine's operator update its TDX module and attest again.";

/** What helps, by the name of the error. `docs/errors/enclave.md` has all names. */
const REMEDIES: Readonly<Record<string, string>> = {
  CertificateRevoked: "The vendor has withdrawn the certificate: use another machine, or wait for its successor.",
  DocumentSignatureMismatch: `Something is not as its vendor signed it. ${UNCHANGED} Collateral: ${FETCH}.`,
  IssuerMismatch: `${OTHER_COLLATERAL} A Nitro document: ${UNCHANGED.toLowerCase()}`,
  IssuerSignatureMismatch: REFETCH,
  PceMismatch: OTHER_COLLATERAL,
  QeIdentityInvalid: REFETCH,
  QeIdentityMismatch: UPDATE_SOFTWARE,
  QeIdentityUnknown: OTHER_COLLATERAL,
  QeLevelUnknown: UPDATE_SOFTWARE,
  QeRevoked: UPDATE_SOFTWARE,
  QeSignatureMismatch: UNCHANGED,
  QuoteSignatureMismatch: UNCHANGED,
  RootMismatch: "The chain does not end in the vendor's own root, so anybody can have made it: do not trust it.",
  SignatureMismatch: UNCHANGED,
  TcbInfoInvalid: REFETCH,
  TcbInfoUnknown: OTHER_COLLATERAL,
  TcbLevelUnknown:
    `${UPDATE_MACHINE} Collateral of an older evaluation number may still list it: \`enclave collateral fetch\` takes ` +
    "--update NUMBER; contracts judge by what was put last.",
  TcbRevoked: UPDATE_MACHINE,
  TdxModuleLevelUnknown: UPDATE_MODULE,
  TdxModuleMismatch: UPDATE_MODULE,
  TdxModuleRevoked: UPDATE_MODULE,
  TdxModuleUnknown: UPDATE_MODULE,
};

/** What evidence was judged by. */
export interface Judged {
  readonly at: number;
  readonly inspection: Inspection;
  readonly collateral: IntelCollateral | undefined;
}

/** A refusal under the same name, with times that people read and what helps. */
export function inWords(error: AttestationError, judged: Judged): AttestationError {
  const { message, reason, validity } = error;
  const at = showTime(judged.at);
  const text =
    validity === undefined
      ? `${message.slice(reason.length + 2)}, judged at ${at}. ${REMEDIES[reason] ?? "docs/errors/enclave.md says what helps."}`
      : `${validity.what} is valid from ${showTime(validity.from)} to ${showTime(validity.until)}, and it was judged at ${at}. ${remedyOf(validity, judged)}`;
  return new AttestationError(reason, text, { cause: error, ...(validity === undefined ? {} : { validity }) });
}

/** What helps against a wrong time: judging by another, or things of this one. */
function remedyOf(validity: Validity, judged: Judged): string {
  const isOver = judged.at > validity.until;
  const collateral = judged.collateral === undefined ? undefined : partsOf(judged.collateral);
  const isCollateral = collateral?.some(({ what }) => validity.what.endsWith(what)) ?? false;
  const [from, until] = windowOf(judged, collateral ?? []);
  const past =
    from <= until
      ? `${isOver ? "To judge it by its own time" : "It holds later"}: --at ${showTime(from)}, or any time up to ${showTime(until)}.`
      : "There is no time at which this evidence and this collateral are valid together.";
  if (!isOver) return past;
  return `${isCollateral ? `For evidence of now, get fresh collateral with ${FETCH}.` : "For use now, attest again."} ${past}`;
}

function partsOf(collateral: IntelCollateral): readonly Validity[] {
  try {
    return Object.values(collateralValidity(collateral));
  } catch {
    // Its form was refused already, or is refused later.
    return [];
  }
}

/** When all that the evidence is judged by is valid; empty where the end is before the beginning. */
function windowOf({ inspection }: Judged, collateral: readonly Validity[]): readonly [from: number, until: number] {
  const { certificates, issuedAt } = inspection;
  const from = [...certificates.map(({ notBefore }) => notBefore), ...collateral.map((part) => part.from)];
  const until = [...certificates.map(({ notAfter }) => notAfter), ...collateral.map((part) => part.until)];
  return [Math.max(...from, issuedAt ?? 0), Math.min(...until)];
}
