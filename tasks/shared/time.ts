/** "2026-11-21T09:00:00Z" of Unix seconds; a dash for zero. */
export function showTime(seconds: bigint | number): string {
  const number = Number(seconds);
  if (number === 0) return "-";
  // Past what a date can hold; the contracts' times have 40 bits.
  if (number > 8.64e12) return String(seconds);
  return new Date(number * 1_000).toISOString().replace(".000Z", "Z");
}
