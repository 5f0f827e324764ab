/** "ok", or the name of the custom error with its arguments. Anything else, as a revert without data, is thrown on. */
export async function answer(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "ok";
  } catch (error) {
    const custom = /custom error '([^']*)'/.exec((error as Error).message);
    if (custom === null) throw error;
    return custom[1]!;
  }
}

/** The name of the custom error alone. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  return (await answer(call)).replace(/\(.*$/, "");
}
