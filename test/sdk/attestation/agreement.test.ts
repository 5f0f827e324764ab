import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { AttestationError, CLAIM_DEBUG, type IntelCollateral, verifyQuote } from "@assay/sdk";
import * as javascript from "@phala/dcap-qvl";
import * as wasm from "@phala/dcap-qvl-web";
import { expect } from "chai";

import { Random } from "../../support/random.ts";
import { QUOTES, recorded, recordedCollateral } from "./vectors.ts";

const ROUNDS = Number(process.env["ASSAY_CHANGES"] ?? 50);

/**
 * Phala's two verifiers, neither of which is right alone: the one in JavaScript takes forged revocation lists, the one in
 * WebAssembly takes another identity of the quoting enclave and cannot read version 5. Both refuse debug enclaves.
 */
function peersAccept(quote: Uint8Array, collateral: IntelCollateral, at: number): boolean {
  const version = quote[0] ?? 0;
  const accepts = (verify: () => unknown): boolean => {
    try {
      verify();
      return true;
    } catch {
      return false;
    }
  };
  const bytes = {
    ...collateral,
    ...Object.fromEntries(HEX.map((name) => [name, Buffer.from(collateral[name], "hex")])),
  };
  const one = accepts(() => javascript.verify(Buffer.from(quote), bytes as never, at));
  return one && (version === 5 || accepts(() => wasm.js_verify(quote, collateral, BigInt(at)) as unknown));
}

const HEX = ["root_ca_crl", "pck_crl", "tcb_info_signature", "qe_identity_signature"] as const;

async function ours(quote: Uint8Array, collateral: IntelCollateral, at: number): Promise<string> {
  try {
    const { claims } = await verifyQuote(quote, collateral, { at });
    return claims.flags === CLAIM_DEBUG ? "debug" : "accepted";
  } catch (error) {
    if (error instanceof AttestationError) return error.reason;
    throw error;
  }
}

describe("Agreement with Phala's verifiers", () => {
  before(() => {
    const path = createRequire(import.meta.url).resolve("@phala/dcap-qvl-web/dcap-qvl-web_bg.wasm");
    wasm.initSync({ module: new WebAssembly.Module(readFileSync(path)) });
  });

  for (const { quote: file, collateral: set, from } of QUOTES) {
    it(`on ${file}, as it is and with ${ROUNDS} changes`, async function () {
      const quote = recorded(file);
      const collateral = recordedCollateral(set);
      if (quote === undefined || collateral === undefined) {
        console.log(`      skipped: ${file} or ${set} is not in this checkout`);
        this.skip();
      }
      const random = new Random(file.length);
      const end = quote.findLastIndex((byte) => byte !== 0) + 1;
      for (let round = 0; round <= ROUNDS; round++) {
        const changed = quote.slice();
        const at = random.integer(0, end - 1);
        // Round 0 changes nothing.
        if (round > 0) changed[at] = (changed[at] ?? 0) ^ (1 << random.integer(0, 7));
        const verdict = await ours(changed, collateral, from);
        // The text around certificates is signed by nobody, and peers read it less strictly.
        if (verdict === "PemInvalid") continue;
        expect(verdict === "accepted", `byte ${at}: ${verdict}`).to.equal(peersAccept(changed, collateral, from));
      }
    });
  }
});
