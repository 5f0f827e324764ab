import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";
import { network } from "hardhat";

import { ROOT } from "../../scripts/checks/files.ts";

const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
  scripts: Record<string, string>;
  allowScripts: Record<string, boolean>;
};

describe("Entry commands", () => {
  it("each install what they need first", () => {
    const commands = Object.keys(manifest.scripts).filter((name) => name !== "setup" && !name.startsWith("pre"));
    expect(commands).to.include.members(["test", "demo", "figures", "lint", "typecheck", "format", "build"]);
    for (const name of commands) {
      expect(manifest.scripts[`pre${name}`], name).to.equal("node scripts/bootstrap.mjs");
    }
  });

  it("say of every package with an install script whether it may run", () => {
    const lock = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as {
      packages: Record<string, { hasInstallScript?: boolean; optional?: boolean }>;
    };
    const names = Object.entries(lock.packages)
      .filter(([path, entry]) => path !== "" && entry.hasInstallScript === true)
      .map(([path]) => path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length));
    expect(names).to.include("node");
    expect(Object.keys(manifest.allowScripts).sort()).to.deep.equal([...new Set(names)].sort());
  });

  it("include .ci/run, which may be executed", () => {
    expect(statSync(join(ROOT, ".ci", "run")).mode & 0o111).to.equal(0o111);
  });
});

describe("The network of this run", () => {
  it("has the P-256 precompile exactly on osaka", async () => {
    const connection = await network.create();
    try {
      const valid =
        "0x4cee90eb86eaa050036147a12d49004b6b9c72bd725d39d4785011fe190f0b4da73bd4903f0ce3b639bbbf6e8e80d16931ff4bcf5993" +
        "d58468e8fb19086e8cac36dbcd03009df8c59286b162af3bd7fcc0450c9aa81be5d10d312af6c66b1d604aebd3099c618202fcfe16ae77" +
        "70b0c49ab5eadf74b754204a3bb6060e44eff37618b065f9832de4ca6ca971a7a1adc826d0f7c00181a5fb2ddf79ae00b4e10e";
      const answer = await connection.provider.request({
        method: "eth_call",
        params: [{ to: "0x0000000000000000000000000000000000000100", data: valid }],
      });
      const prague = process.env["HARDHAT_NETWORK"] === "prague";
      expect(answer).to.equal(prague ? "0x" : `0x${"1".padStart(64, "0")}`);
    } finally {
      await connection.close();
    }
  });
});
