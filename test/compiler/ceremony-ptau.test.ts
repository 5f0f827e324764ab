import { createHash } from "node:crypto";
import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

import { downloadFile, type DownloadOptions } from "../../compiler/src/setup/ceremony/download.ts";
import { findPtau } from "../../compiler/src/setup/ceremony/find-ptau.ts";
import { PINNED_PTAU, PTAU_BASE_URL, ptauName } from "../../compiler/src/setup/ceremony/pinned.ts";
import { openPtau } from "../../compiler/src/setup/ceremony/ptau.ts";
import { borrowCurve, returnCurve } from "../../compiler/src/setup/curve.ts";
import { developmentSecrets } from "../../compiler/src/setup/scalars.ts";
import { makePtau } from "../support/ptau.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const POWER = 4;

describe("compiler/setup/ceremony: powers of tau", function () {
  this.timeout(60_000);

  let home: string;
  const at = (name: string): string => join(home, name);
  const failure = async (work: Promise<unknown>): Promise<{ readonly code?: string; readonly message: string }> =>
    await work.then(
      () => ({ message: "it succeeded" }),
      (error: unknown) => error as { code: string; message: string },
    );
  /** A copy of a file after `edit`. */
  const edited = async (from: string, name: string, edit: (bytes: Buffer) => Buffer): Promise<string> => {
    await writeFile(at(name), edit(await readFile(from)));
    return at(name);
  };
  const leftovers = async (): Promise<string[]> => (await readdir(home)).filter((name) => name.includes(".partial"));

  before(async () => {
    home = await mkdtemp(join(tmpdir(), "assay-ptau-test-"));
    const curve = await borrowCurve();
    const secrets = developmentSecrets(Uint8Array.of(1), Uint8Array.of(2));
    const root = (log: number): bigint => curve.Fr.toObject(curve.Fr.w[log] as Uint8Array);
    await writeFile(at("tiny.ptau"), await makePtau(secrets, POWER, root));
    await returnCurve();
  });

  after(async () => {
    await rm(home, { recursive: true, force: true });
  });

  describe("files", () => {
    it("pins what the installed snarkjs documents, every size from 2^8 to 2^28", async () => {
      const readme = await readFile(join(ROOT, "node_modules", "snarkjs", "README.md"), "utf8");
      for (let power = 8; power <= 28; power++) {
        const row = readme.split("\n").find((line) => new RegExp(`^\\|\\s*${power}\\s*\\|`).test(line)) ?? "";
        expect(row, `2^${power}`).to.contain(`(${PTAU_BASE_URL}/${ptauName(power)})`);
        expect(row.split("|")[4]?.trim(), `2^${power}`).to.equal(PINNED_PTAU.get(power));
      }
      expect(PINNED_PTAU.size).to.equal(21);
    });

    it("takes a file with another hash only when told to, whatever its name", async () => {
      await copyFile(at("tiny.ptau"), at(ptauName(8)));
      for (const path of [at("tiny.ptau"), at(ptauName(8))]) {
        const error = await failure(openPtau(path, 1, false));
        expect(error, path).to.have.property("code", "ASY-CEREMONY-005");
        expect(error.message).to.contain("--unpinned-ptau").and.contain(path);
        expect(await openPtau(path, 1, true)).to.include({ power: POWER, pinned: false });
      }
    });

    it("knows no powers above 2^28", async () => {
      const error = await failure(findPtau(29, { cacheDir: home }));
      expect(error).to.have.property("code", "ASY-CEREMONY-007");
      expect(error.message).to.contain("2^29").and.contain("2^28");
    });

    it("refuses files that are cut short, not prepared, or of lengths that do not fit the power", async () => {
      const whole = await readFile(at("tiny.ptau"));
      const header = 24;
      const edits: readonly (readonly [string, (bytes: Buffer) => Buffer])[] = [
        ["cut", (bytes) => bytes.subarray(0, bytes.length - 1)],
        ["longer", (bytes) => Buffer.concat([bytes, Buffer.alloc(1)])],
        ["another power", (bytes) => (bytes.writeUInt32LE(POWER + 1, header + 36), bytes)],
        ["power 255", (bytes) => (bytes.writeUInt32LE(255, header + 36), bytes)],
        ["another field", (bytes) => (bytes.writeUInt8(0, header + 4), bytes)],
        ["another version", (bytes) => (bytes.writeUInt32LE(2, 4), bytes)],
      ];
      for (const [name, edit] of edits) {
        const path = await edited(at("tiny.ptau"), "bad.ptau", edit);
        expect(await failure(openPtau(path, 1, true)), name).to.have.property("code", "ASY-CEREMONY-001");
      }
      expect(whole.readUInt32LE(header + 36)).to.equal(POWER);
      // Without the sections that preparing adds.
      const bare = await edited(at("tiny.ptau"), "bare.ptau", (bytes) => {
        const parts: Buffer[] = [];
        for (let position = 12; position < bytes.length;) {
          const length = 12 + Number(bytes.readBigUInt64LE(position + 4));
          if (bytes.readUInt32LE(position) < 12) parts.push(bytes.subarray(position, position + length));
          position += length;
        }
        const head = Buffer.from(bytes.subarray(0, 12));
        head.writeUInt32LE(parts.length, 8);
        return Buffer.concat([head, ...parts]);
      });
      expect((await failure(openPtau(bare, 1, true))).message).to.contain("not prepared");
    });
  });

  describe("download", () => {
    const body = Buffer.alloc(300_000, "powers of tau ");
    const blake2b512 = createHash("blake2b512").update(body).digest("hex");
    let server: Server | undefined;
    let asked: (string | undefined)[] = [];
    let target: string;

    const serve = async (answer: RequestListener): Promise<string> => {
      asked = [];
      server = createServer((request, response) => {
        asked.push(request.headers.range);
        answer(request, response);
      });
      await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    };
    /** Answers as a server with ranges does, but breaks off after `most` bytes. */
    const ranges =
      (most: number): RequestListener =>
      (request, response) => {
        const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
        if (from >= body.length) {
          response.writeHead(416, { "content-range": `bytes */${body.length}` }).end();
          return;
        }
        const rest = body.subarray(from);
        response.writeHead(from > 0 ? 206 : 200, {
          "content-length": rest.length,
          ...(from > 0 ? { "content-range": `bytes ${from}-${body.length - 1}/${body.length}` } : {}),
        });
        if (rest.length <= most) response.end(rest);
        else response.write(rest.subarray(0, most), () => setTimeout(() => response.destroy(), 20));
      };
    const download = async (url: string, options: Partial<DownloadOptions> = {}): Promise<void> =>
      await downloadFile({ url, path: target, blake2b512, maxBytes: 400_000, delayMs: 1, retries: 2, ...options });

    beforeEach(() => {
      target = at(`download-${Math.random().toString(16).slice(2)}`);
    });

    afterEach(async () => {
      server?.closeAllConnections();
      await new Promise((resolve) => server?.close(resolve));
      server = undefined;
    });

    it("goes on after every break, from where it was", async () => {
      const seen: number[] = [];
      await download(await serve(ranges(100_000)), { onProgress: ({ done }) => void seen.push(done) });
      expect(asked).to.deep.equal([undefined, "bytes=100000-", "bytes=200000-"]);
      expect(await readFile(target)).to.deep.equal(body);
      expect(seen.at(-1)).to.equal(body.length);
      expect(await leftovers()).to.deep.equal([]);
    });

    it("goes on in another call, and takes what is whole already", async () => {
      const error = await failure(
        download(
          await serve((request, response) =>
            asked.length > 1 ? response.writeHead(503).end() : ranges(70_000)(request, response),
          ),
        ),
      );
      expect(error).to.include({ code: "ASY-CEREMONY-006", retryable: true });
      expect(error.message).to.contain("70000 bytes are kept");
      expect(asked.length, "the first and two retries, as the break counts as one").to.equal(3);
      server?.close();
      await download(await serve(ranges(Infinity)));
      expect(asked).to.deep.equal(["bytes=70000-"]);
      expect(await readFile(target)).to.deep.equal(body);

      target = at("whole");
      await writeFile(`${target}.partial`, body);
      server?.close();
      await download(await serve(ranges(Infinity)));
      expect(asked).to.deep.equal(["bytes=300000-"]);
      expect(await readFile(target)).to.deep.equal(body);
    });

    it("starts over where the server knows no ranges, and refuses another range than asked", async () => {
      await writeFile(`${target}.partial`, "something old");
      await download(await serve((_, response) => response.end(body)));
      expect(await readFile(target)).to.deep.equal(body);

      target = at("shifted");
      await writeFile(`${target}.partial`, body.subarray(0, 10));
      server?.close();
      const shifted = await serve((_, response) => {
        response.writeHead(206, { "content-range": `bytes 11-299999/300000` }).end(body.subarray(11));
      });
      expect(await failure(download(shifted))).to.have.property("code", "ASY-CEREMONY-006");
      expect(await readFile(`${target}.partial`), "kept as it was").to.deep.equal(body.subarray(0, 10));
      await rm(`${target}.partial`);
    });

    it("refuses a wrong hash and leaves nothing", async () => {
      const error = await failure(download(await serve((_, response) => response.end(Buffer.alloc(300_000, 1)))));
      expect(error).to.have.property("code", "ASY-CEREMONY-005");
      await writeFile(`${target}.partial`, "rubbish that goes on in the middle");
      const resumed = await failure(download((server?.close(), await serve(ranges(Infinity)))));
      expect(resumed).to.have.property("code", "ASY-CEREMONY-005");
      expect((await readdir(home)).filter((name) => target.endsWith(name.replace(".partial", "")))).to.deep.equal([]);
    });

    it("stops at a file that is too large, announced or not", async () => {
      const announced = await serve((_, response) =>
        response.writeHead(200, { "content-length": 500_000 }).end(Buffer.alloc(500_000)),
      );
      expect((await failure(download(announced))).message).to.contain("500000 bytes");
      server?.close();
      const endless = await serve((_, response) => {
        const more = (): void =>
          void (response.destroyed || response.write(Buffer.alloc(100_000), () => setImmediate(more)));
        response.writeHead(200);
        more();
      });
      const error = await failure(download(endless));
      expect(error).to.have.property("code", "ASY-CEREMONY-006");
      expect(error.message).to.contain("more than 400000 bytes");
      expect(asked.length, "tried once").to.equal(1);
      expect(await leftovers()).to.deep.equal([]);
    });

    it("gives up a server that says nothing, and asks one that says no only once", async () => {
      const silent = await serve(() => undefined);
      const error = await failure(download(silent, { idleMs: 50, retries: 1 }));
      expect(error).to.have.property("code", "ASY-CEREMONY-006");
      expect(asked.length).to.equal(2);
      server?.close();
      await failure(download(await serve((_, response) => response.writeHead(403).end("AccessDenied"))));
      expect(asked.length).to.equal(1);
    });

    it("says what to put where when there is no connection, and refuses a mirror's wrong file", async () => {
      const cacheDir = at("cache");
      const none = await failure(findPtau(POWER, { cacheDir, baseUrl: await serve((_, r) => r.writeHead(404).end()) }));
      expect(none).to.have.property("code", "ASY-CEREMONY-006");
      expect(none.message)
        .to.contain(ptauName(8))
        .and.contain(PINNED_PTAU.get(8))
        .and.contain(cacheDir)
        .and.contain("--ptau");
      server?.close();
      const bytes = await readFile(at("tiny.ptau"));
      const wrong = await failure(findPtau(POWER, { cacheDir, baseUrl: await serve((_, r) => r.end(bytes)) }));
      expect(wrong).to.have.property("code", "ASY-CEREMONY-005");
      expect(await readdir(cacheDir)).to.deep.equal([]);
      // One that got into the cache in another way.
      await writeFile(join(cacheDir, ptauName(9)), bytes);
      const cached = await failure(findPtau(1, { cacheDir, baseUrl: "http://127.0.0.1:1" }));
      expect(cached).to.have.property("code", "ASY-CEREMONY-005");
      expect(cached.message).to.contain(ptauName(9));
    });
  });
});
