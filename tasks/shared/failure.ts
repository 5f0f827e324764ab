import { AssayError, contractErrorOf } from "@assay/sdk";

import { TaskError, TaskErrorCode } from "./error.ts";
import { printable } from "./report.ts";

/** What a failed task says of itself. */
export interface Failure {
  readonly code: string;
  /** One line of at most 1,500 characters. */
  readonly message: string;
  /** Whether the same call can succeed later without a change. */
  readonly retryable: boolean;
}

const MAX_MESSAGE = 1_500;
/** Code of the compiler's `CalibrationDataError`; the compiler itself is too heavy to be loaded for it. */
const CALIBRATION_DATA = "ASY-QUANT-002";

/**
 * Puts any error into one line with a code.
 * @param args The task's options, for errors of parts that do not know which file their data came from.
 */
export function describeFailure(error: unknown, args: object = {}): Failure {
  const { code, message, retryable } = asAssayError(error);
  const line = printable(`${message.replace(/\s*\n\s*/g, " ").trim()}${sourceOf(code, args)}`);
  return { code, message: line.length <= MAX_MESSAGE ? line : `${line.slice(0, MAX_MESSAGE - 3)}...`, retryable };
}

/** "In which file", and what to do, for data that were read from the file of an option. */
function sourceOf(code: string, args: object): string {
  const { calibration } = args as { readonly calibration?: unknown };
  if (code !== CALIBRATION_DATA || typeof calibration !== "string") return "";
  return ` The data are those of ${calibration}: give inputs of this model with --calibration, each row all values of one, flat and row-major.`;
}

/** Whether an error, or what caused it, is that nothing answered at the RPC's URL. */
export function isUnreachable(error: unknown): boolean {
  return linksOf(error).some(
    (link) =>
      /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|UND_ERR_[A-Z_]+)$/.test(String(link["code"])) ||
      /^HHE\d+: Cannot connect to the network/.test(String(link["message"])),
  );
}

function asAssayError(error: unknown): AssayError {
  if (error instanceof AssayError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (isUnreachable(error)) {
    return new TaskError(
      TaskErrorCode.Unreachable,
      `The network's RPC does not answer any more (${message}); check it, and run the task again.`,
    );
  }
  const file = fileErrorOf(error);
  if (file !== undefined) return file;
  const [outer] = linksOf(error);
  // What Hardhat itself says: a configuration variable that is not set, a network that does not exist.
  if (outer?.["name"] === "HardhatError") return new TaskError(TaskErrorCode.Hardhat, `${message}${remedyOf(message)}`);
  // What ethers and the provider throw has a code; a bare Error is a mistake of this toolkit.
  if (outer !== undefined && outer["code"] !== undefined) return contractErrorOf("The call", error);
  return new TaskError(
    TaskErrorCode.Unexpected,
    `Something that the task does not expect: ${message}. Run it again with ASSAY_STACK=1 and report what it prints.`,
  );
}

const FILE_REMEDIES: Readonly<Record<string, string>> = {
  EEXIST: "something is there already: choose another place, or remove it",
  ENOTDIR: "a file stands where a folder must be: choose another path",
  EISDIR: "a folder stands where a file must be: choose another path",
  ENOTEMPTY: "the folder is not empty: choose another path, or empty it",
  EACCES: "this account may not: choose another path, or change the permissions",
  EPERM: "this account may not: choose another path, or change the permissions",
  EROFS: "the file system is read-only: choose another place",
  ENOSPC: "no space is left: free some, or choose another place",
  EDQUOT: "no space is left: free some, or choose another place",
  EFBIG: "the file would be too large for the file system: choose another place",
  ENOENT: "it, or its folder, is not there: correct the path",
  ELOOP: "its links go round in a circle: correct the path",
  ENAMETOOLONG: "the name is too long: choose a shorter one",
  EMFILE: "too many files are open: raise the limit (`ulimit -n`)",
  EIO: "the disk failed: choose another place",
};

/** The error where it is the file system's; parts below tasks pass it on as it is. */
function fileErrorOf(error: unknown): TaskError | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, syscall, path, dest } = error as NodeJS.ErrnoException & { readonly dest?: unknown };
  const remedy = code === undefined || !Object.hasOwn(FILE_REMEDIES, code) ? undefined : FILE_REMEDIES[code];
  if (remedy === undefined || typeof syscall !== "string") return undefined;
  const place = typeof dest === "string" ? dest : path;
  const where = typeof place === "string" ? `${place} cannot be used` : "A file cannot be used";
  return new TaskError(TaskErrorCode.File, `${where} (${syscall}: ${code}); ${remedy}.`, { cause: error });
}

/** What to type for a configuration variable that is not set. */
function remedyOf(message: string): string {
  const [, name] = /(?:Configuration Variable|Key) "([A-Za-z0-9_]+)" not found/.exec(message) ?? [];
  return name === undefined ? "" : ` For example: \`npx hardhat keystore set ${name}\`.`;
}

/** The error, and what it says caused it, nearest first; at most eight links. */
function linksOf(error: unknown): Record<string, unknown>[] {
  const links: Record<string, unknown>[] = [];
  const queue: unknown[] = [error];
  while (queue.length > 0 && links.length < 8) {
    const link = queue.shift();
    if (typeof link !== "object" || link === null) continue;
    const fields = link as Record<string, unknown>;
    if (links.includes(fields)) continue;
    links.push(fields);
    queue.push(fields["cause"], fields["error"], fields["info"]);
  }
  return links;
}
