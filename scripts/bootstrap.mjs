// Makes the checkout ready to run: the right Node, then `npm ci` under that Node.
// Plain JavaScript without dependencies, because it runs before anything is installed, under whatever Node npm found.
// Every `pre` script of package.json calls it. When the install already matches package-lock.json it does nothing.
//
// What it survives: an install cut short (the stamp is written last, inside node_modules, which `npm ci` empties
// first), two commands started at once (one installs, the others wait), settings of the user or of the machine that
// would leave packages out (NODE_ENV=production, omit, ignore-scripts), and a folder copied to another platform.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { basename, delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const NODE_VERSION = "24.21.0";
const OLDEST_NODE = [22, 13, 0];
const HOME = join(ROOT, ".node");
const STAMP = join(ROOT, "node_modules", ".assay-install");
const LOCK = join(HOME, "install.lock");
/** A lock without a heartbeat for this long is nobody's, even if its process numbers are somebody else's by now. */
const LOCK_STALE_MS = 600_000;

/** Whether `version` ("20.20.2") is at least `oldest` ([22, 13, 0]). */
function atLeast(version, oldest) {
  const parts = version.split(".").map(Number);
  for (const [index, want] of oldest.entries()) {
    if (parts[index] !== want) return parts[index] > want;
  }
  return true;
}

/** Ends the process with `message` and exit code 1; the exit handler gives the lock back. */
function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Runs a command, showing a clock while it is silent, and fails the process with its output when it fails. */
function run(label, command, args, options) {
  return new Promise((resolve) => {
    const started = Date.now();
    const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    // Killed outright, we could not end npm; the next bootstrap then waits for it by its number.
    if (child.pid !== undefined) writeFileSync(LOCK, `${process.pid} ${child.pid}`);
    // A signal to us alone would leave npm writing behind our back, after the lock is gone.
    const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
    const forward = (signal) => child.kill(signal);
    for (const signal of signals) process.on(signal, forward);
    let output = "";
    child.stdout.on("data", (chunk) => (output += chunk));
    child.stderr.on("data", (chunk) => (output += chunk));
    const tty = process.stderr.isTTY;
    const show = () => {
      const seconds = Math.round((Date.now() - started) / 1000);
      process.stderr.write(tty ? `\r  ${label} ${seconds} s` : `  ${label} ${seconds} s\n`);
    };
    show();
    const clock = setInterval(show, tty ? 1_000 : 10_000);
    child.on("error", (error) => (output += String(error)));
    child.on("close", (code, signal) => {
      clearInterval(clock);
      for (const name of signals) process.off(name, forward);
      show();
      if (tty) process.stderr.write("\n");
      if (code !== 0) {
        const how = signal === null ? `ended with ${code}` : `was ended by ${signal}`;
        fail(`${output}\n${label} failed: ${command} ${args.join(" ")} ${how}. Run the same command again to retry.`);
      }
      resolve();
    });
  });
}

/** The path of npm's own program, which may also be started under another Node. */
function findNpm() {
  const bin = dirname(process.execPath);
  const candidates = [
    process.env.npm_execpath,
    join(bin, "..", "lib", "node_modules", "npm", "bin", "npm-cli.js"),
    "/usr/share/nodejs/npm/bin/npm-cli.js",
  ];
  // Not pnpm's or yarn's program: they set npm_execpath too, and neither reads package-lock.json.
  const found = candidates.find((path) => path && /^np[mx]-cli\.js$/.test(basename(path)) && existsSync(path));
  if (found === undefined) fail("npm was not found. Start this through npm: `npm run setup`.");
  return join(dirname(found), "npm-cli.js");
}

/** What the stamp must say: the lock file, the Node that installs, and the machine the packages were built for. */
function wantedStamp() {
  const lock = readFileSync(join(ROOT, "package-lock.json"));
  const machine = `${process.platform}-${process.arch}`;
  return createHash("sha256").update(lock).update(NODE_VERSION).update(machine).digest("hex");
}

/** Whether node_modules is a finished install of `wanted`, not one that was cut short or taken apart afterwards. */
function isCurrent(wanted) {
  const present = [".package-lock.json", "hardhat/package.json", ".bin/node"];
  return (
    existsSync(STAMP) &&
    readFileSync(STAMP, "utf8") === wanted &&
    present.every((path) => existsSync(join(ROOT, "node_modules", path)))
  );
}

