import { readFile } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

import type { IntelCollateral } from "@assay/sdk";
import { expect } from "chai";

import {
  CollateralError,
  CollateralErrorCode,
  fetchAmdCollateral,
  fetchAwsCrl,
  fetchIntelCollateral,
} from "../../../nodes/shared/collateral/index.ts";
import { ROOT } from "../../../scripts/checks/files.ts";

const RECORDED = join(ROOT, "vectors", "tee", "intel-tdx", "phala_tdx_v4_collateral.json");
const REQUEST = { fmspc: "b0c06f000000", tee: "tdx", authority: "platform" } as const;

async function failure(work: Promise<unknown>): Promise<CollateralError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).to.be.instanceOf(CollateralError);
  return error as CollateralError;
}

describe("Fetching collateral", () => {
  let recorded: IntelCollateral;
  let server: Server;
  let url: string;
  let listener: RequestListener;
  const asked: string[] = [];

  before(async () => {
    recorded = JSON.parse(await readFile(RECORDED, "utf8")) as IntelCollateral;
    server = createServer((request, response) => {
      request.resume();
      asked.push(request.url ?? "");
      listener(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => {
    asked.length = 0;
    listener = intel({});
  });

  /** Answers as Intel's service did when the vectors were recorded, but for what `instead` says of a path. */
  function intel(instead: Readonly<Record<string, RequestListener>>): RequestListener {
    const answers: Readonly<Record<string, readonly [string | undefined, string, string | Buffer]>> = {
      "/tdx/certification/v4/tcb": [
        "TCB-Info-Issuer-Chain",
        recorded.tcb_info_issuer_chain,
        `{"tcbInfo":${recorded.tcb_info},"signature":"${recorded.tcb_info_signature}"}`,
      ],
      "/tdx/certification/v4/qe/identity": [
        "SGX-Enclave-Identity-Issuer-Chain",
        recorded.qe_identity_issuer_chain,
        `{"enclaveIdentity":${recorded.qe_identity},"signature":"${recorded.qe_identity_signature}"}`,
      ],
      "/sgx/certification/v4/pckcrl": [
        "SGX-PCK-CRL-Issuer-Chain",
        recorded.pck_crl_issuer_chain,
        Buffer.from(recorded.pck_crl, "hex"),
      ],
      "/root.der": [undefined, "", Buffer.from(recorded.root_ca_crl, "hex")],
    };
    return (request, response) => {
      const path = (request.url ?? "").split("?", 1)[0] ?? "";
      const other = instead[path];
      if (other !== undefined) {
        other(request, response);
        return;
      }
      const answer = answers[path];
      if (answer === undefined) {
        response.writeHead(404).end();
        return;
      }
      const [header, chain, body] = answer;
      response.writeHead(200, header === undefined ? {} : { [header]: encodeURIComponent(chain) }).end(body);
    };
  }
  const fetchAll = async (request: Parameters<typeof fetchIntelCollateral>[0] = REQUEST): Promise<IntelCollateral> =>
    await fetchIntelCollateral(request, { url, rootCrlUrl: `${url}/root.der`, timeoutMs: 500 });

  describe("from Intel", () => {
    it("gives what was recorded, byte for byte", async () => {
      expect(await fetchAll()).to.deep.equal(recorded);
      expect(asked.sort()).to.deep.equal([
        "/root.der",
        "/sgx/certification/v4/pckcrl?ca=platform&encoding=der",
        "/tdx/certification/v4/qe/identity?update=standard",
        "/tdx/certification/v4/tcb?fmspc=B0C06F000000&update=standard",
      ]);
    });

    it("asks for an evaluation number", async () => {
      await fetchAll({ ...REQUEST, update: 17 });
      expect(asked).to.include("/tdx/certification/v4/tcb?fmspc=B0C06F000000&tcbEvaluationDataNumber=17");
    });

    it("takes a root list in hexadecimal, as caches give it", async () => {
      listener = intel({ "/root.der": (_, response) => void response.end(recorded.root_ca_crl.toUpperCase()) });
      expect((await fetchAll()).root_ca_crl).to.equal(recorded.root_ca_crl);
    });

    for (const [what, path, answer, code] of [
      ["a 404", "/tdx/certification/v4/tcb", [404, ""], CollateralErrorCode.NotFound],
      ["a 503", "/tdx/certification/v4/tcb", [503, ""], CollateralErrorCode.Unreachable],
      ["a 401", "/tdx/certification/v4/tcb", [401, ""], CollateralErrorCode.Garbage],
      ["a redirect", "/tdx/certification/v4/tcb", [302, ""], CollateralErrorCode.Garbage],
      ["no signature", "/tdx/certification/v4/tcb", [200, '{"tcbInfo":{}}'], CollateralErrorCode.Garbage],
      [
        "another order",
        "/tdx/certification/v4/tcb",
        [200, `{"signature":"${"00".repeat(64)}","tcbInfo":{}}`],
        CollateralErrorCode.Garbage,
      ],
      [
        "broken JSON",
        "/tdx/certification/v4/tcb",
        [200, `{"tcbInfo":{"a":,"signature":"${"00".repeat(64)}"}`],
        CollateralErrorCode.Garbage,
      ],
      [
        "no chain in the header",
        "/tdx/certification/v4/qe/identity",
        [200, `{"enclaveIdentity":{},"signature":"${"00".repeat(64)}"}`],
        CollateralErrorCode.Garbage,
      ],
      ["text for a list", "/root.der", [200, "<html>"], CollateralErrorCode.Garbage],
      ["an endless list", "/root.der", [200, "0".repeat(300_000)], CollateralErrorCode.Garbage],
    ] as const) {
      it(`refuses ${what}`, async () => {
        listener = intel({ [path]: (_, response) => void response.writeHead(answer[0]).end(answer[1]) });
        expect((await failure(fetchAll())).code).to.equal(code);
      });
    }

    it("gives up on a silent service, and says that trying again may help", async () => {
      listener = () => undefined;
      const error = await failure(fetchAll());
      expect(error.code).to.equal(CollateralErrorCode.Unreachable);
      expect(error.retryable).to.equal(true);
    });

    it("refuses what it will not ask for, and asks nothing", async () => {
      for (const request of [
        { ...REQUEST, fmspc: "b0c06f" },
        { ...REQUEST, fmspc: "b0c06f00000g" },
        { ...REQUEST, update: -1 },
        { ...REQUEST, update: "late" as "early" },
      ]) {
        expect((await failure(fetchAll(request))).code).to.equal(CollateralErrorCode.Invalid);
      }
      const plain = fetchIntelCollateral(REQUEST, { url: "http://api.example" });
      expect((await failure(plain)).code).to.equal(CollateralErrorCode.Invalid);
      expect(asked).to.deep.equal([]);
    });
  });

  describe("from AWS", () => {
    const point = "http://aws-nitro-enclaves-crl.s3.amazonaws.com/crl/ab4960cc-7d63-42bd-9e9f-59338cb67f84.crl";
    const regional =
      "http://crl-us-east-1-aws-nitro-enclaves.s3.us-east-1.amazonaws.com/crl/c3e553e2-696c-4f50-8b38-d5faef060f31.crl";

    it("fetches the lists that real certificates point to, here from a mirror", async () => {
      listener = (_, response) => void response.end(Buffer.from(recorded.root_ca_crl, "hex"));
      for (const named of [point, regional]) {
        expect(Buffer.from(await fetchAwsCrl(named, { mirror: url })).toString("hex")).to.equal(recorded.root_ca_crl);
        expect(asked.at(-1)).to.equal(new URL(named).pathname);
      }
    });

    it("calls nobody that a certificate made up", async () => {
      for (const bad of [
        "http://169.254.169.254/crl/ab4960cc-7d63-42bd-9e9f-59338cb67f84.crl",
        point.replace("amazonaws.com", "amazonaws.com.example.org"),
        point.replace("amazonaws.com", "amazonaws.com:8080"),
        point.replace("/crl/", "/crl/../"),
        `${point}?x=1`,
        point.replace("http:", "file:"),
        "",
      ]) {
        expect((await failure(fetchAwsCrl(bad, { mirror: url }))).code, bad).to.equal(CollateralErrorCode.Invalid);
      }
      expect(asked).to.deep.equal([]);
    });

    it("refuses what is no list", async () => {
      listener = (_, response) => void response.end("<xml/>");
      expect((await failure(fetchAwsCrl(point, { mirror: url }))).code).to.equal(CollateralErrorCode.Garbage);
    });
  });

  describe("from AMD", () => {
    const chip = new Uint8Array(64).fill(0xab);
    const tcb = { bootloader: 4, tee: 0, snp: 23, microcode: 213 };
    const pem = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";
    const amd: RequestListener = (request, response) =>
      void response.end(request.url?.endsWith("cert_chain") === true ? pem : Buffer.from([0x30, 0x00]));

    it("asks for the chip's key at its versions", async () => {
      listener = amd;
      const { chain, vcek, crl } = await fetchAmdCollateral("Milan", chip, tcb, { url });
      expect([chain, vcek.length, crl.length]).to.deep.equal([pem, 2, 2]);
      expect(asked).to.deep.equal([
        `/vcek/v1/Milan/${"ab".repeat(64)}?blSPL=04&teeSPL=00&snpSPL=23&ucodeSPL=213`,
        "/vcek/v1/Milan/cert_chain",
        "/vcek/v1/Milan/crl",
      ]);
      asked.length = 0;
      await fetchAmdCollateral("Turin", chip, { ...tcb, fmc: 1 }, { url });
      expect(asked[0]).to.equal(`/vcek/v1/Turin/${"ab".repeat(8)}?fmcSPL=01&blSPL=04&teeSPL=00&snpSPL=23&ucodeSPL=213`);
    });

    it("refuses what it will not ask for", async () => {
      listener = amd;
      for (const work of [
        fetchAmdCollateral("Rome" as "Milan", chip, tcb, { url }),
        fetchAmdCollateral("Milan", chip.subarray(1), tcb, { url }),
        fetchAmdCollateral("Milan", chip, { ...tcb, snp: 256 }, { url }),
        fetchAmdCollateral("Milan", chip, { ...tcb, fmc: 1 }, { url }),
        fetchAmdCollateral("Turin", chip, tcb, { url }),
      ]) {
        expect((await failure(work)).code).to.equal(CollateralErrorCode.Invalid);
      }
      expect(asked).to.deep.equal([]);
    });
  });
});
