/** Largest ONNX file taken by default, in bytes. */
export const MAX_MODEL_BYTES = 64 * 1024 * 1024;

/**
 * Most bytes of a file that may be anything but weight data (`raw_data`, `float_data`). Decoding turns each of these
 * bytes into objects, some twenty times larger; weight data stays as it is.
 */
export const MAX_STRUCTURE_BYTES = 2 * 1024 * 1024;

/** Most nodes in a graph. */
export const MAX_NODES = 4_096;

/** Most dimensions of a tensor. */
export const MAX_RANK = 8;

/** Most elements of an activation. */
export const MAX_WIDTH = 65_536;

/** Most weights in a model, after every affine step between two ReLUs is folded into one matrix. */
export const MAX_WEIGHTS = 4_194_304;
