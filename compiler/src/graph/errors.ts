import { AssayError } from "@assay/sdk/errors";

/** A layer, or all of them together, is larger than the compiler takes. */
export class LayerTooLargeError extends AssayError {
  override readonly code = "ASY-GRAPH-002" as const;

  constructor(layer: string, what: string, got: number, limit: number) {
    super(`Layer ${layer}: ${what}: ${got}, the limit is ${limit}; use narrower layers.`);
  }
}

/** The text is not a graph in the form `assay.graph/2`. */
export class GraphFormatError extends AssayError {
  override readonly code = "ASY-GRAPH-003" as const;

  constructor(where: string, reason: string, options?: ErrorOptions) {
    super(`Not an assay.graph/2 at ${where}: ${reason}; serialise the graph again from its model.`, options);
  }
}

/** Nodes do not fit together, or the graph's own claims (widths, ranges, edges) are not what follows from them. */
export class GraphInvalidError extends AssayError {
  override readonly code = "ASY-GRAPH-004" as const;

  constructor(where: string, claimed: string, derived: string) {
    super(`The graph is wrong at ${where}: it says ${claimed}, ${derived} follows; compile the model again.`);
  }
}

/** Some sum may reach 2^24, where float32 stops being exact. */
export class AccumulatorOverflowError extends AssayError {
  override readonly code = "ASY-GRAPH-005" as const;

  constructor(layer: string, neuron: number, magnitude: bigint, limit: bigint) {
    super(
      `Layer ${layer}, neuron ${neuron}: partial sums may reach ${magnitude} and must stay below ${limit} to be ` +
        "exact in float32; use fewer weightBits or activationBits, or a narrower input range.",
    );
  }
}
