import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";

import { freePort, ROOT } from "../../tasks/support/assay.ts";

const BIN = join(ROOT, "node_modules", ".bin");

/** An EVM client in a process of its own. */
export interface Client {
  readonly url: string;
  send(method: string, ...params: unknown[]): Promise<any>;
  stop(): Promise<void>;
}

/** What a client is started with; undefined where it is not installed. */
export const CLIENTS: Readonly<Record<string, ((port: number) => string[]) | undefined>> = {
  "hardhat node": (port) => [
    process.execPath,
    join(BIN, "hardhat"),
    "node",
    "--port",
    `${port}`,
    "--hostname",
    "127.0.0.1",
  ],
  anvil: existsSync(join(BIN, "anvil"))
    ? (port) => [join(BIN, "anvil"), "--port", `${port}`, "--hardfork", "osaka", "--enable-tx-gas-limit", "--silent"]
    : undefined,
};

/** Starts a client on a free port and waits until it answers. */
export async function startClient(name: string): Promise<Client> {
  const port = await freePort();
  const [command, ...args] = CLIENTS[name]!(port) as [string, ...string[]];
  const child = spawn(command, args, { cwd: ROOT, stdio: "ignore" });
  const url = `http://127.0.0.1:${port}`;
  const send = async (method: string, ...params: unknown[]): Promise<any> => {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    });
    const { result, error } = (await response.json()) as { result: unknown; error?: { message: string } };
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result;
  };
  for (let attempt = 0; ; attempt++) {
    try {
      await send("eth_chainId");
      break;
    } catch (error) {
      if (attempt > 300 || child.exitCode !== null) throw new Error(`${name} did not start`, { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  return { url, send, stop: () => stopChild(child) };
}

/** Ends a child process and waits until it has. */
export async function stopChild(child: ChildProcess, signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill(signal);
  await ended;
}
