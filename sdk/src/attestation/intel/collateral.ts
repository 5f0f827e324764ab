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

const MAX_DOCUMENT_CHARACTERS = 32_768;
const MAX_LEVELS = 64;

const hexBytes = (bytes: number) => z.string().regex(new RegExp(`^[0-9a-fA-F]{${2 * bytes}}$`));
const date = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
  .transform((text) => Date.parse(text) / 1000)
  .refine((seconds) => Number.isInteger(seconds) && seconds >= 0);
const u8 = z.number().int().min(0).max(255);
const u16 = z.number().int().min(0).max(65_535);
const u32 = z.number().int().min(0).max(0xffffffff);
/** Documents never advise a relaunch; that is found out by comparing. */
const status = z.enum(TCB_STATUSES.slice(0, 7) as [TcbStatus, ...TcbStatus[]]);
const advisories = z
  .array(z.string().regex(/^INTEL-SA-\d{5}$/))
  .max(64)
  .optional();
const components = z.array(z.object({ svn: u8 }).loose()).length(16);

const isvLevel = z.object({
  tcb: z.object({ isvsvn: u16 }).strict(),
  tcbDate: date,
  tcbStatus: status,
  advisoryIDs: advisories,
});
const head = { issueDate: date, nextUpdate: date, tcbEvaluationDataNumber: u32 };

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
            tcbLevels: z.array(isvLevel).max(MAX_LEVELS),
          })
          .strict(),
      )
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
      .max(MAX_LEVELS),
  })
  .strict();

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
    tcbLevels: z.array(isvLevel).max(MAX_LEVELS),
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

function parse<T>(reason: string, schema: z.ZodType<T>, text: string): T {
  if (text.length > MAX_DOCUMENT_CHARACTERS) throw new AttestationError(reason, `${text.length} characters`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new AttestationError(reason, "it is not JSON", { cause });
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new AttestationError(reason, `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "malformed"}`);
}
