import type { Value } from "../../program/types.ts";
import { OnnxAttributeError } from "../errors.ts";
import { permute } from "./layout.ts";
import { misfit, operand } from "./operands.ts";
import type { Lowering, OpContext, Operators } from "./types.ts";

/** Images [batch][channels][height][width] and a block size that `fits`. */
function readBlocks(
  context: OpContext,
  fits: (dims: readonly number[], block: number) => boolean,
): readonly [input: Value, dims: readonly [number, number, number, number], block: number] {
  const input = operand(context, 0);
  const block = context.attributes.integer("blocksize", 0);
  const [images = 0, channels = 0, height = 0, width = 0] = input.dims;
  if (input.dims.length !== 4) throw misfit(context, `its input has shape [${input.dims.join(", ")}]`, "use images");
  if (block < 1 || !fits(input.dims, block)) {
    throw new OnnxAttributeError(
      context.node,
      "blocksize",
      String(block),
      `it does not fit [${input.dims.join(", ")}]`,
    );
  }
  return [input, [images, channels, height, width], block];
}

/** Moves groups of channels into blocks of pixels. */
const depthToSpace: Lowering = (context) => {
  const { builder, attributes } = context;
  const depthFirst = attributes.choice("mode", "DCR", ["DCR", "CRD"]) === "DCR";
  const [input, [n, c, h, w], b] = readBlocks(context, ([, channels = 0], block) => channels % (block * block) === 0);
  const made = c / (b * b);
  const apart = builder.reshape(input, depthFirst ? [n, b, b, made, h, w] : [n, made, b, b, h, w]);
  const moved = permute(builder, apart, depthFirst ? [0, 3, 4, 1, 5, 2] : [0, 1, 4, 2, 5, 3]);
  return [builder.reshape(moved, [n, made, h * b, w * b])];
};

/** Moves blocks of pixels into channels. */
const spaceToDepth: Lowering = (context) => {
  const { builder } = context;
  const [input, [n, c, h, w], b] = readBlocks(
    context,
    ([, , tall = 0, wide = 0], k) => tall % k === 0 && wide % k === 0,
  );
  const apart = builder.reshape(input, [n, c, h / b, b, w / b, b]);
  return [builder.reshape(permute(builder, apart, [0, 3, 5, 1, 2, 4]), [n, c * b * b, h / b, w / b])];
};

export const spaceOps: Operators = {
  DepthToSpace: { inputs: [1, 1], lower: depthToSpace },
  SpaceToDepth: { inputs: [1, 1], lower: spaceToDepth },
};
