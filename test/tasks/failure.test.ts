import { expect } from "chai";

import { OnnxUnsupportedOpError } from "../../compiler/src/onnx/errors.ts";
import { CalibrationDataError } from "../../compiler/src/quantise/errors.ts";
import { countWords } from "../../nodes/operator/index.ts";
import { contractErrorOf } from "../../sdk/src/client/errors.ts";
import { RpcError } from "../../sdk/src/index.ts";
import { describeFailure } from "../../tasks/shared/failure.ts";

describe("the line of a failed task", () => {
  it("tells several nodes that cannot be compiled apart", () => {
    const remedy = "leave it out";
    const one = { node: "a", op: "Sin", remedy };
    const { message } = describeFailure(new OnnxUnsupportedOpError([one, { node: "b", op: "Cos", remedy }]));
    expect(message).to.equal(
      '2 nodes cannot be compiled: node "a", "Sin": leave it out; node "b", "Cos": leave it out.',
    );
    expect(new OnnxUnsupportedOpError([one]).message).to.match(/^1 node cannot/);
    expect(new OnnxUnsupportedOpError(Array.from({ length: 25 }, () => one)).message).to.contain("; and 5 more.");
  });

  it("names the file of calibration data that do not fit", () => {
    const error = new CalibrationDataError("calibration[0]", "5 values", "the model takes 6");
    const { message } = describeFailure(error, { calibration: "data.json" });
    expect(message).to.match(
      /^calibration\[0\] is 5 values; the model takes 6\. The data are those of data\.json: give/,
    );
    expect(describeFailure(error).message).to.equal(error.message);
  });

  it("says an account's lack of funds in words, whoever reports it", () => {
    for (const cause of [
      Object.assign(new Error("x"), { code: "INSUFFICIENT_FUNDS" }),
      new Error("Sender doesn't have enough funds to send tx."),
      { code: -32_000, error: { message: "insufficient funds for gas * price + value" } },
    ]) {
      const error = contractErrorOf("request", cause);
      expect(error).to.be.instanceOf(RpcError).and.include({ retryable: false });
      expect(error.message).to.contain("cannot pay its value and gas");
    }
    expect(contractErrorOf("request", new Error("timeout")).message).to.contain("Check the RPC endpoint");
  });

  it("counts the values of a tensor once", () => {
    expect([countWords([6]), countWords([]), countWords([8, 8])]).to.deep.equal(["6", "1", "64 (8 x 8)"]);
  });
});
