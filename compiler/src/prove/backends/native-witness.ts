import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { ExternalProgramError, StatementFalseError } from "../errors.ts";
import { FALSE_STATEMENT } from "../open-statement.ts";
import type { CircuitInputs } from "../witness.ts";
import { readOutput, runProgram, type ProgramRun } from "./run-program.ts";
import { witnessBytes } from "./witness-file.ts";

/**
 * Makes a witness with the native program that circom's C++ output compiles to: `<program> <input.json> <witness.wtns>`.
 * Whoever calls checks the file that it wrote.
 *
 * @throws {StatementFalseError} when the program says that a constraint does not hold.
 * @throws {ExternalProgramError} when it fails otherwise, or wrote no file of the size that the key asks for.
 */
export async function nativeWitness(
  inputs: CircuitInputs,
  wires: number,
  run: Pick<ProgramRun, "file" | "folder" | "timeLimitMs" | "signal">,
): Promise<Uint8Array> {
  const { file, folder } = run;
  const [input, output] = [join(folder, "input.json"), join(folder, "native.wtns")];
  const named = Object.entries(inputs).map(([name, values]) => [name, values.map(String)]);
  await writeFile(input, JSON.stringify(Object.fromEntries(named)));
  const end = await runProgram({ ...run, args: [input, output], maxFileBytes: witnessBytes(wires) });
  if (end.code !== 0) {
    const why = `${file}: ended with ${end.code ?? end.killedBy}: ${end.tail}`;
    // What circom's generated programs print before they abort.
    if (end.tail.includes("Failed assert"))
      throw new StatementFalseError(FALSE_STATEMENT, { cause: new ExternalProgramError(why) });
    throw new ExternalProgramError(why);
  }
  return await readOutput(file, output, witnessBytes(wires));
}
