import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { expect } from "chai";
import { Wallet } from "ethers";

import {
  encodeTeeEvidence,
  encodeTensor,
  HubClient,
  type Request,
  requestFromEvent,
  signStatement,
  statementOf,
  TEE_V1,
} from "../../sdk/src/index.ts";
import { DIGITS, fail, runTask, succeed } from "./support/assay.ts";
import { createTaskWorld, type TaskWorld } from "./support/world.ts";

const UNKNOWN = `0x${"7".repeat(64)}`;
const PAYEE = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC";

const CREATE = ["enclave", "policy", "create"];
const LISTED = { measurements: `0x${"11".repeat(32)}`, until: "2100-01-01" };

describe("enclave policies that a model's owner names", function () {
  this.timeout(300_000);

  let world: TaskWorld;
  let hub: HubClient;
  let chainId: bigint;
  let registry: string;
  /** Three policies, the first two with an enclave's key under each. */
  let policies: string[];
  let keys: Wallet[];
  const versions: Record<string, string> = {};

  const publish = (args: Record<string, unknown>): [TaskWorld["hre"], string[], Record<string, unknown>] => [
    world.hre,
    ["model", "publish"],
    { ...world.common, dir: world.model, name: "digits", kinds: "signature,tee", ...args },
  ];
  const asking = (version: string, args: Record<string, unknown> = {}): Record<string, unknown> => ({
    ...world.common,
    versionId: versions[version],
    input: join(DIGITS, "held-out.json"),
    index: "3",
    kinds: "tee",
    ...args,
  });
  const ask = async (version: string, args?: Record<string, unknown>): Promise<any> =>
    await succeed(world.hre, ["infer", "request"], asking(version, args));
  const requestOf = async (id: string): Promise<Request> => {
    const [log] = await hub.contract.queryFilter(hub.contract.filters["Requested"]!(id), 0);
    return requestFromEvent((log as unknown as { args: { toObject(): never } }).args.toObject()).request;
  };
  /** Answers a request with evidence of the enclave key number `which`. */
  const answer = async (id: string, which: number): Promise<void> => {
    const request = await requestOf(id);
    const output = encodeTensor({ dtype: "u8", dims: [1], data: [8n] });
    const statement = statementOf(await hub.domain(), request, output, PAYEE);
    const evidence = encodeTeeEvidence(await signStatement(keys[which]!, statement, TEE_V1));
    await hub.fulfil(request, output, PAYEE, [evidence]);
  };

  before(async () => {
    world = await createTaskWorld();
    const { ethers } = await world.hre.network.getOrCreate();
    hub = new HubClient(world.contracts.hub, (await ethers.getSigners())[5]!);
    ({ chainId } = await ethers.provider.getNetwork());
    registry = world.contracts.enclaveRegistry;
    policies = [];
    keys = [];
    for (const name of ["first", "second"]) {
      const keyFile = join(world.folder, `${name}.key`);
      policies.push((await succeed(world.hre, ["enclave", "register"], { ...world.common, keyFile })).policy);
      keys.push(new Wallet((await readFile(keyFile, "utf8")).trim()));
    }
    const { deployment } = world.common;
    policies.push((await succeed(world.hre, CREATE, { deployment, test: true, ...LISTED })).policy);
    const elsewhere = `8453:${registry}:${UNKNOWN}`;
    const [first, , third] = policies;
    for (const [minor, [name, enclavePolicies]] of Object.entries([
      ["none", undefined],
      ["one", `${first},${elsewhere}`],
      ["two", `${first}, ${chainId}:${registry}:${third}`],
      ["elsewhere", elsewhere],
    ] as const)) {
      versions[name] = (await succeed(...publish({ enclavePolicies, minor }))).versionId;
    }
  });
  after(async () => {
    await world.close();
  });

  it("are in the manifest that was published, and shown", async () => {
    const here = registry.toLowerCase();
    const shown = await succeed(world.hre, ["model", "show"], { ...world.common, versionId: versions["one"] });
    expect(shown.manifest.enclavePolicies).to.deep.equal([
      { chainId: `${chainId}`, registry: here, policy: policies[0] },
      { chainId: "8453", registry: here, policy: UNKNOWN },
    ]);
    const { out } = await runTask(world.hre, ["model", "show"], { ...world.common, versionId: versions["one"] });
    expect(out).to.contain(` ${policies[0]} `).and.contain(`${UNKNOWN} of ${here} on chain 8453`);
    const plain = await succeed(world.hre, ["model", "show"], { ...world.common, versionId: versions["none"] });
    expect(plain.manifest).to.not.have.property("enclavePolicies");
  });

  it("are refused where they do not exist or cannot be read, before anything is sent", async () => {
    const before = await world.send("eth_blockNumber");
    const [first] = policies;
    for (const [args, code, words] of [
      [{ enclavePolicies: UNKNOWN }, "ASY-TASK-009", `No policy has the id ${UNKNOWN} at ${registry.toLowerCase()}`],
      [{ enclavePolicies: UNKNOWN }, "ASY-TASK-009", "`npx hardhat enclave policy create`"],
      [{ enclavePolicies: `${first},${UNKNOWN}` }, "ASY-TASK-009", UNKNOWN],
      [{ enclavePolicies: `${chainId}:${PAYEE}:${first}` }, "ASY-TASK-009", "no contract at that address"],
      [{ enclavePolicies: first, kinds: "signature" }, "ASY-TASK-002", "add tee to --kinds"],
      [{ enclavePolicies: "" }, "ASY-TASK-002", "--enclave-policies"],
      [{ enclavePolicies: `${first},` }, "ASY-TASK-002", "--enclave-policies"],
      [{ enclavePolicies: `${registry}:${first}` }, "ASY-TASK-002", "chain:registry:id"],
      [{ enclavePolicies: `0x1:${registry}:${first}` }, "ASY-TASK-002", "chain:registry:id"],
      [{ enclavePolicies: `1:0x12:${first}` }, "ASY-TASK-002", "an address"],
      [{ enclavePolicies: `${first},${first}` }, "ASY-MANIFEST-003", "leave one out"],
    ] as const) {
      const error = await fail(...publish({ minor: "9", ...args }));
      expect([error.code, error.message.includes(words)], error.message).to.deep.equal([code, true]);
    }
    expect(await world.send("eth_blockNumber")).to.equal(before);
  });

  it("are taken by a request that names none, where there is one", async () => {
    const { out } = await runTask(world.hre, ["infer", "request"], asking("one"));
    expect(out).to.contain(`${policies[0]} (the model's owner names it)`);
    const { id, policy, policyByOwner } = await ask("one");
    expect([policy, policyByOwner]).to.deep.equal([policies[0], "named"]);
    expect((await requestOf(id)).enclavePolicy).to.equal(policies[0]);
    for (const [version, words] of [
      ["two", `names 2: ${policies[0]}, ${policies[2]}; give the one that you trust`],
      ["none", "give the measurement policy that you trust"],
      ["elsewhere", "give the measurement policy that you trust"],
    ] as const) {
      const error = await fail(world.hre, ["infer", "request"], asking(version));
      expect(error.code).to.equal("ASY-TASK-001");
      expect(error.message).to.contain("--policy is missing").and.contain(words);
    }
  });

  it("stand against another one, unless the requester insists", async () => {
    const before = await world.send("eth_blockNumber");
    const error = await fail(world.hre, ["infer", "request"], asking("one", { policy: policies[1] }));
    expect(error.code).to.equal("ASY-TASK-002");
    for (const words of [policies[0]!, policies[1]!, "--other-policy"]) expect(error.message).to.contain(words);
    const nothing = await fail(world.hre, ["infer", "request"], asking("one", { otherPolicy: true }));
    expect([nothing.code, nothing.message.includes("--policy is missing")]).to.deep.equal(["ASY-TASK-001", true]);
    const signed = asking("one", { kinds: "signature", policy: policies[0] });
    expect((await fail(world.hre, ["infer", "request"], signed)).code).to.equal("ASY-TASK-002");
    expect(await world.send("eth_blockNumber")).to.equal(before);

    const insisted = await ask("one", { policy: policies[1], otherPolicy: true });
    expect(insisted).to.include({ policy: policies[1], policyByOwner: "other" });
    expect((await requestOf(insisted.id)).enclavePolicy).to.equal(policies[1]);
    // Where the owner names several, each will do; where there are none, any.
    expect((await ask("two", { policy: policies[2]!.toUpperCase().replace("0X", "0x") })).policyByOwner).to.equal(
      "named",
    );
    expect((await ask("none", { policy: policies[1] })).policyByOwner).to.equal("none");
  });

  it("are told beside the policy of a request and of an accepted answer, which counts all the same", async () => {
    for (const [version, which, word, words] of [
      ["one", 0, "named", "the model's owner names it"],
      ["one", 1, "other", "NOT ONE THAT THE MODEL'S OWNER NAMES"],
      ["none", 1, "none", "the model's owner names none here"],
    ] as const) {
      const { id } = await ask(version, { policy: policies[which], otherPolicy: true });
      const said = { policy: policies[which], policyByOwner: word };
      expect(await succeed(world.hre, ["infer", "status"], { ...world.common, id })).to.include(said);
      await answer(id, which);
      const verdict = await succeed(world.hre, ["infer", "verify"], { ...world.common, id });
      expect(verdict).to.include({ holds: true, ...said });
      const { out } = await runTask(world.hre, ["infer", "verify"], { ...world.common, id });
      expect(out).to.contain(`${policies[which]} (${words})`);
      const { deployment } = world.common;
      const bare = { deployment, id, blobs: join(world.folder, "empty") };
      expect((await succeed(world.hre, ["infer", "verify"], bare)).policyByOwner).to.equal("unknown");
    }
    // An answer without tee evidence has no policy to tell of.
    const { id } = await ask("one", { kinds: "signature" });
    expect(await succeed(world.hre, ["infer", "status"], { ...world.common, id })).to.not.have.property("policy");
  });

  it("under which nothing can be answered now are refused before anything is paid, and told of", async () => {
    const { deployment } = world.common;
    const make = async (args: object = {}): Promise<string> =>
      (await succeed(world.hre, CREATE, { deployment, test: true, ...args })).policy;
    const [paused, empty, ended, future] = [await make(LISTED), await make(), await make(LISTED), await make()];
    const change = async (task: string, args: object): Promise<unknown> =>
      await succeed(world.hre, ["enclave", "policy", task], { deployment, ...args });
    const { id } = await ask("none", { policy: paused });
    expect(await succeed(world.hre, ["infer", "status"], { ...world.common, id })).to.not.have.property(
      "policyObstacle",
    );
    await change("restrict", { policy: paused, kind: "paused" });
    await change("revoke", { policy: ended, value: LISTED.measurements });
    const later = {
      policy: future,
      kind: "measurement",
      value: LISTED.measurements,
      from: "2099-01-01",
      until: LISTED.until,
    };
    await change("propose", later);
    await change("activate", { policy: future });

    const before = await world.send("eth_blockNumber");
    for (const [policy, words] of [
      [paused, "is paused"],
      [empty, "accepts no measurement now, so"],
      [ended, "accepts no measurement now, so"],
      [future, "accepts no measurement now; the next begins on 2099-01-01T00:00:00Z"],
    ] as const) {
      const error = await fail(world.hre, ["infer", "request"], asking("none", { policy }));
      expect(error.code).to.equal("ASY-TASK-002");
      for (const part of [policy, words, "enclave policy propose", "--policy", "Nothing was paid"])
        expect(error.message).to.contain(part);
    }
    expect(await world.send("eth_blockNumber")).to.equal(before);

    const { data, out } = await runTask(world.hre, ["infer", "status"], { ...world.common, id });
    expect(data.policyObstacle).to.equal("is paused");
    expect(out).to.match(/policy now +│ it is paused/);
    const published = await runTask(...publish({ enclavePolicies: `${policies[0]},${paused},${empty}`, minor: "8" }));
    expect(published.data.warnings).to.have.length(2);
    expect(published.out).to.match(new RegExp(`warning +│ policy ${paused}: it is paused`));
    expect(published.out)
      .to.contain(`policy ${empty}: it accepts no measurement now`)
      .and.not.contain(`policy ${policies[0]}:`);
    // A pause can end.
    await change("propose", { policy: paused, kind: "paused" });
    await change("activate", { policy: paused });
    await ask("none", { policy: paused });
  });
});
