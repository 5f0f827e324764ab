import { intelFigures } from "./intel.ts";
import { nitroFigures } from "./nitro.ts";
import { receiptFigures } from "./receipts.ts";

/**
 * Gas of verifying enclaves, hardfork osaka. Keys with `.noprecompile` are the same on prague, which has no precompile for
 * P-256.
 */
export async function attestationFigures(onStep: (step: string) => void): Promise<Record<string, number>> {
  onStep("gas of Nitro documents");
  const nitro = await nitroFigures();
  onStep("gas of TDX quotes");
  const intel = { ...(await intelFigures("osaka")), ...(await intelFigures("prague")) };
  onStep("gas of enclaves' signatures");
  return { ...nitro, ...intel, ...(await receiptFigures("osaka")), ...(await receiptFigures("prague")) };
}
