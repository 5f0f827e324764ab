import { AssayError } from "../../errors.ts";

/** A signature does not hold for this message and key, so no hints exist. Trying again cannot help. */
export class P384SignatureError extends AssayError {
  override readonly code = "ASY-P384-001" as const;
}

/** An argument of `p384Hints` has the wrong length. */
export class P384LengthError extends AssayError {
  override readonly code = "ASY-P384-002" as const;
}

/** A key is not a point of P-384: a coordinate is not below the field's prime, or the equation does not hold. */
export class P384KeyError extends AssayError {
  override readonly code = "ASY-P384-003" as const;
}

/** A signature holds, but a sum on the way meets its own summand; see `P384Ladder`. Nobody can make one who knows the key. */
export class P384ExceptionalError extends AssayError {
  override readonly code = "ASY-P384-004" as const;
}
