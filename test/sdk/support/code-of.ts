import { AssayError } from "@assay/sdk";

/** Code of the `AssayError` that `act` throws. Fails when it throws nothing, or anything else. */
export function codeOf(act: () => unknown): string {
  return refusalOf(act).code;
}

/** The `AssayError` that `act` throws. Fails when it throws nothing, or anything else. */
export function refusalOf(act: () => unknown): AssayError {
  try {
    act();
  } catch (error) {
    if (error instanceof AssayError) return error;
    throw error;
  }
  throw new Error("Nothing was thrown.");
}

/** `codeOf` for a promise. */
export async function codeOfAsync(act: () => Promise<unknown>): Promise<string> {
  try {
    await act();
  } catch (error) {
    if (error instanceof AssayError) return error.code;
    throw error;
  }
  throw new Error("Nothing was thrown.");
}
