import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { makeFolder } from "../../nodes/operator/index.ts";
import { describeFailure } from "../../tasks/shared/failure.ts";
import { readJson, writeSecret, writeWhole } from "../../tasks/shared/files.ts";
import { readData, readInput } from "../../tasks/shared/values.ts";

/** Code and line of what `work` fails with. */
async function failure(work: Promise<unknown>): Promise<{ code: string; message: string }> {
  try {
    await work;
  } catch (error) {
    return describeFailure(error);
  }
  throw new Error("It did not fail.");
}

describe("files of tasks", () => {
  let folder: string;
  const at = (...names: string[]): string => join(folder, ...names);
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "assay-files-"));
  });
  after(async () => {
    await rm(folder, { recursive: true });
  });

  it("are written with their folders, or not at all", async () => {
    await writeWhole(at("a", "b", "c.json"), "1");
    await writeWhole(at("a", "b", "c.json"), "2");
    expect(await readFile(at("a", "b", "c.json"), "utf8")).to.equal("2");
    const { code, message } = await failure(writeWhole(at("a"), "3"));
    expect(code).to.equal("ASY-TASK-003");
    expect(message).to.contain(`${at("a")} is a folder`);
    // A failure after the writing leaves nothing behind, either.
    await writeFile(at("file"), "");
    expect((await failure(writeWhole(`${at("new")}/`, "4"))).code).to.equal("ASY-TASK-003");
    expect(existsSync(at("a.partial"))).to.equal(false);
    expect(await readdir(folder)).to.not.include("new.partial");
    if (existsSync(at("new"))) expect(await readdir(at("new"))).to.deep.equal([]);
  });

  it("say at once where no folder can be made", async () => {
    const places = [at("file", "x", "y.json"), "/dev/null/x/y.json"];
    if (process.platform === "linux") places.push("/proc/nope/x.json", "/proc/nope/deeper/x.json");
    for (const place of places) {
      const started = performance.now();
      for (const write of [writeWhole, writeSecret]) {
        const { code, message } = await failure(write(place, "1"));
        expect([code, message.includes(place)], message).to.deep.equal(["ASY-TASK-003", true]);
      }
      expect(performance.now() - started).to.be.below(1_000);
    }
  });

  it("go into folders that others make at the same time", async () => {
    const deep = at("p", "q", "r", "s");
    await Promise.all(Array.from({ length: 8 }, () => makeFolder(deep)));
    expect(existsSync(deep)).to.equal(true);
    await symlink(at("nowhere"), at("dangling"));
    expect((await failure(makeFolder(at("dangling", "x")))).code).to.equal("ASY-TASK-003");
  });

  it("of lower layers fail in words, with path and remedy", async () => {
    await mkdir(at("full"), { recursive: true });
    await writeFile(at("full", "x"), "");
    for (const [work, path, words] of [
      [() => readFile(at("none")), at("none"), "correct the path"],
      [() => readFile(at("full")), "", "a folder stands where a file must be"],
      [() => mkdir(at("full")), at("full"), "something is there already"],
      [() => writeFile(at("file", "x"), ""), at("file", "x"), "a file stands where a folder must be"],
      [() => makeFolder(at("file", "x")), at("file"), "a file stands where a folder must be"],
    ] as const) {
      const { code, message } = await failure(work());
      expect([code, message.includes(path), message.includes(words)], message).to.deep.equal([
        "ASY-TASK-003",
        true,
        true,
      ]);
      expect(message).to.not.contain("RPC");
    }
    const full = Object.assign(new Error("x"), { code: "ENOSPC", syscall: "write" });
    expect(describeFailure(full).message).to.contain("no space is left");
    // The network's errors have codes of the same form.
    const refused = Object.assign(new Error("x"), { code: "ECONNREFUSED", syscall: "connect" });
    expect(describeFailure(refused).code).to.equal("ASY-TASK-005");
  });

  it("say where they are not JSON, and quote nothing", async () => {
    const path = at("bad.json");
    for (const [content, words] of [
      ['{"a": 1,\n "b": secret}', "is not JSON"],
      ['{"a": "secret"\n  "b": 2}', "it goes wrong in line 2, column 3"],
      ['["NaN \\" Infinity",\n [1, -Infinity]]', "Infinity in line 2, column 7"],
      ["[1, NaN]", "NaN in line 1, column 5 is no number of JSON"],
      ["", "it is empty"],
      ["[1, ", "it ends too early"],
    ] as const) {
      await writeFile(path, content);
      const { code, message } = await failure(readJson(path, "JSON of a test", (value) => value));
      expect([code, message.includes(words)], message).to.deep.equal(["ASY-TASK-004", true]);
      expect(message).to.not.contain("secret");
    }
    await writeFile(path, Uint8Array.of(0xff, 0xfe));
    expect((await failure(readJson(path, "JSON of a test", (value) => value))).message).to.contain("UTF-8");
  });

  it("say which row of a data set is none", async () => {
    const path = at("data.json");
    for (const [value, words] of [
      [
        [
          [1, 2],
          [3, "x"],
        ],
        "value 1 of row 1",
      ],
      [{ inputs: [[1], []] }, "row 1, from 0, is empty"],
      [{ images: [{ pixels: [1] }, { pixel: [1] }] }, "row 1, from 0, is no list of numbers"],
      [{ input_data: [[true, 1], [null]] }, "value 0 of row 1"],
      [[], "it has no row"],
      [[1, 2, 3], "it is one input, not rows"],
    ] as const) {
      await writeFile(path, JSON.stringify(value));
      const { code, message } = await failure(readData(path));
      expect([code, message.includes(words)], message).to.deep.equal(["ASY-TASK-004", true]);
    }
    expect((await failure(readInput(path, "0"))).message).to.contain("leave --index out");
    expect((await readInput(path, undefined)).values).to.deep.equal([1, 2, 3]);
  });
});
