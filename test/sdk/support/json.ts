import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { Request, SignedRequest, Statement, Tensor } from "@assay/sdk";

/** A vector file, parsed. */
export function vectors(path: string): unknown {
  return JSON.parse(readFileSync(join(import.meta.dirname, "../../../vectors", path), "utf8")) as unknown;
}

/** Names of fields that hold whole numbers of any size, written in decimal in JSON. */
const INTEGERS = new Set([
  "chainId",
  "amount",
  "deadline",
  "createdAt",
  "salt",
  "nonce",
  "gas",
  "payment",
  "callback",
  "ticket",
]);

/** `value` with every decimal string under the name of a whole number turned into a bigint. */
export function revived(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revived);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      INTEGERS.has(name) && typeof item === "string" ? BigInt(item) : revived(item),
    ]),
  );
}

export interface TensorVector {
  readonly name: string;
  readonly dtype: Tensor["dtype"];
  readonly dims: readonly number[];
  readonly data: readonly string[];
  readonly hex: string;
}

/** The tensor of a vector. */
export function tensorOf({ dtype, dims, data }: TensorVector): Tensor {
  return dtype === "f32" ? { dtype, dims, data: data.map(Number) } : { dtype, dims, data: data.map(BigInt) };
}

export interface RefusedVector {
  readonly name: string;
  readonly hex: string;
  /** Code of the SDK's error. */
  readonly code: string;
  /** Name of TensorLib's error. */
  readonly error: string;
}

export interface RequestVector {
  readonly name: string;
  readonly chainId: bigint;
  readonly hub: string;
  readonly request: Request | SignedRequest;
  readonly packed: Record<string, string | bigint>;
  readonly id: string;
}

export interface StatementVector {
  readonly name: string;
  readonly statement: Statement;
  readonly digests: Readonly<Record<string, string>>;
  readonly context: string;
  /** A key for tests only, and its signature under SIGNATURE_V1. */
  readonly privateKey: string;
  readonly signature: string;
}
