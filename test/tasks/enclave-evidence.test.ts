import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { putIntelCollateral } from "@assay/nodes/operator";
import type { IntelCollateral } from "@assay/sdk";
import { expect } from "chai";
import { network } from "hardhat";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import { recorded } from "../sdk/attestation/vectors.ts";
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

  it("says what foreign evidence is, and that it is not supported", async () => {
    const snp = new Uint8Array(1184);
    snp.set([3], 0);
    snp.set([1], 0x34);
    const gpu = new Uint8Array(100);
    gpu.set([0x11, 0xe0], 0);
    gpu.set([0x11, 0x60], 37);
    const document = Buffer.from(await readFile(DOCUMENT, "latin1"), "base64");
    const token = `eyJ${"a".repeat(20)}.${"b".repeat(20)}.`;
    const cases: (readonly [string | Uint8Array | undefined, string, RegExp])[] = [
      [snp, "ASY-ATTEST-001", /^EvidenceUnknown: this is a report of AMD SEV-SNP, version 3; .*not supported/],
      [Uint8Array.of(0, 3, 0x81, 0x12, ...snp), "ASY-ATTEST-001", /^EvidenceUnknown: .*envelope .*AMD SEV-SNP/],
      [gpu, "ASY-ATTEST-001", /^EvidenceUnknown: .*NVIDIA/],
      [Uint8Array.of(0xff, 0x54, 0x43, 0x47, 0x80, 0x18), "ASY-ATTEST-001", /^EvidenceUnknown: .*TPM/],
      [
        Uint8Array.of(0, 2, 0xc5, 0x46, ...document),
        "ASY-ATTEST-001",
        /^EvidenceUnknown: .*envelope around a Nitro document; give the COSE_Sign1 inside/,
      ],
      [
        Uint8Array.of(0, 0, 0x49, 0x4e, ...(await readFile(QUOTE))),
        "ASY-ATTEST-001",
        /^EvidenceUnknown: .*envelope around an Intel quote/,
      ],
      [token, "ASY-TASK-004", /tokens \(JWT\).*NVIDIA/],
      [JSON.stringify({ token }), "ASY-TASK-004", /tokens \(JWT\).*NVIDIA/],
      ["-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----", "ASY-TASK-004", /is PEM/],
      [recorded("amd-sev-snp/dstack_snp_report.bin"), "ASY-ATTEST-001", /AMD SEV-SNP, version 3/],
      [recorded("amd-sev-snp/dstack_sev_snp_attestation.scale.bin"), "ASY-ATTEST-001", /envelope .*AMD/],
      [recorded("nvidia-gpu/nvtrust_hopper_attestation_report.txt"), "ASY-ATTEST-001", /NVIDIA/],
      [recorded("nvidia-gpu/nearai_docs_nras_eat_es384.json"), "ASY-TASK-004", /NVIDIA/],
      [recorded("tpm/dstack_tpm_quote_sample.bin"), "ASY-ATTEST-001", /TPM/],
      [recorded("aws-nitro/dstack_nsmqvl_nitro_attestation.bin"), "ASY-ATTEST-001", /envelope around a Nitro/],
      [recorded("intel-tdx/dstack_guest_agent_attestation.scale.bin"), "ASY-ATTEST-001", /envelope around an Intel/],
    ];
    for (const [content, code, words] of cases) {
      if (content === undefined) console.log(`      skipped one for ${words.source}: not in this checkout`);
      else {
        const error = await fail(hre, ["enclave", "inspect"], { file: await write("foreign", content) });
        expect(error.code, words.source).to.equal(code);
        expect(error.message).to.match(words);
      }
    }
    // One that is of another length, or signed otherwise, is not taken for AMD's.
    const short = await fail(hre, ["enclave", "inspect"], { file: await write("foreign", snp.subarray(1)) });
    expect(short.message).to.not.include("AMD");
  });

  describe("verify", () => {
    const verify = ["enclave", "verify"];

    it("says in dates what is out of time, the time judged at, and what helps", async () => {
      const late = await fail(hre, verify, { file: DOCUMENT, at: "2026-11-21" });
      expect(late.message).to.equal(
        "CertificateNotCurrent: certificate 1 (intermediate) is valid from 2026-02-08T20:48:07Z to 2026-02-28T21:48:07Z, " +
          "and it was judged at 2026-11-21T00:00:00Z. For use now, attest again. " +
          "To judge it by its own time: --at 2026-02-12T17:56:02Z, or any time up to 2026-02-12T20:56:02Z.",
      );
      // The times that it names are the edges.
      for (const at of ["2026-02-12T17:56:02Z", "2026-02-12T20:56:02Z"])
        await succeed(hre, verify, { file: DOCUMENT, at });
      const leaf = await fail(hre, verify, { file: DOCUMENT, at: "2026-02-12T20:56:03Z" });
      expect(leaf.message).to.match(/^CertificateNotCurrent: certificate 4 \(leaf\) is valid/);
      const early = await fail(hre, verify, { file: DOCUMENT, at: "2026-02-12T17:56:01Z" });
      expect(early.message).to.match(/^IssuedAtInvalid: the document is valid from 2026-02-12T17:56:02Z .* --at 2026/);
    });

    it("says which list or document of collateral is out of time, and how to get a fresh one", async () => {
      const judge = { file: QUOTE, collateral: COLLATERAL };
      const window = /--at 2025-06-19T10:32:27Z, or any time up to 2025-07-19T10:00:35Z\.$/;
      for (const at of ["2025-06-19T10:32:27Z", "2025-07-19T10:00:35Z"]) await succeed(hre, verify, { ...judge, at });
      const list = await fail(hre, verify, { ...judge, at: "2026-11-21" });
      expect(list.message)
        .to.match(
          /^CrlNotCurrent: the root's revocation list is valid from 20.*Z to 20.*Z, and it was judged at 2026-11-21T/,
        )
        .and.to.include("`enclave collateral fetch --file QUOTE")
        .and.to.match(window);
      const other = await fail(hre, verify, { ...judge, at: "2025-07-19T10:00:36Z" });
      expect(other.message).to.match(/^(?:Crl|Document)NotCurrent: the (?:revocation list of machines|identity)/);
      const early = await fail(hre, verify, { ...judge, at: "2025-06-19T10:32:26Z" });
      expect(early.message)
        .to.match(/NotCurrent: .* and it was judged at 2025-06-19T10:32:26Z\. It holds later/)
        .and.to.match(window);
    });

    it("says what helps where nothing is out of time", async () => {
      const foreign = { file: QUOTE, collateral: join(TEE, "intel-sgx", "phala_sgx_v3_collateral.json"), at: AT };
      const error = await fail(hre, verify, foreign);
      expect(error.message)
        .to.match(/judged at 2025-06-27T04:53:20Z\./)
        .and.to.include("enclave collateral fetch");
      const folder = "intel-tdx/phala_tdx_v5_td15_outdated";
      const [quote, judge] = [recorded(`${folder}_quote.bin`), recorded(`${folder}_collateral.json`)];
      if (quote === undefined || judge === undefined) console.log("      skipped: TcbLevelUnknown's quote is not here");
      else {
        const files = { file: await write("q", quote), collateral: await write("c", judge), at: "1772000000" };
        expect((await fail(hre, verify, files)).message).to.match(
          /^TcbLevelUnknown: .*judged at 2026-02-25T06:13:20Z\. Have the machine's operator update its firmware/,
        );
      }
    });

    it("takes the time as seconds or a date, and says so of milliseconds and of days that are none", async () => {
      for (const at of ["1770919200", "2026-02-12T18:00:00Z"]) {
        expect((await succeed(hre, verify, { file: DOCUMENT, at })).at).to.equal(1770919200);
      }
      for (const [at, words] of [
        ["1770919200000", "not milliseconds: 1770919200 is 2026-02-12T18:00:00Z"],
        ["999999999999999", "not milliseconds"],
        ["2026-02-30", "Unix seconds, or a date"],
        ["2026-02-12T25:00:00Z", "Unix seconds, or a date"],
        ["2300-01-01", "Unix seconds, or a date"],
        ["0", "Unix seconds, or a date"],
        ["-5", "Unix seconds, or a date"],
      ] as const) {
        const error = await fail(hre, verify, { file: DOCUMENT, at });
        expect(error.code, at).to.equal("ASY-TASK-002");
        expect(error.message).to.include(words);
      }
    });

    it("prints the hash of the advisories, which policies take", async () => {
      const args = { file: QUOTE, collateral: COLLATERAL, at: AT };
      const { claims } = await succeed(hre, verify, args);
      expect(claims.advisories).to.match(/^0x[0-9a-f]{64}$/);
      expect((await runTask(hre, verify, args)).out)
        .to.match(/advisories' hash +│ /)
        .and.to.include(claims.advisories);
    });

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

  describe("collateral put", () => {
    it("refuses what has ended or not begun before anything is sent, in words", async () => {
      const collateral = JSON.parse(await readFile(COLLATERAL, "utf8")) as IntelCollateral;
      for (const [time, expected] of [
        [
          "2026-11-21T00:00:00Z",
          /^CrlNotCurrent: the root's revocation list in this collateral has ended: it is valid from 2025-\S+Z to 2026-\S+Z, and the chain's time is 2026-11-21T\S+Z\. Nothing was sent; .*`enclave collateral fetch`/,
        ],
        ["2025-07-20T00:00:00Z", /^CrlNotCurrent: the revocation list of machines in this collateral has ended/],
        ["2025-06-01T00:00:00Z", /^CrlNotCurrent: the revocation list of machines in this collateral has not begun/],
      ] as const) {
        const { ethers } = await network.create({ override: { initialDate: new Date(time) } });
        const certificates = await ethers.deployContract("IntelDcapCertificates");
        const store = await (await ethers.deployContract("DcapCollateral", [certificates])).getAddress();
        const [account] = await ethers.getSigners();
        const before = await ethers.provider.getBlockNumber();
        const error: unknown = await putIntelCollateral(account!, store, collateral).catch((reason: unknown) => reason);
        expect(error).to.have.property("code", "ASY-OPERATOR-005");
        expect((error as Error).message).to.match(expected);
        expect(await ethers.provider.getBlockNumber()).to.equal(before);
      }
    }).timeout(60_000);

    it("leaves alone what is there, however old it has become", async () => {
      const collateral = JSON.parse(await readFile(COLLATERAL, "utf8")) as IntelCollateral;
      const { ethers, provider } = await network.create({ override: { initialDate: new Date(Number(AT) * 1000) } });
      const certificates = await ethers.deployContract("IntelDcapCertificates");
      const store = await (await ethers.deployContract("DcapCollateral", [certificates])).getAddress();
      const [account] = await ethers.getSigners();
      const states = async () => (await putIntelCollateral(account!, store, collateral)).map(({ state }) => state);
      expect(await states()).to.deep.equal(Array(6).fill("put"));
      await provider.request({ method: "evm_setNextBlockTimestamp", params: [1_752_919_300] });
      await provider.request({ method: "evm_mine" });
      expect(await states()).to.deep.equal(Array(6).fill("kept"));
    }).timeout(60_000);
  });
});