/** Whether a process runs. */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code !== "ESRCH"; // EPERM: alive, another user's.
  }
}

/** Whether the processes that the lock names are gone. Its heartbeat is the file's modification time. */
function lockIsStale() {
  try {
    if (Date.now() - statSync(LOCK).mtimeMs > LOCK_STALE_MS) return true;
    const numbers = readFileSync(LOCK, "utf8").split(" ").map(Number);
    // An empty file was made this moment, its numbers not written yet.
    return numbers.every((pid) => Number.isInteger(pid) && pid > 0) && !numbers.some(isAlive);
  } catch {
    return false; // Given back meanwhile.
  }
}

/** Takes the install lock, waiting for another bootstrap of this checkout to end. */
async function takeLock() {
  mkdirSync(HOME, { recursive: true });
  for (let waited = 0; ; waited += 1) {
    try {
      writeFileSync(LOCK, String(process.pid), { flag: "wx" });
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    if (lockIsStale()) {
      // Of several that see the same dead lock one may remove it; the others then find the new one.
      const breaker = `${LOCK}.break`;
      try {
        if (existsSync(breaker) && Date.now() - statSync(breaker).mtimeMs > 10_000) rmSync(breaker, { force: true });
        writeFileSync(breaker, "", { flag: "wx" });
        if (lockIsStale()) rmSync(LOCK, { force: true });
        rmSync(breaker, { force: true });
      } catch (error) {
        if (error.code !== "EEXIST" && error.code !== "ENOENT") throw error;
      }
      await sleep(50);
      continue;
    }
    if (waited % 20 === 0) process.stderr.write(`  another command is installing; waiting for it (${LOCK})\n`);
    await sleep(500);
  }
  const heartbeat = setInterval(() => {
    try {
      utimesSync(LOCK, new Date(), new Date());
    } catch {
      // Somebody deleted .node/; there is nothing left to keep alive.
    }
  }, 5_000);
  heartbeat.unref();
  process.on("exit", () => rmSync(LOCK, { force: true }));
}

/** The version that the Node at `path` reports, or nothing when it does not run. */
function versionOf(path) {
  const result = spawnSync(path, ["--version"], { encoding: "utf8" });
  return result.status === 0 ? result.stdout.trim() : undefined;
}

/** Puts Node NODE_VERSION into .node/ and returns its path. */
async function ownNode(npm) {
  const bundled = join(HOME, "node_modules", "node", "bin", "node");
  if (versionOf(bundled) !== `v${NODE_VERSION}`) {
    rmSync(join(HOME, "node_modules"), { recursive: true, force: true });
    // An own package.json keeps npm from walking up into this project's.
    writeFileSync(join(HOME, "package.json"), '{ "private": true, "allowScripts": { "node": true } }\n');
    const args = [npm, "install", "--prefix", HOME, "--no-save", "--no-package-lock", "--ignore-scripts=false"];
    args.push("--no-audit", "--no-fund", `node@${NODE_VERSION}`);
    await run(`node ${NODE_VERSION}`, process.execPath, args, { cwd: HOME, env: process.env });
    if (versionOf(bundled) === undefined) fail(`${bundled} does not run. Delete .node/ and try again.`);
  }
  return bundled;
}

async function main() {
  const wanted = wantedStamp();
  if (isCurrent(wanted)) return;

  const npm = findNpm();
  await takeLock();
  if (isCurrent(wanted)) return; // Another command did the work while this one waited.

  process.stderr.write("Installing Assay's tools (once; later runs skip this)\n");
  rmSync(STAMP, { force: true });
  const node = atLeast(process.versions.node, OLDEST_NODE) ? process.execPath : await ownNode(npm);
  const env = {
    ...process.env,
    PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ""}`,
    // onnxruntime-node would try to download CUDA libraries on a machine with a CUDA compiler.
    ONNXRUNTIME_NODE_INSTALL: "skip",
  };
  // Said aloud, because NODE_ENV=production or a line in an .npmrc would turn each of them off.
  const whole = ["--include=dev", "--include=optional", "--ignore-scripts=false"];
  await run("packages", node, [npm, "ci", ...whole, "--no-audit", "--no-fund"], { cwd: ROOT, env });
  if (versionOf(join(ROOT, "node_modules", ".bin", "node")) === undefined) {
    fail("node_modules/.bin/node does not run: the install script of the npm package `node` did not do its work.");
  }
  writeFileSync(STAMP, wanted);
}

await main();
