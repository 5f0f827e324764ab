import { z } from "zod";

import { RpcError, RpcErrorCode, RpcRefusedError } from "./errors.ts";

const Answer = z.object({
  jsonrpc: z.literal("2.0"),
  id: z.union([z.number(), z.string(), z.null()]),
  result: z.unknown().optional(),
  error: z.object({ code: z.number(), message: z.string().catch(""), data: z.unknown().optional() }).optional(),
});

/** Refusals of endpoints that only lag behind their siblings. */
const LAGGING = /header not found|unknown block|block not found|missing trie node|not yet available|still syncing/i;
const LIMITED = /rate limit|too many requests|request limit|throughput|quota/i;

/**
 * The `result` of the JSON-RPC answer `text` to call `id`.
 * @throws {RpcRefusedError} when the answer is an error object.
 * @throws {RpcError} when it is no answer to this call, or asks the caller to slow down.
 */
export function readAnswer(method: string, id: number, text: string): unknown {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw garbage(method, `${text.length} characters that are no JSON`, cause);
  }
  const parsed = Answer.safeParse(json);
  if (!parsed.success) throw garbage(method, "JSON that is no JSON-RPC answer");
  const { error, result } = parsed.data;
  if (error !== undefined) {
    if (error.code === -32_005 || error.code === 429 || LIMITED.test(error.message)) {
      throw new RpcError(RpcErrorCode.RateLimited, `${method}: the endpoint asks to slow down; use fewer calls.`);
    }
    throw new RpcRefusedError(method, error.code, error.message, error.data, LAGGING.test(error.message));
  }
  if (parsed.data.id !== id) throw garbage(method, `an answer to call ${String(parsed.data.id)}, not ${id}`);
  if (result === undefined) throw garbage(method, "an answer without result");
  return result;
}

function garbage(method: string, what: string, cause?: unknown): RpcError {
  const message = `${method} gave ${what}; if this goes on, use another endpoint.`;
  return new RpcError(RpcErrorCode.Garbage, message, cause === undefined ? {} : { cause });
}
