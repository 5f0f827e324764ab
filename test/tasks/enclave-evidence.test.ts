import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import { fail, hardhatAt, ROOT, runTask, succeed } from "./support/assay.ts";

const TEE = join(ROOT, "vectors", "tee");
const QUOTE = join(TEE, "intel-tdx", "phala_tdx_v4_quote.bin");
const COLLATERAL = join(TEE, "intel-tdx", "phala_tdx_v4_collateral.json");
const DOCUMENT = join(TEE, "aws-nitro", "opengradient_attestation_doc.b64");
const DEBUG = join(TEE, "aws-nitro", "dstack_attest_nitro_attestation_DEBUG.cose.bin");
const AT = "1751000000";

describe("enclave tasks for evidence", () => {
  let hre: HardhatRuntimeEnvironment;
  let home: string;
  before(async () => {
    hre = await hardhatAt("http://127.0.0.1:1");
    home = await mkdtemp(join(tmpdir(), "assay-evidence-"));
  });
  after(async () => {
    await rm(home, { recursive: true, force: true });
  });
  const write = async (name: string, content: string | Uint8Array): Promise<string> => {
    await writeFile(join(home, name), content);
    return join(home, name);
  };

  describe("inspect", () => {
    const inspect = ["enclave", "inspect"];

    it("shows what a document claims, and that nothing of it is verified", async () => {
      const found = await succeed(hre, inspect, { file: DOCUMENT });
      expect(found).to.include({ type: "aws.nitro", debug: false, issuedAt: 1770918962, verified: false });
      expect(found.fields["module"]).to.equal("i-0340e0cb833504eb6-enc019c12d31f78864d");
      expect(found.certificates).to.have.length(5);
      const { out } = await runTask(hre, inspect, { file: DEBUG });
      expect(out)
        .to.match(/debug +│ YES/)
        .and.to.include("Nothing of this is verified");
    });

    it("takes a quote as bytes, hexadecimal, base64, or in an agent's JSON", async () => {
      const bytes = await readFile(QUOTE);
      const hex = bytes.toString("hex");
      const files = [
        QUOTE,
        await write("quote.hex", `0x${hex}\n`),
        await write("quote.b64", bytes.toString("base64").replace(/.{64}/g, "$&\n")),
        await write("quote.json", JSON.stringify({ quote: hex, event_log: "[]" })),
      ];
      for (const file of files) {
        const found = await succeed(hre, inspect, { file });
        expect(found.fields["FMSPC"], file).to.equal("0xb0c06f000000");
      }
    });

    it("refuses by name what is no evidence", async () => {
      for (const [content, code, words] of [
        ["hello, world", "ASY-TASK-004", "neither hexadecimal nor base64"],
        ['{"quote":7}', "ASY-TASK-004", '"quote"'],
        ["{", "ASY-TASK-004", '"quote"'],
        ["", "ASY-TASK-004", "neither"],
        ["00112233", "ASY-ATTEST-001", "EvidenceUnknown"],
        ["84", "ASY-ATTEST-001", "CborTruncated"],
        ["ff".repeat(80_000), "ASY-TASK-003", "limit"],
      ] as const) {
        const error = await fail(hre, inspect, { file: await write("bad", content) });
        expect(error.code, content.slice(0, 20)).to.equal(code);
        expect(error.message).to.include(words);
      }
      expect((await fail(hre, inspect, {})).code).to.equal("ASY-TASK-001");
    });
  });

  describe("verify", () => {
    const verify = ["enclave", "verify"];

    it("accepts a genuine document at its time, says debug of a debug one, and refuses both later", async () => {
      const { claims, debug } = await succeed(hre, verify, { file: DOCUMENT, at: "1770919200" });
      expect(claims.notAfter).to.equal(1770929762);
      expect(debug).to.equal(false);
      const { out } = await runTask(hre, verify, { file: DEBUG, at: "1766650900" });
      expect(out).to.include("DEBUG mode");
      const late = await fail(hre, verify, { file: DOCUMENT });
      expect(late.message).to.include("CertificateNotCurrent");
    });

    it("accepts a genuine quote with the collateral of its machine and time, and not without", async () => {
      const found = await succeed(hre, verify, { file: QUOTE, collateral: COLLATERAL, at: AT });
      expect(found).to.deep.include({ type: "intel.tdx", status: "UpToDate", advisories: [], debug: false });
      expect((await fail(hre, verify, { file: QUOTE })).message).to.include("enclave collateral fetch");
      const other = join(TEE, "intel-sgx", "phala_sgx_v3_collateral.json");
      expect((await fail(hre, verify, { file: QUOTE, collateral: other, at: AT })).code).to.equal("ASY-ATTEST-001");
      const broken = await write("broken.json", "{}");
      expect((await fail(hre, verify, { file: QUOTE, collateral: broken, at: AT })).code).to.equal("ASY-TASK-004");
      expect((await fail(hre, verify, { file: QUOTE, collateral: COLLATERAL, at: "soon" })).code).to.equal(
        "ASY-TASK-002",
      );
    });
  });

  describe("collateral fetch", () => {
    const fetch = ["enclave", "collateral", "fetch"];
    let server: Server;
    let service: string;
    let recorded: Record<string, string>;
    before(async () => {
      recorded = JSON.parse(await readFile(COLLATERAL, "utf8")) as Record<string, string>;
      const at = (name: string): string => recorded[name] ?? "";
      server = createServer((request, response) => {
        const path = request.url ?? "";
        const chain = (header: string, name: string): Record<string, string> => ({
          [header]: encodeURIComponent(at(name)),
        });
        if (path.includes("/tcb?fmspc=B0C06F000000")) {
          const body = `{"tcbInfo":${at("tcb_info")},"signature":"${at("tcb_info_signature")}"}`;
          response.writeHead(200, chain("TCB-Info-Issuer-Chain", "tcb_info_issuer_chain")).end(body);
        } else if (path.includes("/qe/identity")) {
          const body = `{"enclaveIdentity":${at("qe_identity")},"signature":"${at("qe_identity_signature")}"}`;
          response.writeHead(200, chain("SGX-Enclave-Identity-Issuer-Chain", "qe_identity_issuer_chain")).end(body);
        } else if (path.includes("/pckcrl?ca=platform")) {
          response.writeHead(200, chain("SGX-PCK-CRL-Issuer-Chain", "pck_crl_issuer_chain"));
          response.end(Buffer.from(at("pck_crl"), "hex"));
        } else if (path === "/root.der") response.end(Buffer.from(at("root_ca_crl"), "hex"));
        else response.writeHead(404).end();
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      service = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    after(() => {
      server.closeAllConnections();
      server.close();
    });

    it("asks for the machine of a quote, and writes what `enclave verify` takes", async () => {
      const out = join(home, "collateral.json");
      const args = { service, rootCrl: `${service}/root.der`, out };
      const found = await succeed(hre, fetch, { file: QUOTE, ...args });
      expect(found).to.include({ fmspc: "b0c06f000000", tee: "tdx", authority: "platform", tcbEvaluation: 17 });
      expect(JSON.parse(await readFile(out, "utf8"))).to.deep.equal(recorded);
      const verified = await succeed(hre, ["enclave", "verify"], { file: QUOTE, collateral: out, at: AT });
      expect(verified.status).to.equal("UpToDate");
    });

    it("refuses by name, and writes nothing", async () => {
      const out = join(home, "none.json");
      const args = { service, rootCrl: `${service}/root.der`, out };
      const tdx = { fmspc: "b0c06f000000", tee: "tdx" };
      expect((await fail(hre, fetch, { ...args, ...tdx, fmspc: "000000000000" })).code).to.equal("ASY-COLLATERAL-002");
      expect((await fail(hre, fetch, { ...args, ...tdx, fmspc: "b0" })).code).to.equal("ASY-COLLATERAL-004");
      expect((await fail(hre, fetch, { ...args, ...tdx, tee: "sev" })).code).to.equal("ASY-TASK-002");
      expect((await fail(hre, fetch, { ...args, ...tdx, ca: "other" })).code).to.equal("ASY-TASK-002");
      expect((await fail(hre, fetch, { ...args, file: DOCUMENT })).code).to.equal("ASY-TASK-004");
      expect((await fail(hre, fetch, args)).code).to.equal("ASY-TASK-001");
      expect(await readFile(out).catch(() => "nothing")).to.equal("nothing");
    });
  });
});
