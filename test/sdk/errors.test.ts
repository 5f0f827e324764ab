import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { decodeContractError, ERRORS_ABI } from "@assay/sdk";
import { expect } from "chai";
import { hexlify, Interface } from "ethers";

import { ERROR_WORDS } from "../../sdk/src/abi/error-words.ts";
import { integerBelow } from "./support/random.ts";

const ROOT = join(import.meta.dirname, "../..");
const SOURCES = join(ROOT, "sdk/src");

/** Every source file of the SDK, with its text. */
const sources = readdirSync(SOURCES, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => ({ name, text: readFileSync(join(SOURCES, name), "utf8") }));

describe("sdk: errors", () => {
  it("have a row in the documentation for every code, and no row without one", () => {
    const used = new Set(sources.flatMap(({ text }) => text.match(/ASY-[A-Z]+-\d{3}/g) ?? []));
    const docs = readFileSync(join(ROOT, "docs/errors/sdk.md"), "utf8");
    const listed = Array.from(docs.matchAll(/^\| (ASY-[A-Z]+-\d{3}) \|/gm), (match) => match[1]);
    expect(new Set(listed).size, "no code twice").to.equal(listed.length);
    expect([...listed].sort()).to.deep.equal([...used].sort());
  });

  it("of contracts have words that name only their own arguments", () => {
    const known = new Map<string, Set<string>[]>();
    for (const { name, inputs } of ERRORS_ABI) {
      known.set(name, [...(known.get(name) ?? []), new Set<string>(inputs.map((input) => input.name))]);
    }
    for (const [name, words] of Object.entries(ERROR_WORDS)) {
      const forms = known.get(name);
      expect(forms, `${name} is an error of a contract`).to.not.equal(undefined);
      const used = Array.from(words.matchAll(/\{(\w+)(?::\w+)?\}/g), (match) => match[1] ?? "");
      const fits = forms?.some((form) => used.every((argument) => form.has(argument)));
      expect(fits, `${name}: ${words}`).to.equal(true);
    }
  });

  it("of contracts are decoded with their arguments", () => {
    const hub = new Interface(ERRORS_ABI);
    const expired = decodeContractError(
      hub.encodeErrorResult("RequestExpired", [`0x${"ab".repeat(32)}`, 1_800_000_000]),
    );
    expect(expired.name).to.equal("RequestExpired");
    expect(expired.args).to.deep.equal({ id: `0x${"ab".repeat(32)}`, deadline: 1_800_000_000n });
    expect(expired.text).to.equal(
      `request 0x${"ab".repeat(32)} could be answered until 2027-01-15T08:00:00Z; reclaim it`,
    );
    // The greatest 64-bit time is past what a date can show.
    const never = decodeContractError(hub.encodeErrorResult("EvidenceExpired", [2n ** 64n - 1n]));
    expect(never.text).to.contain("18446744073709551615");
  });

  it("of Solidity itself, and unknown ones, are told apart", () => {
    const plain = new Interface(["error Error(string message)", "error Panic(uint256 code)", "error Other()"]);
    const said = decodeContractError(plain.encodeErrorResult("Error", ["too bad"]));
    expect(said).to.deep.equal({ name: "Error", args: { message: "too bad" }, text: "Error: message too bad" });
    expect(decodeContractError(plain.encodeErrorResult("Panic", [17])).args).to.deep.equal({ code: 17n });
    expect(decodeContractError(plain.encodeErrorResult("Other")).name).to.equal("Unknown");
    expect(decodeContractError("0x").text).to.contain("without saying why");
  });

  it("decode without throwing, whatever the data", () => {
    const selectors = new Interface(ERRORS_ABI).fragments.map(
      (fragment) => (fragment as { selector?: string }).selector,
    );
    for (let turn = 0; turn < 5_000; turn++) {
      const noise = hexlify(randomBytes(integerBelow(150)));
      const selector = selectors[integerBelow(selectors.length)] ?? "0x";
      const { name, text } = decodeContractError(turn % 2 === 0 ? noise : selector + noise.slice(2));
      expect(name).to.not.equal("");
      expect(text).to.not.equal("");
    }
    for (const data of ["", "0", "0x1", "zz", `0x${"00".repeat(70_000)}`]) {
      expect(decodeContractError(data).name).to.equal("Unknown");
    }
  });
});

describe("sdk: sources", () => {
  it("run in a browser: nothing of Node, no disk, no Hardhat", () => {
    for (const { name, text } of sources) {
      expect(text, name).to.not.match(/from "(?:node:|hardhat|@nomicfoundation)/);
      expect(text, name).to.not.match(/\b(?:Buffer|process|require|__dirname|setImmediate)\b[.(]/);
    }
  });
});
