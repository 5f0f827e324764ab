import { Contract, id, parseEther, toBeHex, Wallet, ZeroAddress, ZeroHash } from "ethers";

import {
  bindingOf,
  challengeOf,
  ChangeKind,
  DevelopmentEnclave,
  measurementChange,
  policyChange,
  testPolicyTerms,
} from "../../../nodes/shared/enclave/index.ts";
import {
  HubClient,
  kindSet,
  type Order,
  packPayment,
  SIGNATURE_V1,
  type FoundRequest,
  ZERO_ADDRESS,
  ZERO_HASH,
} from "../../../sdk/src/index.ts";
import { type TestChain, contractAt, deploy, deployCode, startChain } from "./chain.ts";
import { imageInput, prepareDigits, type PreparedModel } from "./digits-model.ts";
import { KEYS } from "./keys.ts";

const DAY = 86_400;
const PRICE = parseEther("0.01");

/** Assay on a fresh chain, with the digits model published. */
export interface World {
  readonly chain: TestChain;
  readonly hub: string;
  readonly nodes: Contract;
  readonly models: Contract;
  readonly enclaves: Contract;
  readonly model: PreparedModel;
  readonly version: string;
  /** Enclave whose key is registered, and its policy. */
  readonly enclave: DevelopmentEnclave;
  readonly policy: string;
  readonly client: HubClient;
  /** Makes a request for a held-out image. */
  request(options?: RequestOptions): Promise<FoundRequest>;
  /** Registers the signer of `key`, paid to itself, for the operator of the same key. */
  registerNode(key: string): Promise<void>;
  /** Native credit of an account. */
  credit(account: string): Promise<bigint>;
  close(): Promise<void>;
}

export interface RequestOptions extends Partial<Order> {
  readonly image?: number;
  readonly input?: Uint8Array;
  /** Seconds to the deadline. */
  readonly seconds?: number;
}

/** Amount that `request` pays. */
export const PAYMENT = PRICE;

/** Deploys everything and publishes the model. */
export async function createWorld({ zkml = false } = {}): Promise<World> {
  const [chain, model] = [await startChain(), await prepareDigits({ zkml })];
  const owner = chain.signer(KEYS.owner);
  const ownerAddress = await owner.getAddress();
  const models = await deploy(owner, "ModelRegistry");
  const nodes = await deploy(owner, "NodeRegistry", ZeroAddress, parseEther("0.1"), 21 * DAY, ownerAddress);
  const parts = [];
  for (const name of ["EnclavePolicies", "ReceiptKeyVerifier", "CanonicalBinding"])
    parts.push(await deploy(owner, name));
  const registry = await deploy(owner, "EnclaveRegistry", ...parts);
  const enclaves = await contractAt(owner, "IEnclaveRegistry", await registry.getAddress());
  const adapters = [nodes, registry, await deploy(owner, "ZkmlAdapter", models)];
  const hubContract = await deploy(owner, "InferenceHub", owner, models, nodes, 0, ZeroAddress, adapters);
  const hub = await hubContract.getAddress();

  const verifier =
    model.verifier === undefined
      ? ZeroAddress
      : await deployCode(owner, model.verifier.abi as never, model.verifier.bytecode);
  await (await models.createModel!(ZeroHash)).wait();
  const modelId: string = await models.modelIdOf!(ownerAddress, ZeroHash);
  const spec = {
    major: 1,
    minor: 0,
    kinds: kindSet(zkml ? [1, 4, 5] : [1, 4]),
    verifier,
    price: packPayment(ZERO_ADDRESS, 0n),
    royaltyReceiver: ZeroAddress,
    manifestDigest: model.manifestDigest,
    uri: "",
  };
  await (await models.publishVersion!(modelId, spec)).wait();
  const version: string = await models.versionIdOf!(modelId, 1, 0);

  const enclave = new DevelopmentEnclave({ model: model.manifestDigest, code: id("node") });
  const policy = await registerEnclave(chain, enclaves, enclave);

  const client = new HubClient(hub, chain.signer(KEYS.requester));
  let salt = 0n;
  return {
    chain,
    hub,
    nodes,
    models,
    enclaves,
    model,
    version,
    enclave,
    policy,
    client,
    async request({ image = 0, input, seconds = 3600, ...order }: RequestOptions = {}) {
      const head = await chain.provider.getBlock("latest");
      return await client.request(
        {
          version,
          paramsHash: ZERO_HASH,
          proofs: [SIGNATURE_V1],
          enclavePolicy: ZERO_HASH,
          token: ZERO_ADDRESS,
          amount: PRICE,
          callback: { target: ZERO_ADDRESS, gas: 0n, storeResult: false, priced: false },
          deadline: BigInt(head!.timestamp + seconds),
          salt: salt++,
          ...order,
        },
        input ?? imageInput(image, model.manifest.input),
      );
    },
    async registerNode(key) {
      const signer = new Wallet(key);
      const domain = {
        name: "Assay NodeRegistry",
        version: "1",
        chainId: 31_337,
        verifyingContract: await nodes.getAddress(),
      };
      const types = {
        RegisterNode: [
          { name: "operator", type: "address" },
          { name: "payee", type: "address" },
          { name: "roles", type: "uint8" },
        ],
      };
      const value = { operator: signer.address, payee: signer.address, roles: 1 };
      const signature = await signer.signTypedData(domain, types, value);
      const registry = new Contract(await nodes.getAddress(), nodes.interface, chain.signer(key));
      const bond = parseEther("0.1");
      const args = [signer.address, signer.address, 1, bond, "", signature] as const;
      await (await registry.register!(...args, { value: bond })).wait();
    },
    async credit(account) {
      return (await client.creditOf(ZERO_ADDRESS, account)).balance;
    },
    async close() {
      await chain.close();
    },
  };
}

async function registerEnclave(chain: TestChain, enclaves: Contract, enclave: DevelopmentEnclave): Promise<string> {
  const owner = chain.signer(KEYS.owner);
  const operator = await owner.getAddress();
  const verifier = await (await deploy(owner, "DevelopmentVerifier")).getAddress();
  const salt = toBeHex(1, 32);
  const now = (await chain.provider.getBlock("latest"))!.timestamp;
  const scheme: string = await enclaves.CANONICAL_BINDING!();
  const changes = [
    policyChange(ChangeKind.Verifier, verifier),
    policyChange(ChangeKind.Scheme, scheme),
    measurementChange(enclave.claimedMeasurement, 0, now + 365 * DAY),
  ];
  await (await enclaves.createPolicy!(testPolicyTerms(30 * DAY), changes, salt)).wait();
  const policy: string = await enclaves.policyIdOf!(operator, salt);
  const head = (await chain.provider.getBlock("latest"))!;
  const challenge = challengeOf(head.hash!, operator);
  const registry = await enclaves.getAddress();
  const key = enclave.receiptKey;
  const binding = bindingOf({ chainId: 31_337n, registry, policy, operator, key, endpoint: "", challenge });
  const evidence = enclave.attest(binding, { now: head.timestamp });
  const registration = {
    policy,
    verifier,
    scheme,
    key,
    endpoint: "",
    gpuClaims: ZeroHash,
    challengeBlock: head.number,
    evidence,
    hints: "0x",
    aux: "0x",
    keySignature: enclave.proveKey(binding),
  };
  await (await enclaves.registerKey!(registration)).wait();
  return policy;
}
