import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import { readBounded } from "../shared/files.ts";

const MAX_PROGRAM_BYTES = 1024 * 1024 * 1024;

/** SHA-256, in hexadecimal, of the program that a development enclave says it runs. */
export async function programDigest(hre: HardhatRuntimeEnvironment, path: string | undefined): Promise<string> {
  const hash = createHash("sha256");
  if (path !== undefined) {
    hash.update(await readBounded(path, MAX_PROGRAM_BYTES, "the program that the enclave runs"));
    return `0x${hash.digest("hex")}`;
  }
  const root = join(hre.config.paths.root, "nodes", "gpu");
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const file of files) {
    hash.update(`${file.slice(root.length)}\0`);
    hash.update(
      createHash("sha256")
        .update(await readFile(file))
        .digest(),
    );
  }
  return `0x${hash.digest("hex")}`;
}
