const NUMBERS = ["NaN", "Infinity"] as const;

/** Where a text stops being JSON, in words that quote nothing of it, as far as can be told: ": line 3, column 7". */
export function whereNotJson(text: string, cause: unknown): string {
  const found = numberOf(text);
  if (found !== undefined) {
    return `: ${found.name} in ${placeOf(text, found.at)} is no number of JSON, which has finite ones only`;
  }
  const message = cause instanceof Error ? cause.message : "";
  const [, position] = /at position (\d{1,10})/.exec(message) ?? [];
  if (position !== undefined) return `: it goes wrong in ${placeOf(text, Number(position))}`;
  if (/end of JSON/.test(message)) return text.trim() === "" ? ": it is empty" : ": it ends too early";
  return "";
}

/** The first NaN or Infinity outside strings. */
function numberOf(text: string): { readonly name: string; readonly at: number } | undefined {
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const letter = text[at];
    if (quoted && letter === "\\") at++;
    else if (letter === '"') quoted = !quoted;
    else if (!quoted && (letter === "N" || letter === "I")) {
      const name = NUMBERS.find((word) => text.startsWith(word, at));
      if (name !== undefined) return { name, at };
    }
  }
  return undefined;
}

function placeOf(text: string, position: number): string {
  const before = text.slice(0, position);
  const line = before.split("\n").length;
  return `line ${line}, column ${position - before.lastIndexOf("\n")}`;
}
