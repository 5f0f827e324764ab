import Table from "cli-table3";

/** Where a task writes: `out` for its result alone, `err` for progress and failures. */
export interface Streams {
  out(text: string): void;
  err(text: string): void;
  /** Whether `err` is a terminal, where a line can be written over. */
  readonly tty: boolean;
}

/** The process's own streams. */
export const processStreams: Streams = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  get tty() {
    return process.stderr.isTTY;
  },
};

/** What a task found: `data` is the whole of it, `text` is for people. */
export interface View {
  readonly data: unknown;
  readonly text: string;
}

/** Names and values, one under the other. */
export function fields(rows: ReadonlyArray<readonly [name: string, value: unknown]>): string {
  const table = new Table({ style: { head: [], border: [] } });
  for (const [name, value] of rows) table.push({ [name]: cell(value) });
  return table.toString();
}

/** A table with a head. */
export function rows(head: readonly string[], body: ReadonlyArray<readonly unknown[]>): string {
  const table = new Table({ head: [...head], style: { head: [], border: [] } });
  for (const row of body) table.push(row.map(cell));
  return table.toString();
}

/** JSON of `value`; integers too wide for JSON become decimal strings, bytes become hex. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item === "bigint") return item.toString();
    if (item instanceof Uint8Array) return `0x${Buffer.from(item).toString("hex")}`;
    return item;
  });
}

/** What others wrote (names, endpoints) without control characters, so that it cannot move the terminal's cursor. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "?");
}

function cell(value: unknown): string {
  if (value === undefined || value === null) return "-";
  return printable(typeof value === "string" ? value : toJson(value).replace(/^"|"$/g, ""));
}
