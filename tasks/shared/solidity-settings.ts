import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import type { SolidityCompilerSettings } from "./compile-verifier.ts";
import { TaskError, TaskErrorCode } from "./error.ts";

/** The compiler settings that the project's contracts are deployed with. */
export function soliditySettings(hre: HardhatRuntimeEnvironment): SolidityCompilerSettings {
  const profile = hre.config.solidity.profiles["production"] ?? hre.config.solidity.profiles["default"];
  const compiler = profile?.compilers[0];
  if (compiler !== undefined) return compiler.settings as SolidityCompilerSettings;
  throw new TaskError(
    TaskErrorCode.FileContent,
    "hardhat.config.ts names no Solidity compiler; give `solidity` a version.",
  );
}
