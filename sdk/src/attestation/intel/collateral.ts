import { z } from "zod";

import { AttestationError } from "../error.ts";

/** What a quote is judged by, in the field's common form: chains in PEM, documents as signed text, the rest in hexadecimal. */
export interface IntelCollateral {
  readonly pck_crl_issuer_chain: string;
  readonly root_ca_crl: string;
  readonly pck_crl: string;
  readonly tcb_info_issuer_chain: string;
  readonly tcb_info: string;
  readonly tcb_info_signature: string;
  readonly qe_identity_issuer_chain: string;
  readonly qe_identity: string;
  readonly qe_identity_signature: string;
}

/**
 * Intel's words for how well a machine is kept, as `Claims.tcbStatus` numbers them: worst last but for the last two, which say
 * that the machine is up to date, but was not yet when the trust domain was launched.
 */
export const TCB_STATUSES = [
  "UpToDate",
  "SWHardeningNeeded",
  "ConfigurationNeeded",
  "ConfigurationAndSWHardeningNeeded",
  "OutOfDate",
  "OutOfDateConfigurationNeeded",
  "Revoked",
  "TDRelaunchAdvised",
  "TDRelaunchAdvisedConfigurationNeeded",
] as const;
export type TcbStatus = (typeof TCB_STATUSES)[number];

const MAX_DOCUMENT_CHARACTERS = 24_000;
const MAX_LEVELS = 64;

const hexBytes = (bytes: number) => z.string().regex(new RegExp(`^[0-9a-fA-F]{${2 * bytes}}$`));
/** Unix seconds. Days and hours that are none, as the 30th of February, would be read as later ones. */
const date = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
  .refine((text) => {
    const time = Date.parse(text);
    return time >= 0 && new Date(time).toISOString() === text.replace("Z", ".000Z");
  })
  .transform((text) => Date.parse(text) / 1000);
const u8 = z.number().int().min(0).max(255);
const u16 = z.number().int().min(0).max(65_535);
/** Documents never advise a relaunch; that is found out by comparing. */
const status = z.enum(TCB_STATUSES.slice(0, 7) as [TcbStatus, ...TcbStatus[]]);
const advisories = z
  .array(z.string().regex(/^INTEL-SA-\d{5}$/))
  .min(1)
  .max(64)
  .optional();
const label = z
  .string()
  .regex(/^[ !#-[\]-~]{0,63}$/)
  .optional();
const components = z.array(z.object({ svn: u8, category: label, type: label }).strict()).length(16);

const isvLevel = z
  .object({ tcb: z.object({ isvsvn: u16 }).strict(), tcbDate: date, tcbStatus: status, advisoryIDs: advisories })
  .strict();
const isvLevels = z.array(isvLevel).min(1).max(MAX_LEVELS);
const head = { issueDate: date, nextUpdate: date, tcbEvaluationDataNumber: u16 };

const tcbInfo = z
  .object({
    id: z.enum(["SGX", "TDX"]),
    version: z.literal(3),
    ...head,
    fmspc: hexBytes(6),
    pceId: hexBytes(2),
    tcbType: z.literal(0),
    tdxModule: z
      .object({ mrsigner: hexBytes(48), attributes: hexBytes(8), attributesMask: hexBytes(8) })
      .strict()
      .optional(),
    tdxModuleIdentities: z
      .array(
        z
          .object({
            id: z.string().regex(/^TDX_[0-9A-Fa-f]{2}$/),
            mrsigner: hexBytes(48),
            attributes: hexBytes(8),
            attributesMask: hexBytes(8),
            tcbLevels: isvLevels,
          })
          .strict(),
      )
      .min(1)
      .max(16)
      .optional(),
    tcbLevels: z
      .array(
        z
          .object({
            tcb: z
              .object({ sgxtcbcomponents: components, pcesvn: u16, tdxtcbcomponents: components.optional() })
              .strict(),
            tcbDate: date,
            tcbStatus: status,
            advisoryIDs: advisories,
          })
          .strict(),
      )
      .min(1)
      .max(MAX_LEVELS),
  })
  .strict()
  .refine(isOfOneKind, "it mixes SGX and TDX");

const qeIdentity = z
  .object({
    id: z.enum(["QE", "TD_QE"]),
    version: z.literal(2),
    ...head,
    miscselect: hexBytes(4),
    miscselectMask: hexBytes(4),
    attributes: hexBytes(16),
    attributesMask: hexBytes(16),
    mrsigner: hexBytes(32),
    isvprodid: u16,
    tcbLevels: isvLevels,
  })
  .strict();

export type TcbInfo = z.infer<typeof tcbInfo>;
export type QeIdentity = z.infer<typeof qeIdentity>;
export type IsvLevel = z.infer<typeof isvLevel>;

/** Parses a TCB Info of version 3. @throws {AttestationError} TcbInfoInvalid. */
export function parseTcbInfo(text: string): TcbInfo {
  return parse("TcbInfoInvalid", tcbInfo, text);
}

/** Parses an identity of version 2. @throws {AttestationError} QeIdentityInvalid. */
export function parseQeIdentity(text: string): QeIdentity {
  return parse("QeIdentityInvalid", qeIdentity, text);
}

/** Whether what TDX has is in all of a document for TDX, and nowhere in one for SGX. */
function isOfOneKind(info: {
  readonly id: "SGX" | "TDX";
  readonly tdxModule?: unknown;
  readonly tdxModuleIdentities?: unknown;
  readonly tcbLevels: readonly { readonly tcb: { readonly tdxtcbcomponents?: unknown } }[];
}): boolean {
  const parts = [info.tdxModule, ...info.tcbLevels.map(({ tcb }) => tcb.tdxtcbcomponents)];
  if (info.id === "TDX") return parts.every((part) => part !== undefined);
  return [info.tdxModuleIdentities, ...parts].every((part) => part === undefined);
}

function parse<T>(reason: string, schema: z.ZodType<T>, text: string): T {
  if (text.length > MAX_DOCUMENT_CHARACTERS) throw new AttestationError(reason, `${text.length} characters`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new AttestationError(reason, "it is not JSON", { cause });
  }
  // Only in the form that Intel signs: a name that stands twice, white space or an escape would be lost in between.
  if (JSON.stringify(json) !== text) throw new AttestationError(reason, "it is not JSON in its shortest form");
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new AttestationError(reason, `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "malformed"}`);
}
