import { boundedBytes, fixedHex } from "../core/bytes.ts";
import { ZKML_V1 } from "../proofs/kind.ts";
import { statementDigest, type Statement } from "../statement/statement.ts";
import { WORD_BYTES } from "./public-words.ts";

/** What a zk proof binds of its statement: the first 31 bytes of the digest under `ZKML_V1`. */
export function zkContext(statement: Statement): Uint8Array {
  const digest = fixedHex("digest", statementDigest(statement, ZKML_V1), 32);
  return boundedBytes("context", digest.slice(0, 2 + 2 * WORD_BYTES), WORD_BYTES);
}
