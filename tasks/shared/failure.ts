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
