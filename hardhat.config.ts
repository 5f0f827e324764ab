import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

import toolbox from "@nomicfoundation/hardhat-toolbox-mocha-ethers";
import { configVariable, defineConfig } from "hardhat/config";

import oneJob from "./scripts/hardhat/one-job.ts";
import assay from "./tasks/index.ts";

const solc = {
  version: "0.8.30",
  path: createRequire(import.meta.url).resolve("solc/soljson.js"),
  settings: {
    // First, where Hardhat's own defaults for the profile "production" put it: the build's id depends on the order.
    optimizer: { enabled: true, runs: 1_000_000 },
    evmVersion: "cancun",
    viaIR: true,
    metadata: { bytecodeHash: "none" },
  },
} as const;

// Tests deploy artifacts (test/support/Deploy.sol), so they need no optimiser, which takes ten times as long over them as
// the old pipeline without it. The exceptions hold what they test in themselves: it is compiled as it is deployed.
const holdsItsSubject = /^contracts\/(?:libraries\/|periphery\/TensorLib)/;
const asWritten = { ...solc, settings: { ...solc.settings, optimizer: { enabled: false, runs: 200 }, viaIR: false } };
const overrides = Object.fromEntries(
  readdirSync(join(import.meta.dirname, "test"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".sol") && !holdsItsSubject.test(name))
    .map((name) => [`test/${name}`, asWritten]),
);

// Both are said because Hardhat's defaults for `production` differ from those for other profiles.
const profile = { compilers: [solc], overrides, isolated: false, toolVersionsInBuildInfo: true };

// `npm run fuzz:full` sets it; the short form is what `npm test` can afford on two cores.
const fuzzFull = process.env["ASSAY_FUZZ"] === "full";
const fuzzSeed = process.env["ASSAY_FUZZ_SEED"];

export default defineConfig({
  plugins: [toolbox, oneJob, assay],
  // Equal profiles: what is tested is what is deployed, and `ignition deploy` compiles nothing again.
  solidity: { profiles: { default: profile, production: profile } },
  paths: { sources: ["contracts", "examples"], ignition: "deploy", tests: { mocha: "test", solidity: "test" } },
  // TypeChain writes namespaces, which `erasableSyntaxOnly` refuses; its types are for `import type` alone.
  typechain: { tsNocheck: true },
  test: {
    solidity: {
      fuzz: { runs: fuzzFull ? 10_000 : 256, ...(fuzzSeed === undefined ? {} : { seed: fuzzSeed }) },
      invariant: { runs: fuzzFull ? 512 : 32, depth: fuzzFull ? 256 : 64, failOnRevert: false },
      fsPermissions: { readDirectory: ["vectors", "test"] },
    },
    mocha: { timeout: 120_000 },
  },
  networks: {
    default: { type: "edr-simulated", chainType: "l1", hardfork: "osaka" },
    prague: { type: "edr-simulated", chainType: "l1", hardfork: "prague" },
    localhost: { type: "http", chainType: "l1", url: process.env["ASSAY_LOCALHOST_URL"] ?? "http://127.0.0.1:8545" },
    sepolia: {
      type: "http",
      chainType: "l1",
      url: configVariable("SEPOLIA_RPC_URL"),
      accounts: [configVariable("SEPOLIA_PRIVATE_KEY")],
    },
    baseSepolia: {
      type: "http",
      chainType: "op",
      url: configVariable("BASE_SEPOLIA_RPC_URL"),
      accounts: [configVariable("BASE_SEPOLIA_PRIVATE_KEY")],
    },
  },
  verify: { etherscan: { apiKey: configVariable("ETHERSCAN_API_KEY") } },
});
