import { CollateralError, CollateralErrorCode } from "./errors.ts";

export interface GetOptions {
  /** Longest wait for a whole answer, in milliseconds; 15,000 when left out. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Headers of the request, for services that want a key. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a service answered with status 200. */
export interface Got {
  readonly body: Uint8Array;
  readonly headers: Headers;
}

/**
 * One HTTP GET with a time-out and a limit on the answer. Follows no redirect.
 *
 * Plain http is taken from this machine, and where the caller says so because everything fetched is signed.
 *
 * @param maxBytes Most bytes of the answer's body.
 * @throws {CollateralError}
 */
export async function get(
  url: string,
  maxBytes: number,
  { timeoutMs = 15_000, signal, headers = {}, plain = false }: GetOptions & { readonly plain?: boolean } = {},
): Promise<Got> {
  const where = checkedUrl(url, plain);
  const timeout = AbortSignal.timeout(timeoutMs);
  let response: Response;
  let body: Uint8Array;
  try {
    response = await fetch(where, {
      headers,
      redirect: "manual",
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
    body = await read(url, response, maxBytes);
  } catch (cause) {
    if (signal?.aborted === true) throw signal.reason;
    if (cause instanceof CollateralError) throw cause;
    const what = timeout.aborted ? `no answer within ${timeoutMs} ms` : "the connection failed";
    throw new CollateralError(CollateralErrorCode.Unreachable, `${url}: ${what}; check the address.`, { cause });
  }
  if (response.status === 200) return { body, headers: response.headers };
  if (response.status === 404) {
    throw new CollateralError(CollateralErrorCode.NotFound, `${url}: the service knows no such thing (HTTP 404).`);
  }
  const passing = response.status === 429 || response.status >= 500;
  throw new CollateralError(
    passing ? CollateralErrorCode.Unreachable : CollateralErrorCode.Garbage,
    `${url}: HTTP status ${response.status}; ${passing ? "try again later" : "check the address and the key"}.`,
  );
}

function checkedUrl(url: string, plain: boolean): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const local = parsed !== undefined && ["127.0.0.1", "[::1]", "localhost"].includes(parsed.hostname);
  if (parsed?.protocol === "https:" || (parsed?.protocol === "http:" && (plain || local))) return parsed;
  throw new CollateralError(CollateralErrorCode.Invalid, `"${url.slice(0, 200)}" is not an https address.`);
}

async function read(url: string, response: Response, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > maxBytes) {
      throw new CollateralError(
        CollateralErrorCode.Garbage,
        `${url}: the answer has over ${maxBytes} bytes; it was dropped.`,
      );
    }
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}
