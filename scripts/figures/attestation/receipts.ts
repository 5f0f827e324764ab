import { chainAt } from "../../support/chain.ts";
import { p256Key, rsaKey, secp256k1Key } from "../../support/receipt-keys.ts";
import { deployReceipts } from "../../support/tee-receipts.ts";

const AT = 1_767_225_600;
const SEED = "figures";

/**
 * Gas of checking one answer's signature by the kind of the enclave's key: the adapter's call with cold slots and its evidence's
 * calldata. The account that is called, 2,600, is in the figure of the whole answer.
 */
export async function receiptFigures(hardfork: "osaka" | "prague"): Promise<Record<string, number>> {
  const suffix = hardfork === "osaka" ? "" : ".noprecompile";
  const connection = await chainAt(AT, hardfork);
  try {
    const { evidenceOf, gasOf, register } = await deployReceipts(connection.ethers);
    const p256 = ["p256", p256Key(true, SEED)] as const;
    const keys =
      suffix === ""
        ? [["secp256k1", secp256k1Key(SEED)] as const, p256, ["rsa2048", rsaKey(2048, SEED)] as const]
        : [p256];
    const figures: Record<string, number> = {};
    for (const [name, key] of keys) {
      await register(key);
      figures[`gas.receipt.${name}${suffix}`] = await gasOf(evidenceOf(key));
    }
    return figures;
  } finally {
    await connection.close();
  }
}
