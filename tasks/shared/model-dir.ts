import { type ModelFolder, readCompiled, readModelFolder } from "@assay/nodes/operator";

import { required } from "./options.ts";

interface DirArgument {
  readonly dir: string | undefined;
}

const WHAT = "the folder that `zkml compile` wrote";

/** The model folder of `--dir`, whose parts belong together. */
export async function modelDir(args: DirArgument): Promise<ModelFolder> {
  return await readModelFolder(required(args, "dir", WHAT));
}

/** What was compiled into the folder of `--dir`, without the setup that may lie there: for tasks that replace it. */
export async function compiledDir(args: DirArgument): Promise<ModelFolder> {
  return await readCompiled(required(args, "dir", WHAT));
}
