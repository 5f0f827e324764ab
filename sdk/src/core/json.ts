import canonicalize from "canonicalize";

/** Text of a UTF-8 JSON document and what it says, or why it cannot be read. */
export type JsonResult =
  | { readonly ok: true; readonly text: string; readonly value: unknown }
  | { readonly ok: false; readonly reason: "too-large" | "not-json"; readonly detail: string };

/** Reads at most `maxBytes` of JSON. The size is checked before anything is decoded. */
export function readJson(source: Uint8Array | string, maxBytes: number): JsonResult {
  // Each UTF-16 unit is at least one byte of UTF-8.
  if (source.length > maxBytes) return tooLarge(source.length, maxBytes);
  try {
    if (typeof source === "string") {
      const size = new TextEncoder().encode(source).length;
      if (size > maxBytes) return tooLarge(size, maxBytes);
    }
    const text =
      typeof source === "string" ? source : new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(source);
    return { ok: true, text, value: JSON.parse(text) as unknown };
  } catch (error) {
    const detail = error instanceof Error ? error.message.slice(0, 120) : "";
    return { ok: false, reason: "not-json", detail };
  }
}

/** Canonical JSON (RFC 8785); undefined for what has none, such as text with half a surrogate pair. */
export function canonicalJson(value: unknown): string | undefined {
  try {
    return canonicalize(value);
  } catch {
    return undefined;
  }
}

function tooLarge(received: number, maxBytes: number): JsonResult {
  return { ok: false, reason: "too-large", detail: `${received} bytes; at most ${maxBytes} are read` };
}
