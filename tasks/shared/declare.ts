import { task } from "hardhat/config";
import { ArgumentType } from "hardhat/types/arguments";
import type { NewTaskDefinitionBuilder, TaskArguments } from "hardhat/types/tasks";

// Imported by tasks/index.ts, so that nothing heavy may be imported here.

/** One sentence, then the commands that show how it is used; `--help` prints all of it. */
export function described(sentence: string, ...examples: string[]): string {
  return [sentence, ...examples.map((example) => `      npx hardhat ${example}`)].join("\n");
}

type Options<Names extends string> = Record<Names, string | undefined>;

/** Adds options that take text and have no default. */
export function texts<A extends TaskArguments, Names extends string>(
  builder: NewTaskDefinitionBuilder<A>,
  options: Readonly<Record<Names, string>>,
): NewTaskDefinitionBuilder<A & Options<Names>> {
  for (const [name, description] of Object.entries(options) as [string, string][]) {
    builder.addOption({ name, description, type: ArgumentType.STRING_WITHOUT_DEFAULT, defaultValue: undefined });
  }
  return builder as unknown as NewTaskDefinitionBuilder<A & Options<Names>>;
}

/** Adds options that are on or off, off by default. */
export function flags<A extends TaskArguments, Names extends string>(
  builder: NewTaskDefinitionBuilder<A>,
  options: Readonly<Record<Names, string>>,
): NewTaskDefinitionBuilder<A & Record<Names, boolean>> {
  for (const [name, description] of Object.entries(options) as [string, string][])
    builder.addFlag({ name, description });
  return builder as unknown as NewTaskDefinitionBuilder<A & Record<Names, boolean>>;
}

/** A task that prints a table or, with `--json`, one line of JSON. */
export function reporting(id: string[], description: string): NewTaskDefinitionBuilder<{ json: boolean }> {
  return task(id, description).addFlag({ name: "json", description: "Print the result as one line of JSON" });
}

/** Options of tasks that talk to the contracts. */
export const CONTRACTS = {
  hub: "Address of the InferenceHub; default: the one that the network's deployment record names",
  deployment: "Id of Ignition's deployment record; default: chain-<id>",
} as const;

/** Option of tasks that send transactions. */
export const ACCOUNT = {
  account: "Account that sends: its number or address; default: 0",
} as const;

/** Option of tasks that read or write model files. */
export const BLOBS = {
  blobs: "Folder of content-addressed files; default: .assay/blobs",
} as const;

/** Option of tasks that search the chain's events. */
export const SEARCH = {
  fromBlock: "First block to search; default: 0 on local chains, the last 100000 elsewhere",
} as const;
