import { MAX_PAYLOAD_BYTES } from "@assay/sdk";
import { getAddress, isAddress, ZeroAddress } from "ethers";
import { z } from "zod";

import { NodeError, NodeErrorCode } from "./errors.ts";

// The message of every field is what it takes; `parseConfig` makes a sentence of it.
const takes = (error: string): { readonly error: string } => ({ error });
const hex32 = (what: string) => {
  const error = takes(`${what}, 32 bytes in hexadecimal, 0x and 64 digits`);
  return z
    .string(error)
    .regex(/^0x[0-9a-fA-F]{64}$/, error)
    .transform((value) => value.toLowerCase());
};
const account = (what: string) => {
  const error = takes(`${what}, 0x and 40 hexadecimal digits`);
  return z
    .string(error)
    .refine((value) => value.startsWith("0x") && isAddress(value), error)
    .transform(getAddress);
};
const AMOUNT = takes('an amount in the smallest unit, below 2^96, as decimal digits in quotes: "1000"');
const amount = z
  .union(
    [
      z.bigint(),
      z
        .string()
        .regex(/^[0-9]{1,29}$/)
        .transform(BigInt),
    ],
    AMOUNT,
  )
  .refine((value) => value >= 0n && value < 1n << 96n, AMOUNT);
const CHAIN_ID = takes("the chain's id, a whole number above 0, without quotes");
const chainId = z
  .union([z.bigint(), z.number().int().transform(BigInt)], CHAIN_ID)
  .refine((value) => value > 0n, CHAIN_ID);
const whole = (least: number, most: number, unit = "") => {
  const error = takes(`a whole number from ${least} to ${most}${unit}`);
  return z.number(error).int(error).min(least, error).max(most, error);
};
const milliseconds = (least: number, most: number) => whole(least, most, " (milliseconds)");
const text = (what: string) => z.string(takes(what)).min(1, takes(what));
const list = <T extends z.ZodType>(item: T, most: number, what: string) =>
  z.array(item, takes(what)).min(1, takes(what)).max(most, takes(what));
const KEY = 'an object with the key: { "privateKey": "0x…" }, or in a file for a task { "keyFile": "path" }';
const key = z.strictObject({ privateKey: hex32("a private key") }, takes(KEY));
const KINDS = ["SIGNATURE", "TEE", "ZKML"] as const;
const PROVIDERS = ["webgpu", "cuda", "cpu"] as const;
const URL_WORDS = takes("the chain's endpoint, a URL that begins with http:// or https://");

