import type { Figures } from "./measure.ts";

/** Proofs and new policies hold random bytes, and zero bytes are cheaper in calldata than others. */
const TOLERANCE = 0.002;
/** P-256 worked out in Solidity costs as many steps as the signature's random scalars have. */
const TOLERANCE_WITHOUT_PRECOMPILE = 0.03;

/** Little gas, of which random bytes of key and signature are more. */
const TOLERANCE_OF_RECEIPTS = 0.01;

function toleranceOf(key: string): number {
  if (key.endsWith(".noprecompile")) return TOLERANCE_WITHOUT_PRECOMPILE;
  return key.startsWith("gas.receipt.") ? TOLERANCE_OF_RECEIPTS : TOLERANCE;
}

/** What differs between the committed figures and those measured now, in words; nothing when they agree. */
export function compareFigures(committed: Figures, measured: Figures): string[] {
  const keys = [...new Set([...Object.keys(committed), ...Object.keys(measured)])].sort();
  return keys.flatMap((key) => {
    const [before, now] = [committed[key], measured[key]];
    if (before === undefined) return [`${key}: ${now} is new`];
    if (now === undefined) return [`${key}: ${before} is gone`];
    const exact = !key.startsWith("gas.");
    const tolerance = toleranceOf(key);
    const differs = exact ? before !== now : Math.abs(now - before) > tolerance * before;
    return differs ? [`${key}: ${before} -> ${now} (${now > before ? "+" : ""}${now - before})`] : [];
  });
}
