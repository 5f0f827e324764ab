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
  const foreign = foreignText(text);
  if (foreign !== undefined) throw new TaskError(TaskErrorCode.FileContent, `${path} ${foreign}.`);
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

/** What a text is that is no evidence here, where that is easily told. */
function foreignText(text: string): string | undefined {
  if (text.startsWith("-----BEGIN ")) {
    return "is PEM, as certificates and keys are; give the attestation document or quote itself";
  }
  // The beginning of a token's header, `{"`, in base64url.
  const isToken =
    /^eyJ[\w-]+\.[\w-]+\./.test(text) ||
    (text.startsWith("{") && !text.includes('"quote"') && /"eyJ[\w-]+\.[\w-]+\./.test(text));
  if (isToken) {
    return "holds tokens (JWT), as NVIDIA's and other attestation services give; only evidence of hardware itself is supported: a Nitro document or an Intel quote";
  }
  return undefined;
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
