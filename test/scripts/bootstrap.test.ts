import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { ROOT } from "../../scripts/checks/files.ts";

/** Stands for npm: notes its arguments, takes a while, and lays what the real one would. */
const FAKE_NPM = `
const { appendFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } = require("node:fs");
appendFileSync("calls.log", process.argv.slice(2).join(" ") + "\\n");
rmSync("node_modules", { recursive: true, force: true });
mkdirSync("node_modules/hardhat", { recursive: true });
setTimeout(() => {
  if (process.env.FAKE_NPM_FAILS) { console.error("registry says no"); process.exit(7); }
  mkdirSync("node_modules/.bin");
  if (!process.env.FAKE_NPM_FORGETS_NODE) symlinkSync(process.execPath, "node_modules/.bin/node");
  writeFileSync("node_modules/hardhat/package.json", "{}");
  writeFileSync("node_modules/.package-lock.json", "{}");
}, 400);
`;

describe("scripts/bootstrap.mjs", () => {
  let root: string;
  const calls = (): string[] =>
    existsSync(join(root, "calls.log")) ? readFileSync(join(root, "calls.log"), "utf8").trim().split("\n") : [];

  /** Starts the bootstrap of the copy, as npm would. */
  function start(env: Record<string, string> = {}): { pid: number; ended: Promise<{ code: number; text: string }> } {
    const child = spawn(process.execPath, ["scripts/bootstrap.mjs"], {
      cwd: root,
      env: { ...process.env, npm_execpath: join(root, "npm-cli.js"), ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (text += chunk.toString()));
    const ended = new Promise<{ code: number; text: string }>((resolve) => {
      child.on("close", (code) => resolve({ code: code ?? -1, text }));
    });
    return { pid: child.pid!, ended };
  }

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "assay-bootstrap-"));
    mkdirSync(join(root, "scripts"));
    cpSync(join(ROOT, "scripts", "bootstrap.mjs"), join(root, "scripts", "bootstrap.mjs"));
    writeFileSync(join(root, "package-lock.json"), "{}");
    writeFileSync(join(root, "npm-cli.js"), FAKE_NPM);
  });

  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it("installs once, whatever the machine leaves out by habit, and then does nothing", async () => {
    const first = await start({ NODE_ENV: "production" }).ended;
    expect(first.code, first.text).to.equal(0);
    expect(calls()).to.have.length(1);
    expect(calls()[0]).to.match(/^ci --include=dev --include=optional --ignore-scripts=false/);

    const second = await start().ended;
    expect(second).to.deep.equal({ code: 0, text: "" });
    expect(calls()).to.have.length(1);
  });

  it("installs again when the lock file changed or the install was taken apart", async () => {
    await start().ended;
    writeFileSync(join(root, "package-lock.json"), '{ "changed": true }');
    await start().ended;
    expect(calls()).to.have.length(2);
    rmSync(join(root, "node_modules", "hardhat"), { recursive: true });
    await start().ended;
    expect(calls()).to.have.length(3);
  });

  it("shows why an install failed, and tries again the next time", async () => {
    const failed = await start({ FAKE_NPM_FAILS: "1" }).ended;
    expect(failed.code).to.equal(1);
    expect(failed.text).to.include("registry says no").and.to.include("ended with 7");
    expect((await start().ended).code).to.equal(0);
    expect(calls()).to.have.length(2);
  });

  it("does not take an install without a working Node for a finished one", async () => {
    const { code, text } = await start({ FAKE_NPM_FORGETS_NODE: "1" }).ended;
    expect(code).to.equal(1);
    expect(text).to.include("node_modules/.bin/node does not run");
    expect((await start().ended).code).to.equal(0);
  });

  it("lets one of several commands install while the others wait", async () => {
    const all = await Promise.all([start().ended, start().ended, start().ended]);
    for (const { code, text } of all) expect(code, text).to.equal(0);
    expect(calls()).to.have.length(1);
    expect(all.filter(({ text }) => text.includes("waiting for it"))).to.have.length(2);
  });

  it("starts over after a run that was killed, once the npm it left behind has ended", async () => {
    const killed = start();
    while (calls().length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    process.kill(killed.pid, "SIGKILL");
    await killed.ended;
    expect(existsSync(join(root, ".node", "install.lock"))).to.equal(true);
    const next = await start().ended;
    expect(next.code, next.text).to.equal(0);
    expect(calls()).to.have.length(2);
    expect(next.text).to.include("waiting for it");
    expect(existsSync(join(root, ".node", "install.lock"))).to.equal(false);
  });

  it("takes away a lock without a heartbeat, even when its number is some other process's by now", async () => {
    mkdirSync(join(root, ".node"));
    writeFileSync(join(root, ".node", "install.lock"), String(process.pid));
    const longAgo = new Date(Date.now() - 700_000);
    utimesSync(join(root, ".node", "install.lock"), longAgo, longAgo);
    expect((await start().ended).code).to.equal(0);
  });

  it("ends npm when it is ended itself", async () => {
    const stopped = start();
    while (calls().length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    process.kill(stopped.pid, "SIGTERM");
    const { code, text } = await stopped.ended;
    expect(code).to.equal(1);
    expect(text).to.include("was ended by SIGTERM");
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(existsSync(join(root, "node_modules", ".package-lock.json"))).to.equal(false);
  });

  it("does not take another package manager's program for npm's", async () => {
    writeFileSync(join(root, "pnpm.cjs"), "throw new Error('must not be started');");
    // It then finds the npm beside its Node, or says that there is none; either way pnpm was not started.
    const { text } = await start({ npm_execpath: join(root, "pnpm.cjs"), PATH: "/nonexistent" }).ended;
    expect(text).not.to.include("must not be started");
  });
});
