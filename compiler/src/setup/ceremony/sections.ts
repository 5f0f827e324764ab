import { open, stat, type FileHandle } from "node:fs/promises";

import { CeremonyFileError } from "./errors.ts";

/** Where a section of a file lies. */
export interface Section {
  readonly start: number;
  readonly length: number;
}

/** A file of iden3's binary form (`zkey`, `ptau`), open for reading; every section lies within it. */
export interface SectionFile {
  readonly path: string;
  readonly handle: FileHandle;
  readonly size: number;
  readonly sections: ReadonlyMap<number, Section>;
}

/** More sections than any file of a ceremony has. */
const MAX_SECTIONS = 32;

/**
 * Opens a file for `work`, with its table of sections read and checked: none is there twice, together they fill the file.
 *
 * @param magic The four letters that it begins with.
 * @param maxBytes Largest file that is opened.
 * @param remedy What to do when it is damaged.
 * @throws {CeremonyFileError} when it is missing, too large, cut short, or of another form.
 */
export async function withSections<T>(
  path: string,
  { magic, maxBytes, remedy }: { readonly magic: string; readonly maxBytes: number; readonly remedy: string },
  work: (file: SectionFile) => Promise<T>,
): Promise<T> {
  const fail = (why: string): never => {
    throw new CeremonyFileError(`${path}: ${why}; ${remedy}`);
  };
  // Asked before opening, because to open a pipe would wait for its writer.
  const unreadable = (error: unknown): never => fail(`cannot be read (${(error as NodeJS.ErrnoException).code})`);
  const found = await stat(path).catch(unreadable);
  if (!found.isFile()) fail("is not a file");
  const handle = await open(path).catch(unreadable);
  try {
    const { size } = await handle.stat();
    if (size > maxBytes) fail(`has ${size} bytes; at most ${maxBytes} are read`);
    if (size < 12) fail("is cut short");
    const head = await readExactly(handle, path, 0, 12);
    if (head.toString("latin1", 0, 4) !== magic) fail(`does not begin with "${magic}"`);
    if (head.readUInt32LE(4) !== 1) fail(`version ${head.readUInt32LE(4)} of the format is not known`);
    const count = head.readUInt32LE(8);
    if (count > MAX_SECTIONS) fail(`has ${count} sections`);
    const sections = new Map<number, Section>();
    let at = 12;
    for (let i = 0; i < count; i++) {
      if (at + 12 > size) fail("is cut short");
      const entry = await readExactly(handle, path, at, 12);
      const id = entry.readUInt32LE(0);
      const length = Number(entry.readBigUInt64LE(4));
      if (at + 12 + length > size) fail(`is cut short in section ${id}`);
      if (sections.has(id)) fail(`has section ${id} twice`);
      sections.set(id, { start: at + 12, length });
      at += 12 + length;
    }
    if (at !== size) fail(`has ${size - at} bytes after its last section`);
    return await work({ path, handle, size, sections });
  } finally {
    await handle.close();
  }
}

/** `length` bytes at `start` of a file. */
export async function readExactly(handle: FileHandle, path: string, start: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length;) {
    const { bytesRead } = await handle.read(bytes, at, length - at, start + at);
    if (bytesRead === 0) throw new CeremonyFileError(`${path}: became shorter while it was read; copy it again`);
    at += bytesRead;
  }
  return bytes;
}
