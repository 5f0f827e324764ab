import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { Result } from "hardhat/types/utils";
import { errorResult, successfulResult } from "hardhat/utils/result";

import { describeFailure, type Failure } from "./failure.ts";
import { progress } from "./progress.ts";
import { printable, processStreams, type Streams, toJson, type View } from "./report.ts";

/** What an action can use beside its arguments. */
export interface Tools {
  readonly hre: HardhatRuntimeEnvironment;
  readonly json: boolean;
  /** Runs `work`, showing `label` and a clock on the error stream once it takes longer than two seconds. */
  progress<T>(label: string, work: (note: (text: string) => void) => Promise<T>): Promise<T>;
  /** Writes one line on the error stream. */
  note(text: string): void;
}

let streams: Streams = processStreams;

/** Sends what tasks write to `next`, and gives back what was used before; for tests and programs that run tasks. */
export function redirect(next: Streams): Streams {
  const before = streams;
  streams = next;
  return before;
}

/**
 * Makes a task's action of `body`: prints what it returns as a table or, with `--json`, as one line of JSON; prints one
 * line on the error stream when it throws, and returns the failed `Result` that makes Hardhat exit with 1.
 */
export function action<ArgumentsT extends { readonly json: boolean }>(
  body: (args: ArgumentsT, tools: Tools) => Promise<View>,
) {
  return async (args: ArgumentsT, hre: HardhatRuntimeEnvironment): Promise<Result<unknown, Failure>> => {
    const tools: Tools = {
      hre,
      json: args.json,
      progress: (label, work) => progress(streams, label, work),
      note: (text) => streams.err(`  ${printable(text)}\n`),
    };
    try {
      const view = await body(args, tools);
      streams.out(`${args.json ? toJson(view.data) : view.text}\n`);
      return successfulResult<unknown>(view.data);
    } catch (error) {
      const failure = describeFailure(error, args);
      streams.err(`${args.json ? toJson({ error: failure }) : `${failure.code}: ${failure.message}`}\n`);
      if (process.env["ASSAY_STACK"] === "1" && error instanceof Error) streams.err(`${error.stack ?? ""}\n`);
      return errorResult<Failure>(failure);
    }
  };
}
