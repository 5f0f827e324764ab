import { readFileSync } from "node:fs";

import { compileOnnx, type CompiledModel } from "../../compiler/src/index.ts";

const HOME = new URL("../../vectors/models/digits/", import.meta.url);

interface Image {
  readonly row: number;
  readonly label: number;
  readonly pixels: number[];
}

function readImages(file: string): readonly Image[] {
  return (JSON.parse(readFileSync(new URL(file, HOME), "utf8")) as { images: Image[] }).images;
}

/** The ONNX file as PyTorch exported it. */
export function digitsOnnx(): Uint8Array {
  return Uint8Array.from(readFileSync(new URL("model.onnx", HOME)));
}

export const heldOut = readImages("held-out.json");
export const calibrationImages = readImages("calibration.json");

let compiled: CompiledModel | undefined;

/** The digits model, compiled as shipped; compiled once. */
export function compileDigits(): CompiledModel {
  compiled ??= compileOnnx(digitsOnnx(), {
    name: "digits",
    calibration: calibrationImages.map(({ pixels }) => pixels),
  });
  return compiled;
}
