import {
  ContractRevertError,
  encodeSignatureEvidence,
  encodeTensor,
  EventMismatchError,
  HubClient,
  kindSet,
  modelIdOf,
  nodeIdOf,
  type Order,
  ProofKind,
  requestId,
  RpcError,
  SIGNATURE_V1,
  type SignedRequest,
  signedRequestId,
  signRequest,
  signStatement,
  statementOf,
  versionIdOf,
  ZERO_ADDRESS,
  ZERO_HASH,
} from "@assay/sdk";
import { expect } from "chai";
import { Contract, type ContractRunner, keccak256, type Provider, type Signer, toUtf8Bytes } from "ethers";
import { network } from "hardhat";

const DAY = 86_400n;
const BOND = 10n ** 17n;
const SALT = keccak256(toUtf8Bytes("model"));
const INPUT = encodeTensor({ dtype: "u8", dims: [3], data: [1n, 2n, 3n] });
const OUTPUT = encodeTensor({ dtype: "u8", dims: [], data: [6n] });

/** What `promise` throws, which must be of class `kind`. */
async function thrown<T extends Error>(promise: Promise<unknown>, kind: new (...args: never[]) => T): Promise<T> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof kind) return error;
    throw error;
  }
  throw new Error(`Nothing was thrown; expected ${kind.name}.`);
}

type RawLog = Record<string, unknown>;

