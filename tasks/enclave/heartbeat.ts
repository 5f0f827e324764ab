import { addressKey, keyIdOf } from "@assay/nodes/enclave";
import { eventOf, read, send } from "@assay/nodes/operator";
import { SigningKey, ZeroHash } from "ethers";

import { action } from "../shared/action.ts";
import { keyPath, readKey } from "../shared/keys.ts";
import { id, required } from "../shared/options.ts";
import { fields } from "../shared/report.ts";
import { openSigningSession } from "../shared/session.ts";
import { showTime } from "../shared/time.ts";
import { type KeyArguments, known, registryOf } from "./registry.ts";

/** Signs that the key is alive, and hands it in. */
export default action<Omit<KeyArguments, "key">>(async (args, { hre, progress }) => {
  const policy = id("policy", required(args, "policy", "the policy of the key"));
  const session = await openSigningSession(hre, args);
  const { chain, account } = session;
  const registry = registryOf(session, account);
  const wallet = await readKey(args.keyFile ?? keyPath(hre, "enclave", chain.chainId));
  const key = addressKey(wallet.address);
  const keyId = keyIdOf(key);
  const record = await known(
    read<{ counter: bigint }>(registry, "keyOf", [policy, keyId]),
    `Key ${key.data} was never registered under policy ${policy}.`,
  );
  const counter = record.counter + 1n;
  // Some clients run a call in the newest block itself, whose hash is not known inside it.
  const number = Math.max(0, (await chain.provider.getBlockNumber()) - 1);
  const hash = (await chain.provider.getBlock(number))?.hash ?? ZeroHash;
  const digest = await read<string>(registry, "heartbeatDigest", [policy, keyId, counter, hash]);
  const signature = new SigningKey(wallet.privateKey).sign(digest).serialized;
  const receipt = await progress("sending the heartbeat", () =>
    send(registry, "heartbeat", [policy, key, counter, number, signature]),
  );
  const until = Number((await eventOf(registry, receipt, "Heartbeat")).args["until"]);
  const data = { policy, key: key.data, counter: Number(counter), until, transactionHash: receipt.hash };
  const text = fields([
    ["policy", policy],
    ["key", key.data],
    ["counter", data.counter],
    ["valid until", showTime(until)],
    ["transaction", receipt.hash],
  ]);
  return { data, text };
});
