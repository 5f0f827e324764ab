import type { PolicyChange } from "@assay/nodes/enclave";
import { read, send } from "@assay/nodes/operator";

import { action } from "../../shared/action.ts";
import { TaskError, TaskErrorCode } from "../../shared/error.ts";
import { id, required } from "../../shared/options.ts";
import { rows } from "../../shared/report.ts";
import { showTime } from "../../shared/time.ts";
import { known as exists } from "../registry.ts";
import { type ChangeOptions, changeOf, type KindName, showChange } from "./change.ts";
import { historyOf, openOwnPolicies, type PolicySession } from "./session.ts";

type Text = string | undefined;
interface Arguments extends ChangeOptions {
  readonly json: boolean;
  readonly policy: Text;
  readonly account: Text;
  readonly hub: Text;
  readonly deployment: Text;
  readonly fromBlock?: Text;
}

/** Calls of the registry that take one change. */
export type Call = "propose" | "activate" | "cancel" | "restrict";

const LABELS = { propose: "proposing", activate: "activating", cancel: "cancelling", restrict: "restricting" } as const;

/** A task that hands one change to the registry, or every change that is ready; of `kind` where the options name none. */
export function applying(call: Call, kind?: KindName): ReturnType<typeof action<Arguments>> {
  return action<Arguments>(async (args, { hre, progress }) => {
    const policy = id("policy", required(args, "policy", "the id that `enclave policy create` printed"));
    const session = await openOwnPolicies(hre, args);
    const { known, registry } = session;
    await exists(read(registry, "ownerOf", [policy]), `No policy has the id ${policy} on this chain.`);
    const all = call === "activate" && args.kind === undefined;
    const changes = all
      ? await readyChanges(session, policy, args.fromBlock)
      : [changeOf({ ...args, kind: args.kind ?? kind }, known, call === "restrict")];
    const done: { kind: string; value: string; readyAt: number; transactionHash: string }[] = [];
    for (const change of changes) {
      const [kind, value] = showChange(change, known);
      const receipt = await progress(LABELS[call], () => send(registry, call, [policy, change]));
      const readyAt = call === "propose" ? Number(await read<bigint>(registry, "readyAt", [policy, change])) : 0;
      done.push({ kind, value, readyAt, transactionHash: receipt.hash });
    }
    const text = rows(
      ["change", "of", call === "propose" ? "can be activated from" : "", "transaction"],
      done.map(({ kind, value, readyAt, transactionHash }) => [
        kind,
        value,
        call === "propose" ? showTime(readyAt) : "done",
        transactionHash,
      ]),
    );
    return { data: { policy, call, changes: done }, text };
  });
}

async function readyChanges(session: PolicySession, policy: string, fromBlock: Text): Promise<readonly PolicyChange[]> {
  const now = (await session.session.chain.provider.getBlock("latest"))?.timestamp ?? 0;
  const { pending } = await historyOf(session, policy, fromBlock);
  const ready = pending.filter(({ readyAt }) => readyAt <= now);
  if (ready.length > 0) return ready.map(({ change }) => change);
  const next = pending.map(({ readyAt }) => readyAt).sort((a, b) => a - b)[0];
  throw new TaskError(
    TaskErrorCode.NotFound,
    next === undefined
      ? `No proposal of policy ${policy} waits; \`enclave policy propose\` makes one.`
      : `No proposal of policy ${policy} is ready; the first is from ${showTime(next)} on.`,
  );
}
