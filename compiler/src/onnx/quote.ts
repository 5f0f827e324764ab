/** A name out of a file, safe to print: quoted, on one line, no control or direction marks, at most 80 characters. */
export function quote(name: string): string {
  const shown = name.length > 80 ? `${name.slice(0, 79)}…` : name;
  return JSON.stringify(shown.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "?"));
}
