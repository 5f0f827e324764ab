import { Wallet } from "ethers";

/** Private keys of Hardhat's default accounts, public knowledge: mnemonic "test test ... junk". */
export const KEYS = {
  owner: "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
  requester: "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d",
  node1: "0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a",
  node2: "0x7c852118294e51e653712a81e05800f419141751be58f605c371e15141b007a6",
} as const;

/** Account of a key. */
export function addressOf(key: string): string {
  return new Wallet(key).address;
}
