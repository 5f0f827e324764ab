/** Most nodes of an integer graph. */
export const MAX_GRAPH_NODES = 20_000;

/** Most elements of one tensor. */
export const MAX_TENSOR_ELEMENTS = 2 ** 20;

/** Most elements of all tensors of a graph together; gathers have no more indices than that. */
export const MAX_GRAPH_ELEMENTS = 2 ** 24;

/** Most weights, table entries and constants of a graph together. */
export const MAX_GRAPH_WEIGHTS = 4_194_304;

/** Most entries of one lookup table. */
export const MAX_TABLE = 2 ** 18;

/** Most products of all dense, conv and matmul nodes, and elements that nodes read, together: some seconds of work. */
export const MAX_GRAPH_WORK = 2 ** 30;

/** Largest shift of a requantise node: 2^(shift-1) more must stay below 2^24. */
export const MAX_SHIFT = 23;

/** Greatest absolute weight, factor, constant, offset or table entry: what float32 holds exactly. */
export const MAX_CONSTANT = 2 ** 24 - 1;
