import { Contract, ContractFactory, type InterfaceAbi, JsonRpcProvider, NonceManager, Wallet } from "ethers";
import hre, { network } from "hardhat";

/** A real Hardhat network behind HTTP. */
export interface TestChain {
  readonly url: string;
  readonly provider: JsonRpcProvider;
  /** Runs an administrative method: evm_mine, evm_setAutomine and so on. */
  send(method: string, ...params: unknown[]): Promise<unknown>;
  signer(key: string): NonceManager;
  close(): Promise<void>;
}

/** Starts one on a free port of 127.0.0.1. */
export async function startChain(): Promise<TestChain> {
  const server = await network.createServer("default", "127.0.0.1", 0);
  const { address, port } = await server.listen();
  const url = `http://${address}:${port}`;
  const provider = new JsonRpcProvider(url, 31_337, { staticNetwork: true, cacheTimeout: -1, batchMaxCount: 1 });
  provider.pollingInterval = 20;
  const signers = new Map<string, NonceManager>();
  return {
    url,
    provider,
    send: async (method, ...params) => await provider.send(method, params),
    signer(key) {
      const found = signers.get(key) ?? new NonceManager(new Wallet(key, provider));
      signers.set(key, found);
      return found;
    },
    async close() {
      provider.destroy();
      await server.close();
    },
  };
}

/** Deploys a contract of the project. */
export async function deploy(signer: NonceManager, name: string, ...args: unknown[]): Promise<Contract> {
  const { abi, bytecode } = await hre.artifacts.readArtifact(name);
  return await deployCode(signer, abi as InterfaceAbi, bytecode, ...args);
}

/** A contract that is deployed already, by the ABI of `name`. */
export async function contractAt(signer: NonceManager, name: string, address: string): Promise<Contract> {
  const { abi } = await hre.artifacts.readArtifact(name);
  return new Contract(address, abi as InterfaceAbi, signer);
}

/** Deploys compiled code. */
export async function deployCode(
  signer: NonceManager,
  abi: InterfaceAbi,
  bytecode: string,
  ...args: unknown[]
): Promise<Contract> {
  const contract = await new ContractFactory(abi, bytecode, signer).deploy(...args);
  await contract.waitForDeployment();
  return new Contract(await contract.getAddress(), abi, signer);
}
