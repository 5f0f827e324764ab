import { OnnxAttributeError } from "./errors.ts";
import { safeInteger } from "./integers.ts";
import { MAX_LIST } from "./limits.ts";
import { ATTRIBUTE, type AttributeProto, type GraphProto, type NodeProto, type TensorProto } from "./proto.ts";
import { quote } from "./quote.ts";

/** protobufjs gives an absent field as an empty array, which the decoder does not take. */
function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(Uint8Array.from(bytes));
}

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

  /** A list of integers, of at most {@link MAX_LIST} elements, or undefined when the node has none of this name. */
  integers(name: string): readonly number[] | undefined {
    const attribute = this.#take(name, ATTRIBUTE.INTS);
    if (attribute === undefined) return undefined;
    this.#bounded(name, attribute.ints.length);
    return attribute.ints.map((each) => {
      const value = safeInteger(each);
      if (value !== undefined) return value;
      throw new OnnxAttributeError(this.#node, name, each.toString(), "it is out of every sensible range");
    });
  }

  /** A list of finite floats, of at most {@link MAX_LIST} elements, or undefined when the node has none of this name. */
  floats(name: string): readonly number[] | undefined {
    const attribute = this.#take(name, ATTRIBUTE.FLOATS);
    if (attribute === undefined) return undefined;
    this.#bounded(name, attribute.floats.length);
    const bad = attribute.floats.find((value) => !Number.isFinite(value));
    if (bad === undefined) return attribute.floats;
    throw new OnnxAttributeError(this.#node, name, String(bad), "it must be finite");
  }

  /** A string, or `absent` when the node has none of this name. */
  string(name: string, absent: string): string {
    const attribute = this.#take(name, ATTRIBUTE.STRING);
    return attribute === undefined ? absent : text(attribute.s);
  }

  /** One of `allowed`, of which `absent` is what the node means by leaving it out. */
  choice<Choice extends string>(name: string, absent: Choice, allowed: readonly Choice[]): Choice {
    const value = this.string(name, absent);
    const found = allowed.find((each) => each === value);
    if (found !== undefined) return found;
    throw new OnnxAttributeError(this.#node, name, quote(value), `it must be one of ${allowed.join(", ")}`);
  }

  /** A list of strings, or undefined when the node has none of this name. */
  strings(name: string): readonly string[] | undefined {
    const attribute = this.#take(name, ATTRIBUTE.STRINGS);
    if (attribute === undefined) return undefined;
    this.#bounded(name, attribute.strings.length);
    return attribute.strings.map(text);
  }

  /** Whether the node has an attribute of this name that nobody has read. */
  has(name: string): boolean {
    return this.#left.has(name);
  }

  #bounded(name: string, length: number): void {
    if (length <= MAX_LIST) return;
    throw new OnnxAttributeError(this.#node, name, `${length} long`, `the limit is ${MAX_LIST}`);
  }

  /** A tensor attribute. */
  tensor(name: string): TensorProto | undefined {
    return this.#take(name, ATTRIBUTE.TENSOR)?.t ?? undefined;
  }

  /** A graph attribute: a branch. */
  graph(name: string): GraphProto | undefined {
    return this.#take(name, ATTRIBUTE.GRAPH)?.g ?? undefined;
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
