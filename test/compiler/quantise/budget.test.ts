import { expect } from "chai";

import {
  BudgetUnmetError,
  compileOnnx,
  CompileOptionError,
  compileWithin,
  graphDigest,
  ZkmlAbortedError,
  type Budget,
  type BudgetProgress,
} from "../../../compiler/src/index.ts";
import { calibrationImages, digitsOnnx, heldOut } from "../../support/digits.ts";

const calibration = calibrationImages.map(({ pixels }) => pixels);
const options = { name: "digits", calibration };
const plain = compileOnnx(digitsOnnx(), options);

async function failure(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe("compileWithin", () => {
  it("meets a budget of constraints, with no width where none is needed", async () => {
    const tight = await compileWithin(digitsOnnx(), { ...options, budget: { constraints: 1_050 } });
    expect(tight.report.constraints.total).to.be.at.most(1_050);
    expect(Object.keys(tight.search.bitsOf)).not.to.deep.equal([]);
    expect(tight.report.calibration.agreement).to.be.above(0.95);
    const { total } = plain.report.constraints;
    const same = await compileWithin(digitsOnnx(), { ...options, budget: { constraints: total } });
    expect(same.report.constraints.total).to.be.at.most(total);
    expect(same.report.calibration.meanAbsoluteError).to.be.at.most(plain.report.calibration.meanAbsoluteError);
  });

  it("loses less with a larger budget", async () => {
    const errors: number[] = [];
    for (const constraints of [950, 1_050, 1_300]) {
      const { report } = await compileWithin(digitsOnnx(), { ...options, budget: { constraints } });
      errors.push(report.calibration.meanAbsoluteError);
    }
    expect(errors.toSorted((a, b) => b - a)).to.deep.equal(errors);
    expect(errors[2]).to.be.below(errors[0]! / 4);
  });

  it("meets a budget of error with fewer constraints than without one, or with more", async () => {
    const loose = await compileWithin(digitsOnnx(), { ...options, budget: { error: 0.05 } });
    expect(loose.report.calibration.relativeError).to.be.at.most(0.05);
    expect(loose.report.constraints.total).to.be.below(plain.report.constraints.total);
    const strict = await compileWithin(digitsOnnx(), { ...options, budget: { error: 0.008 } });
    expect(strict.report.calibration.relativeError).to.be.at.most(0.008);
    expect(strict.report.constraints.total).to.be.above(loose.report.constraints.total);
  });

  it("measures errors on evaluation data, where it is given", async () => {
    const evaluation = { inputs: heldOut.map(({ pixels }) => pixels) };
    const { report } = await compileWithin(digitsOnnx(), { ...options, evaluation, budget: { error: 0.03 } });
    expect(report.evaluation?.relativeError).to.be.at.most(0.03);
  });

  it("finds the same widths again", async () => {
    const once = () => compileWithin(digitsOnnx(), { ...options, budget: { constraints: 1_000 } });
    const [first, second] = [await once(), await once()];
    expect(second.search).to.deep.equal(first.search);
    expect(graphDigest(second.graph)).to.equal(graphDigest(first.graph));
  });

  it("leaves the widths that the caller chose", async () => {
    const given = { ...options, bitsOf: { node_relu: 9 } };
    const { search, report } = await compileWithin(digitsOnnx(), { ...given, budget: { constraints: 1_060 } });
    expect(search.bitsOf).not.to.have.property("node_relu");
    expect(report.layers.find(({ source }) => source === "node_relu")?.bits).to.equal(9);
  });

  it("says what it reached when a budget cannot be met", async () => {
    const few = await failure(compileWithin(digitsOnnx(), { ...options, budget: { constraints: 300 } }));
    expect(few).to.be.instanceOf(BudgetUnmetError);
    const { constraints, message } = few as BudgetUnmetError;
    expect(constraints).to.be.within(301, 1_000);
    expect(message).to.contain("300 constraints").and.to.contain(String(constraints));
    const exact = await failure(compileWithin(digitsOnnx(), { ...options, budget: { error: 1e-9 } }));
    expect(exact).to.be.instanceOf(BudgetUnmetError);
    expect((exact as BudgetUnmetError).error).to.be.within(1e-8, 0.01);
  });

  it("shows its progress, keeps to its number of tries, and stops when told", async () => {
    const seen: BudgetProgress[] = [];
    const budget = { error: 0.05 };
    const onProgress = (progress: BudgetProgress) => seen.push(progress);
    const limited = compileWithin(digitsOnnx(), { ...options, budget, onProgress, maxEvaluations: 5 });
    const { search } = await limited;
    expect(search.evaluations).to.be.at.most(5);
    expect(seen.map(({ evaluations }) => evaluations)).to.deep.equal([1, 2, 3, 4, 5]);
    expect(seen[0]).to.deep.include({ most: 5, constraints: 1_129 });
    const controller = new AbortController();
    const stopped = failure(
      compileWithin(digitsOnnx(), {
        ...options,
        budget: { error: 0.05 },
        signal: controller.signal,
        onProgress: ({ evaluations }) => evaluations === 3 && controller.abort(),
      }),
    );
    expect(await stopped).to.be.instanceOf(ZkmlAbortedError);
  });

  it("refuses budgets that are none", async () => {
    const bad: Budget[] = [
      ...[0, -1, 1.5, NaN, Infinity, 2 ** 40].map((constraints) => ({ constraints })),
      ...[0, -0.1, 1.1, NaN, Infinity].map((error) => ({ error })),
    ];
    for (const budget of bad) {
      const error = await failure(compileWithin(digitsOnnx(), { ...options, budget }));
      expect(error, JSON.stringify(budget)).to.be.instanceOf(CompileOptionError);
    }
    for (const maxEvaluations of [0, -1, 1.5, NaN, 1e9]) {
      const work = compileWithin(digitsOnnx(), { ...options, budget: { error: 0.05 }, maxEvaluations });
      expect(await failure(work)).to.be.instanceOf(CompileOptionError);
    }
  });
});
