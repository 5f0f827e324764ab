import type { Streams } from "./report.ts";

/** Shows that something is going on while `work` runs for longer than two seconds; says so again every few seconds. */
export async function progress<T>(
  streams: Streams,
  label: string,
  work: (note: (text: string) => void) => Promise<T>,
): Promise<T> {
  const started = Date.now();
  let detail = "";
  let shown = false;
  const show = (): void => {
    shown = true;
    const seconds = Math.round((Date.now() - started) / 1_000);
    const line = `  ${label}${detail === "" ? "" : `: ${detail}`}, ${seconds} s`;
    streams.err(streams.tty ? `\r\u001b[K${line}` : `${line}\n`);
  };
  const first = setTimeout(show, 1_500);
  const clock = setInterval(show, streams.tty ? 1_000 : 10_000);
  try {
    return await work((text) => {
      detail = text;
      if (shown && streams.tty) show();
    });
  } finally {
    clearTimeout(first);
    clearInterval(clock);
    if (shown) {
      show();
      if (streams.tty) streams.err("\n");
    }
  }
}
