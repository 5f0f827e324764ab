import { MAX_PAYLOAD_BYTES } from "@assay/sdk";
import { getAddress, isAddress, ZeroAddress } from "ethers";
import { z } from "zod";

import { NodeError, NodeErrorCode } from "./errors.ts";

const hex32 = z
  .string()
  .regex(/^0x[0-9a-fA-F]{64}$/, "32 bytes as 0x-prefixed hex")
  .transform((value) => value.toLowerCase());
const account = z
  .string()
  .refine((value) => value.startsWith("0x") && isAddress(value), "an address")
  .transform(getAddress);
const amount = z
  .union([
    z.bigint(),
    z
      .string()
      .regex(/^[0-9]{1,29}$/, "a decimal amount")
      .transform(BigInt),
  ])
  .refine((value) => value >= 0n && value < 1n << 96n, "an amount below 2^96");
const chainId = z.union([z.bigint(), z.number().int().transform(BigInt)]).refine((value) => value > 0n, "a chain id");
const milliseconds = (least: number, most: number) => z.number().int().min(least).max(most);

const schema = z.strictObject({
  /** Endpoint of the chain, HTTP. */
  rpcUrl: z.url({ protocol: /^https?$/ }),
  /** Chain the endpoint must be of. */
  chainId,
  /** The `InferenceHub`. */
  hub: account,
  /** Versions to serve, or "all" whose files are in the blob folders. */
  models: z.union([z.literal("all"), z.array(hex32).min(1).max(1_000)]),
  /** Folders with `sha256/<hex>` inside; read in this order. */
  blobs: z.array(z.string().min(1)).min(1).max(16),
  /** Account that sends and pays for transactions. Left out where a signer is injected. */
  wallet: z.strictObject({ privateKey: hex32 }).optional(),
  /** Registered signer of the node, for SIGNATURE evidence. Left out where a signer is injected. */
  signer: z.strictObject({ privateKey: hex32 }).optional(),
  /** Account that is paid. For SIGNATURE evidence it must be the registered payee. */
  payee: account,
  /** Enclave policy to serve, and the key registered under it where none is injected. */
  enclave: z.strictObject({ policy: hex32, privateKey: hex32.optional() }).optional(),
  /** Kinds of evidence to make. */
  kinds: z
    .array(z.enum(["SIGNATURE", "TEE", "ZKML"]))
    .min(1)
    .max(3),
  /** Execution providers of ONNX Runtime, best first. */
  providers: z
    .array(z.enum(["webgpu", "cuda", "cpu"]))
    .min(1)
    .max(3)
    .default(["webgpu", "cuda", "cpu"]),
  /** Pause between looks at the chain. */
  pollMs: milliseconds(10, 600_000).default(2_000),
  /** Blocks, its own included, after which a transaction is final. */
  confirmations: z.number().int().min(1).max(10_000).default(3),
  /** Blocks that every scan reads again. */
  reorgDepth: z.number().int().min(0).max(1_000).default(12),
  /** Most blocks asked for at once. */
  maxBlockRange: z.number().int().min(1).max(100_000).default(2_000),
  /** First block of a new journal; the newest one where it is left out. */
  startBlock: z.number().int().min(0).optional(),
  /** Journal file. */
  journal: z.string().min(1),
  /** Port of /healthz and /metrics; 0 for none. */
  metricsPort: z.number().int().min(0).max(65_535).default(0),
  /** Address that the port is opened on. */
  metricsHost: z.string().min(1).default("127.0.0.1"),
  /** Longest wait for one answer of the endpoint. */
  rpcTimeoutMs: milliseconds(100, 120_000).default(15_000),
  /** Age of a transaction that is not mined after which its fee is raised. */
  bumpAfterMs: milliseconds(100, 3_600_000).default(45_000),
  /** Longest wait, when stopping, for stages that are at work. */
  drainMs: milliseconds(0, 600_000).default(30_000),
  limits: z
    .strictObject({
      /** Longest canonical input, bytes. */
      maxInputBytes: z.number().int().min(1).max(MAX_PAYLOAD_BYTES).default(MAX_PAYLOAD_BYTES),
      /** Requests worked on at the same time. */
      concurrency: z.number().int().min(1).max(64).default(2),
      /** Least that must be left for the node, price and fee taken off, by token; other tokens are not taken. */
      minPayment: z.record(account, amount).default({ [ZeroAddress]: 0n }),
      /** Least seconds to the deadline when a request is taken. */
      minSecondsLeft: z.number().int().min(0).max(604_800).default(30),
      /** Most callback gas, which the node pays for. */
      maxCallbackGas: z.number().int().min(0).max(5_000_000).default(1_000_000),
      /** Most wei per gas ever offered. */
      maxFeePerGas: amount.default(500_000_000_000n),
      /** Largest file of a model, bytes. */
      maxFileBytes: z
        .number()
        .int()
        .min(1)
        .max(2 ** 33)
        .default(2 ** 29),
      /** Models kept ready at the same time. */
      maxModels: z.number().int().min(1).max(1_000).default(8),
    })
    .prefault({}),
});

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
  const where = issue?.path.map(String).join(".") || "the configuration";
  const words = issue?.code === "unrecognized_keys" ? `unknown field ${issue.keys[0]}` : issue?.message;
  throw new NodeError(NodeErrorCode.ConfigInvalid, `Node configuration: ${where}: ${words}; see docs/nodes/gpu.md.`);
}
