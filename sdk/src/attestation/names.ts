import { Der, Tag } from "./der.ts";
import { skipName } from "./x509.ts";

const ATTRIBUTES: Readonly<Record<string, string>> = {
  "550403": "CN",
  "550406": "C",
  "550407": "L",
  "550408": "ST",
  "55040a": "O",
  "55040b": "OU",
};

/**
 * A Name in DER as people read it, most particular part first: `CN=Intel SGX Root CA, O=Intel Corporation`.
 *
 * @throws {AttestationError} for a name with anything but printable ASCII, which might speak to a terminal.
 */
export function showName(name: Uint8Array): string {
  const der = new Der(name);
  skipName(der, 0, name.length);
  const parts: string[] = [];
  const whole = der.open(0, name.length, Tag.Sequence);
  for (let part = whole.start; part !== whole.next;) {
    const set = der.open(part, whole.next, Tag.Set);
    for (let at = set.start; at !== set.next;) {
      const pair = der.open(at, set.next, Tag.Sequence);
      const { oid, next } = der.readOid(pair.start, pair.next);
      const value = der.open(next, pair.next, name[next] ?? 0);
      parts.push(`${ATTRIBUTES[oid] ?? oid}=${String.fromCharCode(...name.subarray(value.start, value.next))}`);
      at = pair.next;
    }
    part = set.next;
  }
  const rank = (text: string): number => ["CN", "OU", "O", "L", "ST", "C"].indexOf(text.split("=", 1)[0] ?? "");
  return parts.sort((a, b) => rank(a) - rank(b)).join(", ");
}
