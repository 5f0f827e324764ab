import { keyIdOf } from "@assay/nodes/enclave";
import { read } from "@assay/nodes/operator";
import { ContractRevertError } from "@assay/sdk";
import type { Contract } from "ethers";

import { action } from "../shared/action.ts";
import { id, required } from "../shared/options.ts";
import { fields } from "../shared/report.ts";
import { openSession } from "../shared/session.ts";
import { showTime } from "../shared/time.ts";
import { type KeyArguments, keyOf, known, registryOf, requirePolicy } from "./registry.ts";

interface KeyRecord {
  readonly operator: string;
  readonly validity: { readonly from: bigint; readonly until: bigint };
  readonly measurement: string;
  readonly endpoint: string;
}

/** A policy's owner, and a key under it: whether statements it signs verify now, and if not, why. */
export default action<Omit<KeyArguments, "account">>(async (args, { hre }) => {
  const policy = id("policy", required(args, "policy", "the id that `enclave register` printed"));
  const session = await openSession(hre, args);
  const registry = registryOf(session, session.chain.provider);
  const receiptKey = await keyOf(hre, session, args);
  const key = receiptKey.data;
  const keyId = keyIdOf(receiptKey);
  const owner = await requirePolicy(session, policy);
  const record = await known(
    read<KeyRecord>(registry, "keyOf", [policy, keyId]),
    `Key ${key} was never registered under policy ${policy}.`,
  );
  const reason = await refusal(registry, policy, keyId);
  const data = {
    policy,
    owner,
    key,
    keyId,
    operator: record.operator,
    measurement: record.measurement,
    from: Number(record.validity.from),
    until: Number(record.validity.until),
    endpoint: record.endpoint,
    valid: reason === undefined,
    reason,
  };
  const text = fields([
    ["policy", policy],
    ["owner", owner],
    ["key", key],
    ["key id", keyId],
    ["operator", data.operator],
    ["measurement", data.measurement],
    ["valid from", showTime(data.from)],
    ["valid until", showTime(data.until)],
    ["valid now", reason === undefined ? "yes" : `no: ${reason}`],
    ["endpoint", data.endpoint === "" ? "-" : data.endpoint],
  ]);
  return { data, text };
});

/** Why the registry refuses the key now, or undefined. */
async function refusal(registry: Contract, policy: string, key: string): Promise<string | undefined> {
  try {
    await read(registry, "requireValidKey", [policy, key]);
    return undefined;
  } catch (error) {
    if (error instanceof ContractRevertError) return error.contractError;
    throw error;
  }
}
