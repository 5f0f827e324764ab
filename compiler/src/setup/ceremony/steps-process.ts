// Runs in a process of its own, started by steps.ts: snarkjs leaves files open and threads running when it refuses
// something, prints to the standard output, and may be stopped half-way.
import { randomBytes } from "node:crypto";

import * as snarkjs from "snarkjs";

import type { StepAnswer, StepRequest } from "./steps.ts";

type Log = Readonly<Record<"debug" | "info" | "warn" | "error", (text: string) => void>>;

/** The functions of a ceremony, which snarkjs.d.ts leaves out. They log why they answer -1 or false. */
interface CeremonyFunctions {
  newZKey(r1cs: string, ptau: string, zkey: string, log: Log): Promise<Uint8Array | -1>;
  contribute(from: string, to: string, name: string, entropy: string, log: Log): Promise<Uint8Array>;
  beacon(from: string, to: string, name: string, value: string, n: number, log: Log): Promise<Uint8Array | false>;
  verifyFromInit(init: string, ptau: string, zkey: string, log: Log): Promise<boolean>;
}

const zKey = snarkjs.zKey as unknown as CeremonyFunctions;
/** Setups that need no contributions; -1 stands for a reason that was logged. */
const universal = snarkjs as unknown as Readonly<
  Record<"plonk" | "fflonk", { setup(r1cs: string, ptau: string, zkey: string, log: Log): Promise<unknown> }>
>;
const said: string[] = [];
let shown = "";

const say = (text: unknown): void => {
  if (said.length < 20) said.push(String(text).slice(0, 300));
};
const show = (text: string): void => {
  const step = (text.split(":")[0] ?? "").slice(0, 80);
  if (step === shown) return;
  shown = step;
  process.send?.({ step });
};
const log: Log = { debug: show, info: () => undefined, warn: say, error: say };
Object.assign(console, { log: say });

async function run(request: StepRequest): Promise<StepAnswer> {
  const hex = (hash: Uint8Array | -1 | false): StepAnswer =>
    hash instanceof Uint8Array ? { ok: true, hash: Buffer.from(hash).toString("hex") } : { ok: false, why: why() };
  switch (request.step) {
    case "new":
      return hex(await zKey.newZKey(request.r1cs, request.ptau, request.to, log));
    case "contribute": {
      // snarkjs hashes 64 random bytes of its own with what it is given.
      const entropy = `${randomBytes(64).toString("hex")}${request.entropy}`;
      return hex(await zKey.contribute(request.from, request.to, request.name, entropy, log));
    }
    case "beacon":
      return hex(await zKey.beacon(request.from, request.to, request.name, request.value, request.iterations, log));
    case "universal": {
      const failed = (await universal[request.system].setup(request.r1cs, request.ptau, request.to, log)) === -1;
      return failed ? { ok: false, why: why() } : { ok: true, hash: "" };
    }
    case "verify": {
      const holds = await zKey.verifyFromInit(request.init, request.ptau, request.zkey, log);
      return holds ? { ok: true, hash: "" } : { ok: false, why: why() };
    }
  }
}

function why(): string {
  return said.at(-1) ?? "snarkjs gives no reason";
}

process.once("message", (request: StepRequest) => {
  void run(request)
    .catch((error: unknown): StepAnswer => ({
      ok: false,
      crashed: true,
      why: (error instanceof Error ? error.message : String(error)).slice(0, 300),
    }))
    .then((answer) => process.send?.({ answer }, () => process.exit(0)));
});
