/** Largest ONNX file taken by default, in bytes. */
export const MAX_MODEL_BYTES = 64 * 1024 * 1024;

/**
 * Most bytes of a file that may be anything but weight data (`raw_data`, `float_data`). Decoding turns each of these
 * bytes into objects, some twenty times larger; weight data stays as it is.
 */
export const MAX_STRUCTURE_BYTES = 4 * 1024 * 1024;

/** Most nodes in a graph. */
export const MAX_NODES = 20_000;

/** Most graphs inside of one another: a model, a branch of an If in it, and so on. */
export const MAX_NESTING = 16;

/** Most inputs of a graph that are no initializers, and most outputs. */
export const MAX_PORTS = 256;

/** Most dimensions of a tensor. */
export const MAX_RANK = 8;

/** Most elements of an attribute that is a list. */
export const MAX_LIST = 1_048_576;

/** Most elements of one tensor, be it weights, an activation or an intermediate result. */
export const MAX_ELEMENTS = 4_194_304;

/** Most elements that all tensors of a model have together; bounds the memory that importing takes. */
export const MAX_TOTAL_ELEMENTS = 67_108_864;

/** Most multiplications in products of constants, which are made while importing; bounds the time that it takes. */
export const MAX_CONSTANT_PRODUCTS = 268_435_456;
