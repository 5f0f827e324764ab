import type {} from "@nomicfoundation/hardhat-ethers";
import { LOCAL_CHAIN_IDS } from "@assay/sdk";
import type { Provider, Signer } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import { TaskError, TaskErrorCode } from "./error.ts";
import { isUnreachable } from "./failure.ts";
import { addressOf, integer } from "./options.ts";

/** The network that a task talks to. */
export interface Chain {
  readonly provider: Provider & { send(method: string, params?: unknown[]): Promise<unknown> };
  readonly chainId: bigint;
  readonly networkName: string;
  /** Whether development roots and setups are accepted here. */
  readonly local: boolean;
  /** Whether the chain lives in this process and ends with it. */
  readonly inProcess: boolean;
  /** Account number `choice`, or the one with that address; the first when left out. */
  signer(choice?: string): Promise<Signer & { readonly address: string }>;
}

/** Connects to the network of `--network`. */
export async function openChain(hre: HardhatRuntimeEnvironment): Promise<Chain> {
  const connection = await connect(hre);
  const { ethers, networkName, networkConfig } = connection;
  let chainId: bigint;
  try {
    chainId = BigInt((await connection.provider.request({ method: "eth_chainId" })) as string);
  } catch (cause) {
    if (!isUnreachable(cause)) throw cause;
    const message = `Nothing answers at the RPC of network "${networkName}"; ${startWords(networkName)}.`;
    throw new TaskError(TaskErrorCode.Unreachable, message, { cause });
  }
  return {
    provider: ethers.provider as Chain["provider"],
    chainId,
    networkName,
    local: LOCAL_CHAIN_IDS.includes(chainId),
    inProcess: networkConfig.type === "edr-simulated",
    signer: async (choice = "0") => {
      const signers = await ethers.getSigners();
      const wanted = choice.startsWith("0x")
        ? signers.find(({ address }) => address === addressOf("account", choice))
        : signers[integer("account", choice, 0, 9_999)];
      if (wanted !== undefined) return wanted;
      throw new TaskError(
        TaskErrorCode.NoAccount,
        signers.length === 0
          ? `Network "${networkName}" has no account; set its key, for example with ` +
              "`npx hardhat keystore set SEPOLIA_PRIVATE_KEY`."
          : `Network "${networkName}" has ${signers.length} accounts, and ${choice} is none of them; ` +
              `give --account a number below ${signers.length} or one of their addresses.`,
      );
    },
  };
}

async function connect(hre: HardhatRuntimeEnvironment) {
  try {
    return await hre.network.getOrCreate();
  } catch (cause) {
    const { message = "" } = cause as { readonly message?: string };
    if (!/^HHE705\b/.test(message)) throw cause;
    const names = Object.keys(hre.config.networks).join(", ");
    throw new TaskError(TaskErrorCode.Hardhat, `${message}; give one of ${names} with --network.`, { cause });
  }
}

/** Throws unless development roots and setups are accepted on the chain. */
export function requireLocal(chain: Chain, what: string, remedy: string): void {
  if (chain.local) return;
  throw new TaskError(
    TaskErrorCode.LocalOnly,
    `${what} works on local chains only (ids ${LOCAL_CHAIN_IDS.join(" and ")}), and network "${chain.networkName}" ` +
      `has id ${chain.chainId}; ${remedy}.`,
  );
}

function startWords(networkName: string): string {
  return networkName === "localhost"
    ? "start one with `npx hardhat node`, or set ASSAY_LOCALHOST_URL to where it is"
    : "check its URL (`npx hardhat keystore list`) and the connection";
}
