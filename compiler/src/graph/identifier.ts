/** What a tensor or a node of an integer graph may be called: an identifier of circom, Solidity and TypeScript. */
export const IDENTIFIER = /^[A-Za-z][A-Za-z0-9_]{0,62}$/;

/** Names that the compiler gives to nodes and to tensors in between. */
const RESERVED = /^((acc|act|dense|requantise)[0-9]+|argmax)$/;

/**
 * A file's tensor name as an identifier: other characters become `_`; `fallback` where nothing usable is left.
 * Two names can give the same identifier.
 */
export function identifier(name: string, fallback: string): string {
  const made = name
    .slice(0, 60)
    .replace(/[^A-Za-z0-9_]/g, "_")
    .replace(/^[^A-Za-z]+/, "");
  if (made === "") return fallback;
  return RESERVED.test(made) ? `${made}_` : made;
}