/** `provider` with what it says of logs put through `change`. */
function lying(provider: Provider, change: (logs: RawLog[]) => RawLog[]): Provider {
  return new Proxy(provider, {
    get(target, name, self: unknown) {
      // ethers asks the runner for its provider, which must be the liar too.
      if (name === "provider") return self;
      if (name === "getLogs") {
        return async (filter: never) => change((await target.getLogs(filter)) as unknown as RawLog[]);
      }
      const value = Reflect.get(target, name) as unknown;
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

describe("sdk: hub client", () => {
  let requester: Signer;
  let operator: Signer;
  let signer: Signer;
  let hub: HubClient;
  let nodeHub: HubClient;
  let provider: Provider;
  let models: Contract;
  let nodes: Contract;
  let now: () => Promise<bigint>;
  let wait: (seconds: bigint) => Promise<void>;
  let version: string;
  let chainId: bigint;

  const order = async (fields: Partial<Order> = {}): Promise<Order> => ({
    version,
    paramsHash: ZERO_HASH,
    proofs: [SIGNATURE_V1],
    enclavePolicy: ZERO_HASH,
    token: ZERO_ADDRESS,
    amount: 1_000n,
    callback: { target: ZERO_ADDRESS, gas: 0n, storeResult: true, priced: false },
    deadline: (await now()) + 600n,
    salt: 0n,
    ...fields,
  });

  before(async () => {
    const { ethers } = await network.create();
    const [owner, second, third, fourth] = await ethers.getSigners();
    if (owner === undefined || second === undefined || third === undefined || fourth === undefined) {
      throw new Error("the network has too few accounts");
    }
    [requester, operator, signer] = [second, third, fourth] as Signer[] as [Signer, Signer, Signer];
    provider = ethers.provider;
    now = async () => BigInt((await ethers.provider.getBlock("latest"))?.timestamp ?? 0);
    wait = async (seconds) => {
      await ethers.provider.send("evm_increaseTime", [Number(seconds)]);
      await ethers.provider.send("evm_mine", []);
    };
    chainId = (await ethers.provider.getNetwork()).chainId;
    const account = await owner.getAddress();
    models = (await ethers.deployContract("ModelRegistry")) as unknown as Contract;
    nodes = (await ethers.deployContract("NodeRegistry", [
      ZERO_ADDRESS,
      BOND,
      21n * DAY,
      account,
    ])) as unknown as Contract;
    const deployed = await ethers.deployContract("InferenceHub", [
      account,
      await models.getAddress(),
      await nodes.getAddress(),
      0,
      ZERO_ADDRESS,
      [await nodes.getAddress()],
    ]);
    hub = new HubClient(await deployed.getAddress(), requester);
    nodeHub = new HubClient(hub.address, operator);

    const registry = await models.getAddress();
    const model = modelIdOf({ chainId, registry, creator: account, salt: SALT });
    version = versionIdOf(model, 1, 0);
    await (await models.getFunction("createModel")(SALT)).wait();
    await (
      await models.getFunction("publishVersion")(model, {
        major: 1,
        minor: 0,
        kinds: kindSet([ProofKind.Signature]),
        verifier: ZERO_ADDRESS,
        price: 0n,
        royaltyReceiver: ZERO_ADDRESS,
        manifestDigest: SALT,
        uri: "",
      })
    ).wait();
    const payee = await operator.getAddress();
    const nodeRegistry = await nodes.getAddress();
    const proof = await signer.signTypedData(
      { name: "Assay NodeRegistry", version: "1", chainId, verifyingContract: nodeRegistry },
      {
        RegisterNode: [
          { name: "operator", type: "address" },
          { name: "payee", type: "address" },
          { name: "roles", type: "uint8" },
        ],
      },
      { operator: payee, payee, roles: 1 },
    );
    const register = new Contract(nodeRegistry, nodes.interface, operator).getFunction("register");
    await (await register(await signer.getAddress(), payee, 1, BOND, "", proof, { value: BOND })).wait();
  });

  const evidenceFor = async (request: Parameters<typeof statementOf>[1], output = OUTPUT): Promise<string[]> => {
    const statement = statementOf(await hub.domain(), request, output, await operator.getAddress());
    return [encodeSignatureEvidence(await signStatement(signer, statement, SIGNATURE_V1))];
  };

  it("computes ids as the registries do", async () => {
    const [creator, operatorAddress, key] = await Promise.all([requester, operator, signer].map((s) => s.getAddress()));
    if (creator === undefined || operatorAddress === undefined || key === undefined) throw new Error("no address");
    const modelRegistry = await models.getAddress();
    const nodeRegistry = await nodes.getAddress();
    const model = modelIdOf({ chainId, registry: modelRegistry, creator, salt: SALT });
    expect(await models.getFunction("modelIdOf")(creator, SALT)).to.equal(model);
    expect(await models.getFunction("versionIdOf")(model, 7, 65_535)).to.equal(versionIdOf(model, 7, 65_535));
    expect(await nodes.getFunction("nodeIdOf")(operatorAddress, key)).to.equal(
      nodeIdOf({ chainId, registry: nodeRegistry, operator: operatorAddress, signer: key }),
    );
  });

  it("requests, finds, answers and reads a request", async () => {
    const made = await hub.request(await order(), INPUT);
    expect(made.id).to.equal(requestId(hub.address, chainId, made.request));
    expect(made.input).to.deep.equal(INPUT);
    expect(await hub.status(made.id)).to.equal("pending");
    expect(await hub.whyStuck(made.id)).to.contain("SIGNATURE");

    const found = await nodeHub.requests(made.blockNumber, made.blockNumber, { version });
    expect(found).to.deep.equal([made]);
    expect(await nodeHub.requests(made.blockNumber, made.blockNumber, { version: SALT })).to.deep.equal([]);

    await nodeHub.fulfil(made.request, OUTPUT, await operator.getAddress(), await evidenceFor(made.request));
    expect(await hub.status(made.id)).to.equal("fulfilled");
    const { balance } = await hub.creditOf(ZERO_ADDRESS, await operator.getAddress());
    expect(balance).to.equal(1_000n);
    await nodeHub.withdraw(ZERO_ADDRESS, await operator.getAddress(), balance);
    expect((await hub.creditOf(ZERO_ADDRESS, await operator.getAddress())).balance).to.equal(0n);
  });

  it("says in words why an answer is refused", async () => {
    const { request } = await hub.request(await order(), INPUT);
    const payee = await operator.getAddress();
    const evidence = await evidenceFor(request);

    const few = await thrown(nodeHub.fulfil(request, OUTPUT, payee, []), ContractRevertError);
    expect(few.contractError).to.equal("EvidenceCountMismatch");
    expect(few.args).to.deep.equal({ received: 0n, expected: 1n });
    expect(few.message).to.contain("0 pieces of evidence were sent, the request asks for 1");
    expect(few.code).to.equal("ASY-SDK-002");
    expect(few.retryable).to.equal(false);

    const wrongTerms = { ...request, amount: request.amount + 1n };
    const other = await thrown(nodeHub.fulfil(wrongTerms, OUTPUT, payee, evidence), ContractRevertError);
    expect(other.contractError).to.equal("RequestNotPending");
    expect(other.message).to.contain("it is none, or a field differs");

    const forged = await thrown(
      nodeHub.fulfil(request, encodeTensor({ dtype: "u8", dims: [], data: [7n] }), payee, evidence),
      ContractRevertError,
    );
    expect(forged.contractError).to.equal("NodeNotActive");
    expect(forged.message).to.contain("of a node that is none");
  });

  it("says in words why a request is refused", async () => {
    const late = await thrown(hub.request(await order({ deadline: 1n }), INPUT), ContractRevertError);
    expect(late.contractError).to.equal("DeadlineInvalid");
    expect(late.message).to.match(/1970-01-01T00:00:01Z is not between 20\d\d-/);
    const unknown = await thrown(hub.request(await order({ version: SALT }), INPUT), ContractRevertError);
    expect(unknown.contractError).to.equal("VersionNotActive");
    expect(unknown.message).to.contain("is none, so it answers nothing new");
  });

  it("reclaims after the deadline, and not before", async () => {
    const { id, request } = await hub.request(await order({ salt: 3n }), INPUT);
    const early = await thrown(nodeHub.reclaim(request), ContractRevertError);
    expect(early.contractError).to.equal("RequestNotExpired");
    await wait(700n);
    expect(await hub.status(id)).to.equal("expired");
    await nodeHub.reclaim(request);
    expect(await hub.status(id)).to.equal("reclaimed");
    expect((await hub.creditOf(ZERO_ADDRESS, await requester.getAddress())).balance).to.equal(1_000n);
  });

  it("settles a signed request from credit", async () => {
    const account = await requester.getAddress();
    await hub.deposit(ZERO_ADDRESS, account, 5_000n);
    const before_ = (await hub.creditOf(ZERO_ADDRESS, account)).balance;
    const { salt: _, ...terms } = await order();
    const request: SignedRequest = { ...terms, inputHash: keccak256(INPUT), requester: account, nonce: 0n };
    const domain = await hub.domain();
    const signature = await signRequest(requester, domain, request);
    const evidence = await evidenceFor(request);
    const payee = await operator.getAddress();
    await nodeHub.settleSigned(request, signature, OUTPUT, payee, evidence);
    expect(await hub.status(signedRequestId(hub.address, chainId, request))).to.equal("fulfilled");
    expect((await hub.creditOf(ZERO_ADDRESS, account)).balance).to.equal(before_ - 1_000n);
    const again = await thrown(nodeHub.settleSigned(request, signature, OUTPUT, payee, evidence), ContractRevertError);
    expect(again.contractError).to.equal("NonceUsed");
    const next = { ...request, nonce: 1n };
    const forged = await thrown(nodeHub.settleSigned(next, signature, OUTPUT, payee, evidence), ContractRevertError);
    expect(forged.contractError).to.equal("RequesterSignatureInvalid");
  });

  it("finds out a node that changes inputs, terms, or gives what was not asked", async () => {
    const { blockNumber } = await hub.request(await order({ salt: 4n }), INPUT);
    const requests = (change: (log: RawLog) => object, options = {}) => {
      const liar = lying(provider, (logs) => logs.map((log) => ({ ...log, ...change(log) })));
      return new HubClient(hub.address, liar).requests(blockNumber, blockNumber, options);
    };
    expect(await requests(() => ({}))).to.have.length(1);
    const data = (log: RawLog) => String(log["data"]);
    const topics = (log: RawLog) => [...(log["topics"] as string[])];
    const lies: ((log: RawLog) => object)[] = [
      // The last byte of the input, a byte of the payment, the offset of the input, all of it.
      (log) => ({ data: data(log).replace("010203", "010204") }),
      (log) => ({ data: `${data(log).slice(0, 2 + 64 * 4 - 1)}0${data(log).slice(2 + 64 * 4)}` }),
      (log) => ({ data: data(log).slice(0, -64) }),
      () => ({ data: "0x" }),
      (log) => ({ topics: topics(log).with(1, SALT) }),
      (log) => ({ topics: topics(log).with(2, SALT) }),
      (log) => ({ topics: topics(log).with(3, SALT) }),
      (log) => ({ topics: topics(log).with(0, SALT) }),
      () => ({ address: ZERO_ADDRESS }),
    ];
    for (const [index, lie] of lies.entries()) {
      const error = await thrown(requests(lie), EventMismatchError);
      expect(error.code, `lie ${index}`).to.equal("ASY-SDK-003");
    }
    // Asked for another version, the node gives this one, in a log that is true in itself.
    const [whole] = await provider.getLogs({ address: hub.address, fromBlock: blockNumber, toBlock: blockNumber });
    const pushy = new HubClient(
      hub.address,
      lying(provider, () => [whole as unknown as RawLog]),
    );
    expect(await pushy.requests(blockNumber, blockNumber)).to.have.length(1);
    await thrown(pushy.requests(blockNumber, blockNumber, { version: SALT }), EventMismatchError);
  });

  it("names what the network does wrong", async () => {
    const noProvider = new HubClient(hub.address, {} as ContractRunner);
    const error = await thrown(noProvider.requests(0, 1), RpcError);
    expect(error.retryable).to.equal(false);
    const broken = lying(provider, () => {
      throw new Error("connection refused");
    });
    const down = await thrown(new HubClient(hub.address, broken).requests(0, 1), RpcError);
    expect(down.message).to.contain("connection refused");
    expect(down.retryable).to.equal(true);
    const readOnly = new HubClient(hub.address, provider);
    expect((await thrown(readOnly.request(await order(), INPUT), RpcError)).retryable).to.equal(false);
    const empty = await thrown(new HubClient(await signer.getAddress(), requester).status(SALT), RpcError);
    expect(empty.code).to.equal("ASY-SDK-004");
  });
});
