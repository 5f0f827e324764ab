import { TaskError, TaskErrorCode } from "../../shared/error.ts";
import { readBounded } from "../../shared/files.ts";

/** Most bytes of a file of evidence: the longest evidence in hexadecimal, with room for a JSON around it. */
const MAX_FILE_BYTES = 128 * 1024;

/**
 * Evidence in a file: its bytes, or the same as base64 or hexadecimal text, or the `quote` of a JSON object, which is how
 * guest agents give it.
 */
export async function readEvidence(path: string): Promise<Uint8Array> {
  const bytes = await readBounded(path, MAX_FILE_BYTES, "a file of evidence");
  const text = asciiOf(bytes);
  if (text === undefined) return bytes;
  const found = fromText(text.startsWith("{") ? quoteIn(path, text) : text);
  if (found !== undefined) return found;
  throw new TaskError(
    TaskErrorCode.FileContent,
    `${path} is text, but neither hexadecimal nor base64; give evidence as the enclave gave it.`,
  );
}

function asciiOf(bytes: Uint8Array): string | undefined {
  for (const byte of bytes) if (byte > 0x7e || (byte < 0x20 && ![9, 10, 13].includes(byte))) return undefined;
  return Buffer.from(bytes).toString("latin1").trim();
}

function quoteIn(path: string, text: string): string {
  try {
    const { quote } = JSON.parse(text) as { quote?: unknown };
    if (typeof quote === "string") return quote;
  } catch {
    // Not JSON; refused below.
  }
  throw new TaskError(TaskErrorCode.FileContent, `${path} is no JSON object with a "quote"; give evidence itself.`);
}

function fromText(text: string): Uint8Array | undefined {
  const compact = text.replace(/\s+/g, "");
  if (/^(?:0x)?(?:[0-9a-fA-F]{2})+$/.test(compact))
    return new Uint8Array(Buffer.from(compact.replace(/^0x/, ""), "hex"));
  if (/^[A-Za-z0-9+/]+={0,2}$/.test(compact)) return new Uint8Array(Buffer.from(compact, "base64"));
  return undefined;
}
