import type { Figures } from "./measure.ts";

/** The figures with a proof that is random, whose zero bytes are cheaper in calldata than others. */
const WITH_PROOF: ReadonlySet<string> = new Set([
  "gas.fulfil.zkml",
  "gas.fulfil.tee.zkml",
  "gas.zkml.784",
  "gas.groth16.verify.1",
]);
/** By which part of them those may differ. */
const TOLERANCE = 0.002;

/** What differs between the committed figures and those measured now, in words; nothing when they agree. */
export function compareFigures(committed: Figures, measured: Figures): string[] {
  const keys = [...new Set([...Object.keys(committed), ...Object.keys(measured)])].sort();
  return keys.flatMap((key) => {
    const [before, now] = [committed[key], measured[key]];
    if (before === undefined) return [`${key}: ${now} is new`];
    if (now === undefined) return [`${key}: ${before} is gone`];
    const tolerance = WITH_PROOF.has(key) ? TOLERANCE * before : 0;
    const differs = Math.abs(now - before) > tolerance;
    return differs ? [`${key}: ${before} -> ${now} (${now > before ? "+" : ""}${now - before})`] : [];
  });
}
