import { expect } from "chai";

import { importOnnx, type ImportOptions } from "../../compiler/src/onnx/import.ts";
import { attribute, buildModel, floatTensor, node, type ModelParts } from "./onnx-builder.ts";

/** Weights of {@link W}, row by row. */
export const VALUES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
export const W = floatTensor("w", [4, 3], VALUES);
export const B = floatTensor("b", [3], [1, 2, 3]);
export const gemm = node("Gemm", ["x", "w", "b"], "z");
export const argmax = node("ArgMax", ["z"], "y", [attribute.integer("axis", 1), attribute.integer("keepdims", 0)]);

/** A sound model with some parts replaced. */
export function model(parts: Partial<ModelParts> = {}): Uint8Array {
  return buildModel({ nodes: [gemm, argmax], initializers: [W, B], ...parts });
}

type ErrorClass = abstract new (...args: never[]) => Error;

/** Expects an error of a class, with some words in its message. */
export function refuses(bytes: Uint8Array, kind: ErrorClass, ...words: string[]): void {
  refusesWith(bytes, {}, kind, ...words);
}

export function refusesWith(bytes: Uint8Array, options: ImportOptions, kind: ErrorClass, ...words: string[]): void {
  let caught: unknown;
  try {
    importOnnx(bytes, options);
  } catch (error) {
    caught = error;
  }
  expect(caught, "an error").to.be.instanceOf(kind);
  for (const word of words) expect((caught as Error).message).to.contain(word);
}
