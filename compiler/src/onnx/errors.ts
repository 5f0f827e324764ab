import { AssayError } from "@assay/sdk";

import { quote } from "./quote.ts";

/** The file, or a part of it, is larger than the reader takes. */
export class OnnxTooLargeError extends AssayError {
  override readonly code = "ASY-ONNX-001" as const;

  constructor(what: string, got: number, limit: number, remedy: string) {
    super(`${what}: ${got}, the limit is ${limit}; ${remedy}.`);
  }
}

/** The file ends inside a field. */
export class OnnxTruncatedError extends AssayError {
  override readonly code = "ASY-ONNX-002" as const;

  constructor(offset: number, needed: number, available: number) {
    super(
      `The ONNX file is cut off: the field at byte ${offset} needs ${needed} bytes and ${available} are left; ` +
        "fetch or export the file again.",
    );
  }
}

/** The bytes are not an ONNX model. */
export class OnnxFormatError extends AssayError {
  override readonly code = "ASY-ONNX-003" as const;

  constructor(reason: string, options?: ErrorOptions) {
    super(`Not an ONNX model: ${reason}; pass the bytes of a .onnx file (a protobuf ModelProto).`, options);
  }
}

/** The operator set is missing, ambiguous or outside what the reader knows. */
export class OnnxOpsetError extends AssayError {
  override readonly code = "ASY-ONNX-004" as const;

  constructor(found: string, min: number, max: number) {
    super(`Operator set ${found} is not supported; export the model with opset_version from ${min} to ${max}.`);
  }
}

/** The model has no graph, or an empty one. */
export class OnnxGraphMissingError extends AssayError {
  override readonly code = "ASY-ONNX-005" as const;

  constructor() {
    super("The ONNX model has no graph with nodes; export the whole model, not only its metadata or its weights.");
  }
}

/** A tensor's data lies in another file. */
export class OnnxExternalDataError extends AssayError {
  override readonly code = "ASY-ONNX-006" as const;

  constructor(tensor: string) {
    super(
      `Initializer ${quote(tensor)} keeps its data in another file, which is never opened; ` +
        "export with the weights inside (PyTorch: external_data=False).",
    );
  }
}

/** A node that the compiler cannot turn into integers. */
export interface UnsupportedNode {
  /** The node's own name, or its place in the file when it has none. */
  readonly node: string;
  /** Operator, with its domain when that is not the standard one. */
  readonly op: string;
  readonly remedy: string;
}

/** Every node whose operator the compiler does not support. */
export class OnnxUnsupportedOpError extends AssayError {
  override readonly code = "ASY-ONNX-007" as const;
  readonly nodes: readonly UnsupportedNode[];

  constructor(nodes: readonly UnsupportedNode[]) {
    const shown = nodes.slice(0, 20).map(({ node, op, remedy }) => `node ${quote(node)}, ${quote(op)}: ${remedy}`);
    const rest = nodes.length > 20 ? [`and ${nodes.length - 20} more`] : [];
    const count = nodes.length === 1 ? "1 node" : `${nodes.length} nodes`;
    super(`${count} cannot be compiled: ${[...shown, ...rest].join("; ")}.`);
    this.nodes = nodes;
  }
}

/** The size of an input's dimension is neither in the file nor given. */
export class OnnxDynamicShapeError extends AssayError {
  override readonly code = "ASY-ONNX-008" as const;

  constructor(input: string, dimension: number | undefined, found: string, name?: string) {
    const where = dimension === undefined ? "" : `dimension ${dimension} of `;
    const how = name === undefined ? "give the input a shape" : `give its size, --dim ${quote(`${name}=N`)}`;
    super(
      `The shape of input ${quote(input)} is not fixed: ${where}it is ${found}; ` +
        `${how}, or export with fixed shapes (PyTorch: no dynamic_axes or dynamic_shapes).`,
    );
  }
}

/** A weight is not a finite number, or a constant is no number or one that no double holds. */
export class OnnxWeightError extends AssayError {
  override readonly code = "ASY-ONNX-009" as const;

  constructor(tensor: string, index: number, value: string) {
    super(
      `Initializer ${quote(tensor)} holds ${value} at index ${index}; ` +
        "weights must be finite, no constant may be NaN, and integers must be below 2^53: " +
        "look for a division by zero or a diverged training run.",
    );
  }
}

/** A tensor's element type is not the one that its place needs. */
export class OnnxDtypeError extends AssayError {
  override readonly code = "ASY-ONNX-010" as const;

  constructor(what: string, found: string, wanted: string) {
    super(`${what} has element type ${found}, ${wanted} is needed; convert it before or during the export.`);
  }
}

/** A tensor's data does not have the length that its shape asks for. */
export class OnnxDataLengthError extends AssayError {
  override readonly code = "ASY-ONNX-011" as const;

  constructor(tensor: string, reason: string) {
    super(`Initializer ${quote(tensor)}: ${reason}; the file is damaged, export it again.`);
  }
}

/** A node reads a tensor that nothing makes. */
export class OnnxDanglingEdgeError extends AssayError {
  override readonly code = "ASY-ONNX-012" as const;

  constructor(reader: string, tensor: string) {
    super(
      `${reader} reads ${quote(tensor)}, which no input, initializer or node makes; ` +
        "the graph is damaged or was cut, export it again.",
    );
  }
}

/** Nodes feed themselves. */
export class OnnxCycleError extends AssayError {
  override readonly code = "ASY-ONNX-013" as const;

  constructor(nodes: readonly string[]) {
    const shown = nodes.slice(0, 20).map(quote).join(", ");
    super(`These nodes form, or wait for, a cycle: ${shown}; only feed-forward graphs can be compiled.`);
  }
}

/** Two things have one name. */
export class OnnxDuplicateNameError extends AssayError {
  override readonly code = "ASY-ONNX-014" as const;

  constructor(tensor: string) {
    super(
      `The name ${quote(tensor)} is given twice; each tensor of an ONNX graph needs its own name, export it again.`,
    );
  }
}

/** The graph has no inputs or outputs, too many, or not those that are asked for. */
export class OnnxInterfaceError extends AssayError {
  override readonly code = "ASY-ONNX-015" as const;

  constructor(problem: string, names: readonly string[], remedy: string) {
    const shown = names.slice(0, 20).map(quote).join(", ");
    super(`${problem}${names.length > 0 ? ` (${shown})` : ""}; ${remedy}.`);
  }
}

/** An attribute is unknown, mistyped or has a value that is not supported. */
export class OnnxAttributeError extends AssayError {
  override readonly code = "ASY-ONNX-016" as const;

  constructor(node: string, attribute: string, found: string, remedy: string) {
    super(`Node ${quote(node)}: attribute ${quote(attribute)} is ${found}; ${remedy}.`);
  }
}

/** The shapes around a node do not fit. */
export class OnnxShapeError extends AssayError {
  override readonly code = "ASY-ONNX-017" as const;

  constructor(what: string, reason: string, remedy: string) {
    super(`${what}: ${reason}; ${remedy}.`);
  }
}
