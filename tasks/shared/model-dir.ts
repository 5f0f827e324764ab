import { type ModelFolder, readModelFolder } from "@assay/nodes/operator";

import { required } from "./options.ts";

/** The model folder of `--dir`. */
export async function modelDir(args: { readonly dir: string | undefined }): Promise<ModelFolder> {
  return await readModelFolder(required(args, "dir", "the folder that `zkml compile` wrote"));
}
