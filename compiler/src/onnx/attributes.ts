import { OnnxAttributeError } from "./errors.ts";
import { ATTRIBUTE, type AttributeProto, type NodeProto, type TensorProto } from "./proto.ts";
import { safeInteger } from "./tensor.ts";

/** The attributes of one node: each is read at most once, with its type, and none may be left over. */
export class Attributes {
  readonly #node: string;
  readonly #left: Map<string, AttributeProto>;

  /** @throws {OnnxAttributeError} when two attributes have one name, or one takes its value from a function. */
  constructor(node: NodeProto, name: string) {
    this.#node = name;
    this.#left = new Map();
    for (const attribute of node.attribute) {
      const twice = this.#left.has(attribute.name);
      if (twice) throw new OnnxAttributeError(name, attribute.name, "given twice", "export the model again");
      if (attribute.ref_attr_name !== "") {
        throw new OnnxAttributeError(name, attribute.name, "taken from a function", "export with functions inlined");
      }
      this.#left.set(attribute.name, attribute);
    }
  }

  #take(name: string, type: number): AttributeProto | undefined {
    const attribute = this.#left.get(name);
    if (attribute === undefined) return undefined;
    this.#left.delete(name);
    if (attribute.type === type) return attribute;
    throw new OnnxAttributeError(this.#node, name, `of type ${attribute.type}`, `type ${type} is needed`);
  }

  /** An integer attribute, or `absent` when the node has none of this name. */
  integer(name: string, absent: number): number {
    const attribute = this.#take(name, ATTRIBUTE.INT);
    if (attribute === undefined) return absent;
    const value = safeInteger(attribute.i);
    if (value !== undefined) return value;
    throw new OnnxAttributeError(this.#node, name, attribute.i.toString(), "it is out of every sensible range");
  }

  /** An integer attribute that must be 0 or 1. */
  flag(name: string, absent: boolean): boolean {
    const value = this.integer(name, absent ? 1 : 0);
    if (value === 0 || value === 1) return value === 1;
    throw new OnnxAttributeError(this.#node, name, String(value), "it must be 0 or 1");
  }

  /** A finite float attribute. */
  float(name: string, absent: number): number {
    const value = this.#take(name, ATTRIBUTE.FLOAT)?.f ?? absent;
    if (Number.isFinite(value)) return value;
    throw new OnnxAttributeError(this.#node, name, String(value), "it must be finite");
  }

  /** A tensor attribute. */
  tensor(name: string): TensorProto | undefined {
    return this.#take(name, ATTRIBUTE.TENSOR)?.t ?? undefined;
  }

  /** The raw attribute, whatever its type. */
  any(name: string): AttributeProto | undefined {
    const attribute = this.#left.get(name);
    this.#left.delete(name);
    return attribute;
  }

  /** @throws {OnnxAttributeError} when the node has attributes that nobody read: their meaning would be lost. */
  done(): void {
    const [name] = this.#left.keys();
    if (name === undefined) return;
    throw new OnnxAttributeError(this.#node, name, "not supported", "export without it");
  }
}
