import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What the proxy does to one call. */
export type Mischief =
  "none" | "drop" | "garbage" | "cut" | "limit" | "late-drop" | "wrong-id" | "error-500" | "swallow";

export interface ProxyCall {
  readonly method: string;
  readonly params: readonly unknown[];
}

/** A JSON-RPC endpoint in front of another one, that records what it is told and misbehaves as asked. */
export interface Proxy {
  readonly url: string;
  /** Every call that came in, in order. */
  readonly calls: ProxyCall[];
  /** How often each mischief was done. */
  readonly done: Map<Mischief, number>;
  /** Chooses what happens to a call; "none" passes it on. */
  choose: (call: ProxyCall, number: number) => Mischief;
  close(): Promise<void>;
}

/** Starts a proxy for `target`. */
export async function startProxy(target: string): Promise<Proxy> {
  const calls: ProxyCall[] = [];
  const done = new Map<Mischief, number>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => void answer(Buffer.concat(chunks).toString("utf8"), response));
  });
  const answer = async (body: string, response: ServerResponse): Promise<void> => {
    const call = JSON.parse(body) as ProxyCall & { id: number };
    calls.push(call);
    const mischief = proxy.choose(call, calls.length);
    done.set(mischief, (done.get(mischief) ?? 0) + 1);
    const json = (status: number, text: string): void => {
      response.writeHead(status, { "content-type": "application/json" }).end(text);
    };
    if (mischief === "drop") return void response.destroy();
    if (mischief === "garbage") return json(200, "<html>gateway</html>");
    if (mischief === "error-500") return json(500, "oops");
    // Says yes and does nothing: a transaction that no block builder ever hears of.
    if (mischief === "swallow")
      return json(200, JSON.stringify({ jsonrpc: "2.0", id: call.id, result: `0x${"00".repeat(32)}` }));
    if (mischief === "limit") return json(429, "slow down");
    try {
      const upstream = await fetch(target, { method: "POST", headers: { "content-type": "application/json" }, body });
      const text = await upstream.text();
      // The call took effect, but nobody hears of it.
      if (mischief === "late-drop") return void response.destroy();
      if (mischief === "cut") return json(200, text.slice(0, Math.floor(text.length / 2)));
      if (mischief === "wrong-id") return json(200, text.replace(/"id":\d+/, '"id":999999999'));
      json(upstream.status, text);
    } catch {
      response.destroy();
    }
  };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const proxy: Proxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    done,
    choose: () => "none",
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  return proxy;
}

/** The distinct signed transactions that were sent through a proxy, in order. */
export function sentTransactions(proxy: Proxy): string[] {
  const raws = proxy.calls
    .filter(({ method }) => method === "eth_sendRawTransaction")
    .map(({ params }) => String(params[0]));
  return [...new Set(raws)];
}
