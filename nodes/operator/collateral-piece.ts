import {
  AttestationError,
  type CollateralPart,
  collateralValidity,
  ContractRevertError,
  type IntelCollateral,
  type Validity,
} from "@assay/sdk";
import type { Contract, Signer } from "ethers";

import { read, send } from "./call.ts";
import { OperatorError, OperatorErrorCode } from "./errors.ts";

/** What became of one piece of collateral: put on chain, or kept because what is there is as new. */
export interface PutPiece {
  readonly what: string;
  readonly state: "put" | "kept";
  readonly gas?: bigint;
  readonly transactionHash?: string;
}

const NOT_NEWER: ReadonlySet<string> = new Set(["CollateralNotNewer", "DocumentNotNewer"]);

/** A call that brings one piece on chain. */
export interface Piece {
  readonly what: string;
  readonly part: CollateralPart;
  readonly contract: Contract;
  readonly name: string;
  readonly args: readonly unknown[];
}

/** Puts a piece, unless what is there is as new. */
export async function putNewer(piece: Piece): Promise<Omit<PutPiece, "what">> {
  if (await isKept(piece)) return { state: "kept" };
  const receipt = await send(piece.contract, piece.name, piece.args);
  return { state: "put", gas: receipt.gasUsed, transactionHash: receipt.hash };
}

/** Whether the contract refuses a piece because what is there is as new. */
async function isKept({ contract, name, args }: Piece): Promise<boolean> {
  try {
    await read(contract, name, args);
    return false;
  } catch (error) {
    if (error instanceof ContractRevertError && NOT_NEWER.has(error.contractError)) return true;
    throw error;
  }
}

/** When each part is valid; undefined where its form is for the contracts to refuse. */
function validityOf(files: IntelCollateral): Readonly<Record<CollateralPart, Validity>> | undefined {
  try {
    return collateralValidity(files);
  } catch (error) {
    if (error instanceof AttestationError) return undefined;
    throw error;
  }
}

/** Refuses before anything is sent what the contracts would refuse as ended or not begun. */
export async function requireCurrent(account: Signer, pieces: readonly Piece[], files: IntelCollateral): Promise<void> {
  const validity = validityOf(files);
  const now = (await account.provider?.getBlock("latest"))?.timestamp;
  if (validity === undefined || now === undefined) return;
  for (const piece of pieces) {
    const { what, from, until } = validity[piece.part];
    if (now >= from && now <= until) continue;
    // What is there as new does no harm, however old it is. A call that fails otherwise fails for the time, too.
    if (await isKept(piece).catch(() => false)) continue;
    const ended = now > until;
    throw new OperatorError(
      OperatorErrorCode.Input,
      `${NOT_CURRENT[piece.part]}: ${what} in this collateral ${ended ? "has ended" : "has not begun"}: it is valid from ` +
        `${isoOf(from)} to ${isoOf(until)}, and the chain's time is ${isoOf(now)}. Nothing was sent; ` +
        (ended
          ? "get what Intel signs now with `enclave collateral fetch`, and put that."
          : "put it on a chain of its time, or when the chain's clock has come that far."),
    );
  }
}

/** Names of the errors with which the contracts refuse parts outside their time. */
const NOT_CURRENT: Readonly<Record<CollateralPart, string>> = {
  root_ca_crl: "CrlNotCurrent",
  pck_crl: "CrlNotCurrent",
  pck_crl_issuer_chain: "CertificateNotCurrent",
  tcb_info_issuer_chain: "CertificateNotCurrent",
  qe_identity_issuer_chain: "CertificateNotCurrent",
  tcb_info: "DocumentNotCurrent",
  qe_identity: "DocumentNotCurrent",
};

function isoOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}