const schema = z.strictObject(
  {
    /** Endpoint of the chain, HTTP. */
    rpcUrl: z.url({ protocol: /^https?$/, ...URL_WORDS }),
    /** Chain the endpoint must be of. */
    chainId,
    /** The `InferenceHub`. */
    hub: account("the address of the InferenceHub"),
    /** Versions to serve, or "all" whose files are in the blob folders. */
    models: z.union(
      [z.literal("all"), list(hex32("the id of a version"), 1_000, "a list of 1 to 1000 version ids")],
      takes('"all", or a list of 1 to 1000 version ids, each 0x and 64 hexadecimal digits'),
    ),
    /** Folders with `sha256/<hex>` inside; read in this order. */
    blobs: list(text("a folder"), 16, "a list of 1 to 16 folders"),
    /** Private folder of openings, for models that commit to input or output. Such models are not served without it. */
    openings: text("a private folder").optional(),
    /** Account that sends and pays for transactions. Left out where a signer is injected. */
    wallet: key.optional(),
    /** Registered signer of the node, for SIGNATURE evidence. Left out where a signer is injected. */
    signer: key.optional(),
    /** Account that is paid. For SIGNATURE evidence it must be the registered payee. */
    payee: account("the address of the account that is paid"),
    /** Enclave policy to serve, and the key registered under it where none is injected. */
    enclave: z
      .strictObject(
        { policy: hex32("the id of the policy"), privateKey: hex32("a private key").optional() },
        takes('an object with policy and key: { "policy": "0x…", "keyFile": "path" }'),
      )
      .optional(),
    /** Kinds of evidence to make. */
    kinds: list(z.enum(KINDS, takes(`one of ${KINDS.join(", ")}`)), 3, `a list with some of ${KINDS.join(", ")}`),
    /** Execution providers of ONNX Runtime, best first. */
    providers: list(
      z.enum(PROVIDERS, takes(`one of ${PROVIDERS.join(", ")}`)),
      3,
      `a list with some of ${PROVIDERS.join(", ")}, best first`,
    ).default([...PROVIDERS]),
    /** Pause between looks at the chain. */
    pollMs: milliseconds(10, 600_000).default(2_000),
    /** Blocks, its own included, after which a transaction is final. */
    confirmations: whole(1, 10_000).default(3),
    /** Blocks that every scan reads again. */
    reorgDepth: whole(0, 1_000).default(12),
    /** Most blocks asked for at once. */
    maxBlockRange: whole(1, 100_000).default(2_000),
    /** First block of a new journal; the newest one where it is left out. */
    startBlock: whole(0, Number.MAX_SAFE_INTEGER).optional(),
    /** Journal file. */
    journal: text("the path of the journal file"),
    /** Port of /healthz and /metrics; 0 for none. */
    metricsPort: whole(0, 65_535).default(0),
    /** Address that the port is opened on. */
    metricsHost: text("an address of this machine").default("127.0.0.1"),
    /** Longest wait for one answer of the endpoint. */
    rpcTimeoutMs: milliseconds(100, 120_000).default(15_000),
    /** Age of a transaction that is not mined after which its fee is raised. */
    bumpAfterMs: milliseconds(100, 3_600_000).default(45_000),
    /** Longest wait, when stopping, for stages that are at work. */
    drainMs: milliseconds(0, 600_000).default(30_000),
    limits: z
      .strictObject(
        {
          /** Longest canonical input, bytes. */
          maxInputBytes: whole(1, MAX_PAYLOAD_BYTES, " (bytes)").default(MAX_PAYLOAD_BYTES),
          /** Requests worked on at the same time. */
          concurrency: whole(1, 64).default(2),
          /** Least that must be left for the node, price and fee taken off, by token; other tokens are not taken. */
          minPayment: z
            .record(account("a token's address"), amount, takes('an object of amounts by token: { "0x…": "1000" }'))
            .default({ [ZeroAddress]: 0n }),
          /** Least seconds to the deadline when a request is taken. */
          minSecondsLeft: whole(0, 604_800, " (seconds)").default(30),
          /** Most callback gas, which the node pays for. */
          maxCallbackGas: whole(0, 5_000_000).default(1_000_000),
          /** Most wei per gas ever offered. */
          maxFeePerGas: amount.default(500_000_000_000n),
          /** Largest file of a model, bytes. */
          maxFileBytes: whole(1, 2 ** 33, " (bytes)").default(2 ** 29),
          /** Models kept ready at the same time. */
          maxModels: whole(1, 1_000).default(8),
        },
        takes("an object of limits"),
      )
      .prefault({}),
  },
  takes("a JSON object of fields"),
);

/** What an operator writes. */
export type GpuNodeConfigInput = z.input<typeof schema>;

/** Configuration of a GPU node, complete. */
export type GpuNodeConfig = z.output<typeof schema>;

/**
 * Checks a configuration and fills in what was left out. Unknown fields are refused.
 * @throws {NodeError} naming the first field that is wrong; never shows a key.
 */
export function parseConfig(value: unknown): GpuNodeConfig {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const words = issue === undefined ? "it is not one" : sentenceOf(issue, value);
  throw new NodeError(NodeErrorCode.ConfigInvalid, `Node configuration: ${words}; see docs/nodes/gpu.md.`);
}

/** "kinds[0] is "tee"; give one of …". */
function sentenceOf(issue: z.core.$ZodIssue, config: unknown): string {
  const where = issue.path.reduce<string>(
    (path, step) => (typeof step === "number" ? `${path}[${step}]` : `${path}${path === "" ? "" : "."}${String(step)}`),
    "",
  );
  if (issue.code === "unrecognized_keys") {
    return `${issue.keys.map((name) => `"${name}"`).join(", ")}: no such field${where === "" ? "" : ` in ${where}`}; correct the name or take it out`;
  }
  if (issue.code === "invalid_key") return `${where}: give a token's address as the name, 0x and 40 hexadecimal digits`;
  const found = issue.path.reduce<unknown>(
    (item, step) =>
      typeof item === "object" && item !== null ? (item as Record<PropertyKey, unknown>)[step] : undefined,
    config,
  );
  if (found === undefined) return `${where} is missing; give ${issue.message}`;
  // Keys are never shown, and neither is what may hold one.
  const secret = /privateKey/.test(where) || typeof found === "object" || /^(wallet|signer|enclave)$/.test(where);
  const shown = secret ? "cannot be used" : `is ${JSON.stringify(found, wide).slice(0, 80)}`;
  return `${where === "" ? "it" : where} ${shown}; give ${issue.message}`;
}

function wide(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}
