const SHADES = " .:-=+*#%@";
const SIDE = 8;
const WHITE = 16;

/** An 8 x 8 grey image, 0 to 16, as text, two characters a pixel. */
export function drawDigit(pixels: readonly number[]): string {
  const rows: string[] = [];
  for (let y = 0; y < SIDE; y++) {
    const row = pixels.slice(SIDE * y, SIDE * (y + 1));
    rows.push(`    ${row.map((grey) => SHADES[Math.round((grey * (SHADES.length - 1)) / WHITE)]!.repeat(2)).join("")}`);
  }
  return rows.join("\n");
}
