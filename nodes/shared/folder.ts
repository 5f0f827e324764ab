import { mkdir, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";

/**
 * Makes a folder, and those above it that are missing. Node's own recursive `mkdir` never ends where the system says of a folder
 * that exists that nothing can be made in it because it is not there, as below `/proc`; here every folder is tried once.
 * @throws the file system's error, with its `code` and `path`.
 */
export async function makeFolder(folder: string, mode = 0o777): Promise<void> {
  const missing: string[] = [];
  for (let place = resolve(folder); !(await isFolder(place)); place = dirname(place)) missing.unshift(place);
  for (const place of missing) {
    try {
      await mkdir(place, { mode });
    } catch (cause) {
      // Another process may have made it meanwhile.
      if ((cause as NodeJS.ErrnoException).code !== "EEXIST" || !(await isFolder(place))) throw cause;
    }
  }
}

/** Whether a folder is there; throws where something else is. */
async function isFolder(place: string): Promise<boolean> {
  try {
    if ((await stat(place)).isDirectory()) return true;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    // A file may stand above: the next look, one higher, says so.
    if (code === "ENOENT" || code === "ENOTDIR") return false;
    throw cause;
  }
  throw Object.assign(new Error(`ENOTDIR: not a directory, mkdir '${place}'`), {
    ...{ code: "ENOTDIR", syscall: "mkdir", path: place },
  });
}
