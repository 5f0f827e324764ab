import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { expect } from "chai";

import {
  backoffMs,
  CallRevertedError,
  Chain,
  HttpRpc,
  RetryingRpc,
  type Rpc,
  RpcError,
  RpcErrorCode,
  RpcRefusedError,
} from "../../../nodes/shared/index.ts";

async function failure(work: Promise<unknown>): Promise<RpcError> {
  return await work.then(
    () => {
      throw new Error("it did not fail");
    },
    (error: unknown) => error as RpcError,
  );
}

describe("HttpRpc", () => {
  let server: Server;
  let url: string;
  let listener: RequestListener;
  before(async () => {
    server = createServer((request, response) => {
      request.resume();
      listener(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  const answer = (status: number, body: string, headers: Record<string, string> = {}): void => {
    listener = (_, response) => response.writeHead(status, headers).end(body);
  };

  it("gives the result", async () => {
    answer(200, '{"jsonrpc":"2.0","id":1,"result":"0x7a69"}');
    expect(await new HttpRpc(url).request("eth_chainId", [])).to.equal("0x7a69");
  });

  const cases: [string, number, string, string, boolean][] = [
    ["no JSON", 200, "<html>", RpcErrorCode.Garbage, true],
    ["another call's answer", 200, '{"jsonrpc":"2.0","id":9,"result":1}', RpcErrorCode.Garbage, true],
    ["no result", 200, '{"jsonrpc":"2.0","id":1}', RpcErrorCode.Garbage, true],
    ["a failing gateway", 502, "bad gateway", RpcErrorCode.Unreachable, true],
    ["too many requests", 429, "", RpcErrorCode.RateLimited, true],
    [
      "a limit as JSON",
      200,
      '{"jsonrpc":"2.0","id":1,"error":{"code":-32005,"message":"x"}}',
      RpcErrorCode.RateLimited,
      true,
    ],
    ["a refusal", 200, '{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"no"}}', RpcErrorCode.Refused, false],
    [
      "a laggard",
      200,
      '{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"header not found"}}',
      RpcErrorCode.Refused,
      true,
    ],
    [
      "a refusal with an HTTP error",
      400,
      '{"jsonrpc":"2.0","id":1,"error":{"code":3,"message":"no"}}',
      RpcErrorCode.Refused,
      false,
    ],
  ];
  for (const [what, status, body, code, retryable] of cases) {
    it(`names ${what}`, async () => {
      answer(status, body);
      const error = await failure(new HttpRpc(url).request("eth_call", []));
      expect([error.code, error.retryable]).to.deep.equal([code, retryable]);
    });
  }

  it("drops an answer that is too long", async () => {
    answer(200, JSON.stringify({ jsonrpc: "2.0", id: 1, result: "x".repeat(5_000) }));
    expect((await failure(new HttpRpc(url, { maxBytes: 4_000 }).request("a", []))).code).to.equal(RpcErrorCode.Garbage);
  });

  it("gives up waiting, and a wait ends when it is aborted", async () => {
    listener = () => undefined;
    const error = await failure(new HttpRpc(url, { timeoutMs: 100 }).request("a", []));
    expect(error.code).to.equal(RpcErrorCode.Unreachable);
    const abort = new AbortController();
    const waiting = failure(new HttpRpc(url).request("a", [], abort.signal));
    abort.abort();
    expect((await waiting).name).to.equal("AbortError");
  });

  it("names an endpoint that is not there", async () => {
    expect((await failure(new HttpRpc("http://127.0.0.1:1").request("a", []))).code).to.equal(RpcErrorCode.Unreachable);
  });
});

describe("RetryingRpc", () => {
  const failing = (times: number, error: RpcError): Rpc & { calls: number } => ({
    calls: 0,
    request() {
      this.calls++;
      return this.calls <= times ? Promise.reject(error) : Promise.resolve("ok");
    },
  });
  const quick = { attempts: 3, baseMs: 1, maxMs: 2 };

  it("repeats what can pass, as often as it was told", async () => {
    const inner = failing(2, new RpcError(RpcErrorCode.Unreachable, "x"));
    expect(await new RetryingRpc(inner, quick).request("a", [])).to.equal("ok");
    expect(inner.calls).to.equal(3);
    const dead = failing(9, new RpcError(RpcErrorCode.Garbage, "x"));
    expect((await failure(new RetryingRpc(dead, quick).request("a", []))).code).to.equal(RpcErrorCode.Garbage);
    expect(dead.calls).to.equal(3);
  });

  it("does not repeat a refusal", async () => {
    const inner = failing(1, new RpcRefusedError("a", -32_000, "no", undefined, false));
    await failure(new RetryingRpc(inner, quick).request("a", []));
    expect(inner.calls).to.equal(1);
  });
});

describe("backoffMs", () => {
  it("doubles up to the maximum and stays in the upper half", () => {
    const at = (failures: number, random: number): number =>
      backoffMs(failures, { baseMs: 100, maxMs: 1_000, random: () => random });
    expect([1, 2, 3, 4, 5, 60].map((failures) => at(failures, 1))).to.deep.equal([100, 200, 400, 800, 1_000, 1_000]);
    expect([1, 5].map((failures) => at(failures, 0))).to.deep.equal([50, 500]);
  });
});

describe("Chain", () => {
  const chainOf = (result: unknown): Chain => new Chain({ request: () => Promise.resolve(result) });
  const refusing = (data: unknown, message = "execution reverted"): Chain =>
    new Chain({ request: () => Promise.reject(new RpcRefusedError("eth_call", 3, message, data, false)) });
  const call = { to: `0x${"11".repeat(20)}`, data: "0x" };

  it("refuses answers of the wrong form", async () => {
    const bad: [string, Promise<unknown>][] = [
      ["quantity", chainOf("7").chainId()],
      ["huge quantity", chainOf(`0x${"f".repeat(65)}`).chainId()],
      ["unsafe index", chainOf("0xffffffffffffffff").nonce(call.to)],
      ["block", chainOf(null).head()],
      ["hash", chainOf({ number: "0x1", hash: "0x1", timestamp: "0x1" }).head()],
      ["logs", chainOf({}).logs({ address: call.to, topics: [], from: 0, to: 1 })],
      ["log", chainOf([{ topics: [] }]).logs({ address: call.to, topics: [], from: 0, to: 1 })],
      ["odd hex", chainOf("0x123").call(call, "latest")],
    ];
    for (const [what, work] of bad) expect((await failure(work)).code, what).to.equal(RpcErrorCode.Garbage);
  });

  it("leaves out logs that a reorganisation took back", async () => {
    expect(await chainOf([{ removed: true }]).logs({ address: call.to, topics: [], from: 0, to: 1 })).to.deep.equal([]);
  });

  it("finds revert data wherever clients put it", async () => {
    for (const data of [
      "0xdeadbeef",
      { data: "0xdeadbeef" },
      { originalError: { data: "0xdeadbeef" } },
      "Reverted 0xdeadbeef",
    ]) {
      const error = (await failure(refusing(data).call(call, "latest"))) as unknown as CallRevertedError;
      expect(error).to.be.instanceOf(CallRevertedError);
      expect(error.data).to.equal("0xdeadbeef");
    }
    const silent = (await failure(refusing(undefined).call(call, "latest"))) as unknown as CallRevertedError;
    expect(silent.data).to.equal("0x");
  });
});
