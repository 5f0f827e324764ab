import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { expect } from "chai";
import type { NewTaskDefinition } from "hardhat/types/tasks";

import assay from "../../tasks/index.ts";
import { ROOT } from "./support/assay.ts";

const WANTED = [
  ...["zkml compile", "zkml setup", "zkml prove", "zkml verify"],
  ...["model publish", "model show", "model list"],
  ...["node register", "node show", "node exit"],
  ...["enclave register", "enclave show", "enclave revoke", "enclave inspect", "enclave verify"],
  ...["enclave context", "enclave heartbeat", "enclave refresh"],
  ...["fetch", "put", "status"].map((task) => `enclave collateral ${task}`),
  ...["create", "propose", "activate", "cancel", "restrict", "revoke", "show"].map((task) => `enclave policy ${task}`),
  ...["infer request", "infer status", "infer verify", "infer reclaim"],
  "runner start",
];

const tasks = (assay.tasks ?? []).filter(
  (task): task is NewTaskDefinition =>
    (task.id.length === 2 || task.id[0] === "enclave") && "action" in task && task.action !== undefined,
);
const name = (task: { id: string[] }): string => task.id.join(" ");

describe("declarations of the tasks", () => {
  it("has every task", () => {
    expect(tasks.map(name).sort()).to.deep.equal([...WANTED].sort());
  });

  for (const task of tasks) {
    it(`explains ${name(task)} with an example that has only options of its own`, () => {
      const [sentence = "", ...examples] = task.description.split("\n");
      expect(sentence).to.match(/^[A-Z].*\.$/);
      expect(examples.length).to.be.greaterThan(0);
      for (const example of examples) {
        expect(example).to.match(new RegExp(`^ +npx hardhat ${name(task)} `));
        for (const [flag] of example.matchAll(/--[a-z-]+/g)) {
          const option = flag.slice(2).replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
          expect([...Object.keys(task.options), "network"], `${flag} of ${name(task)}`).to.include(option);
        }
      }
      for (const [option, { description }] of Object.entries(task.options)) {
        expect(description.length, `${option} of ${name(task)}`).to.be.greaterThan(10);
      }
      expect(Object.keys(task.options)).to.include("json");
    });

    it(`loads ${name(task)} only when it runs`, async () => {
      const module = await task.action!();
      expect(module.default).to.be.a("function");
    });
  }

  it("imports nothing but Hardhat's builders where it is declared", async () => {
    const files = [
      "index.ts",
      "shared/declare.ts",
      ...["zkml", "model", "node", "enclave", "infer", "runner"].map((area) => `${area}/declare.ts`),
      ...["enclave/evidence/declare.ts", "enclave/policy/declare.ts"],
    ];
    for (const file of files) {
      const text = await readFile(join(ROOT, "tasks", file), "utf8");
      for (const [, from = ""] of text.matchAll(/^import .* from "(.*)";$/gm)) {
        expect(from, file).to.match(
          /^(hardhat\/|\.\/[a-z]+(\/[a-z]+)?\/declare\.ts$|(\.\.\/){1,2}shared\/declare\.ts$)/,
        );
      }
    }
  });

  it("prints all of it with --help, from the command line", () => {
    const args = [join(ROOT, "node_modules", ".bin", "hardhat"), "infer", "request", "--help"];
    const { status, stdout } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: "utf8" });
    expect(status).to.equal(0);
    expect(stdout)
      .to.contain("npx hardhat infer request --version-id")
      .and.contain("--callback-gas")
      .and.contain("at most 7d");
  });
});
