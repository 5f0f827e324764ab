import { AssayError } from "@assay/sdk";

/** Code of the `AssayError` that `act` throws. Fails when it throws nothing, or anything else. */
export function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof AssayError) return error.code;
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
