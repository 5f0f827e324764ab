import { expect } from "chai";
import { concat, dataSlice, hexlify, keccak256 } from "ethers";

import { groth16Key } from "../../compiler/src/prove/proof.ts";
import { createGroth16Prover } from "../../compiler/src/prove/prover.ts";
import { toSnarkjs } from "../../compiler/src/setup/verifying-key.ts";
import {
  encodeZkmlEvidence,
  parseVerifyingKey,
  type Receipt,
  type Statement,
  verifyReceipt,
  zkContext,
} from "../../sdk/src/index.ts";
import { tinyFiles, tinyRequest } from "../support/tiny-model.ts";

const word = (byte: string): string => `0x${byte.repeat(32)}`;

describe("compiler: proofs in receipts", function () {
  this.timeout(120_000);
  let prove: (context: Uint8Array<ArrayBuffer>) => Promise<readonly bigint[]>;
  let close: () => Promise<void>;
  let verifyingKey: ReturnType<typeof parseVerifyingKey>;
  const x = [7n, -8n, 1n, 1n];
  const { input, output } = tinyRequest(x);

  before(async () => {
    const { graph, circuit, setup } = await tinyFiles();
    const { zkeyPath } = setup;
    const prover = await createGroth16Prover({
      graph,
      circuit,
      zkeyPath,
      verifyingKey: groth16Key(setup.verifyingKey),
    });
    verifyingKey = parseVerifyingKey(toSnarkjs(setup.verifyingKey));
    prove = async (context) => (await prover.prove(tinyRequest(x, context))).proof;
    close = () => prover.close();
  });

  after(async () => {
    await close();
  });

  /** The verdict on a receipt that says so of input and output, with a proof of the tiny network for its statement. */
  const verdictOf = async (said: { readonly input: string; readonly output: string }) => {
    const statement: Statement = {
      chainId: 31337n,
      hub: `0x${"11".repeat(20)}`,
      requestId: word("22"),
      version: word("33"),
      inputHash: keccak256(said.input),
      outputHash: keccak256(said.output),
      paramsHash: word("00"),
      enclavePolicy: word("00"),
      requester: `0x${"44".repeat(20)}`,
      beneficiary: `0x${"55".repeat(20)}`,
    };
    const evidence = [encodeZkmlEvidence(await prove(Uint8Array.from(zkContext(statement))), said.input)];
    const receipt: Receipt = { statement, output: said.output, evidence, issuedAt: 1 };
    return verifyReceipt(receipt, { verifyingKey }).verdicts[0]!;
  };

  it("hold for the input and the output that the circuit has", async () => {
    const verdict = await verdictOf({ input: hexlify(input), output: hexlify(output) });
    expect(verdict).to.include({ holds: true, reason: "holds" });
  });

  it("do not hold where the bytes are cut elsewhere, or zeros follow, though the words are the same", async () => {
    const whole = concat([input, output]);
    // 7, -8 and then 1, 1 begin what reads as another tensor; nothing but the lengths tells.
    for (const [what, at, more] of [
      ["the output begins with the input's last elements", input.length - 2, "0x"],
      ["the input has the output's header", input.length + 2, "0x"],
      ["the output is all there is", 0, "0x"],
      ["a zero follows", input.length, "0x00"],
    ] as const) {
      const said = { input: dataSlice(whole, 0, at), output: concat([dataSlice(whole, at), more]) };
      expect(await verdictOf(said), what).to.include({ holds: false, reason: "malformed" });
    }
  });
});
