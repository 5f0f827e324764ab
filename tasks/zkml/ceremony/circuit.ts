import { join } from "node:path";

import type { CeremonyCircuit } from "@assay/compiler";
import { modelFile } from "@assay/nodes/operator";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import { TaskError, TaskErrorCode } from "../../shared/error.ts";
import { invalid } from "../../shared/options.ts";

/** Options of tasks that need a circuit and powers of tau for it. */
export interface CircuitArguments {
  readonly dir: string | undefined;
  readonly constraints: string | undefined;
  readonly ptau: string | undefined;
  readonly ptauUrl: string | undefined;
  readonly unpinnedPtau: boolean;
}

/** The circuit of `--dir` or `--constraints`, and where `--ptau` says that powers of tau come from. */
export function circuitOf(
  args: CircuitArguments,
  hre: HardhatRuntimeEnvironment,
  note: (text: string) => void,
): CeremonyCircuit {
  const { dir, constraints, ptau, ptauUrl, unpinnedPtau } = args;
  if (dir !== undefined && constraints !== undefined) {
    invalid("constraints", constraints, "only one of --dir and --constraints");
  }
  const r1csPath = dir === undefined ? constraints : modelFile(dir, "circuit");
  if (r1csPath === undefined) {
    throw new TaskError(
      TaskErrorCode.OptionMissing,
      "--dir is missing; give the folder that `zkml compile` wrote, or the circuit's .r1cs file with --constraints.",
    );
  }
  if (ptauUrl !== undefined && !/^https?:\/\//.test(ptauUrl)) invalid("ptauUrl", ptauUrl, "a URL of http or https");
  if (unpinnedPtau && ptau === undefined) {
    throw new TaskError(
      TaskErrorCode.OptionMissing,
      "--ptau is missing; --unpinned-ptau says that a file which you name there is to be taken whatever its hash.",
    );
  }
  return {
    r1csPath,
    ptau: {
      ...(ptau === undefined ? {} : { path: ptau }),
      ...(ptauUrl === undefined ? {} : { baseUrl: ptauUrl }),
      cacheDir: join(hre.config.paths.root, "build", "ptau"),
      unpinned: unpinnedPtau,
    },
    onProgress: ({ step, done, total }) => note(total > 1 ? `${step} (${Math.floor((100 * done) / total)} %)` : step),
  };
}
