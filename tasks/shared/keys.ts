import { join } from "node:path";

import { hexlify, isHexString, randomBytes, Wallet } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import { TaskError, TaskErrorCode } from "./error.ts";
import { isFile, readBounded, writeSecret } from "./files.ts";

/** Default place of a key of `kind` on a chain. */
export function keyPath(hre: HardhatRuntimeEnvironment, kind: "node" | "enclave", chainId: bigint): string {
  return join(hre.config.paths.root, ".assay", "keys", `${kind}-${chainId}.key`);
}

/** The secp256k1 key in a file: 32 bytes in hexadecimal, with or without 0x. */
export async function readKey(path: string): Promise<Wallet> {
  const bytes = await readBounded(path, 1_024, "a file with a private key, 32 bytes in hexadecimal");
  const text = new TextDecoder().decode(bytes).trim();
  const key = text.startsWith("0x") ? text : `0x${text}`;
  if (isHexString(key, 32)) {
    try {
      return new Wallet(key);
    } catch {
      // Zero, or not below the curve's order: the one error below, which never shows the key.
    }
  }
  throw new TaskError(TaskErrorCode.FileContent, `${path} does not hold a private key; give 32 bytes in hexadecimal.`);
}

/** The key in a file; a new one where there is no file, readable by its owner alone. */
export async function readOrMakeKey(path: string): Promise<{ readonly key: Wallet; readonly made: boolean }> {
  if (await isFile(path)) return { key: await readKey(path), made: false };
  const key = new Wallet(hexlify(randomBytes(32)));
  await writeSecret(path, `${key.privateKey}\n`);
  return { key, made: true };
}
