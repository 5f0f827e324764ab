import { readFile } from "node:fs/promises";

import { expect } from "chai";

import { CircuitTester } from "../support/circuit.ts";
import { forgeDivide, forgeGreater, forgeMax } from "./unsound/forgeries.ts";

const gadgets = [
  { name: "max", main: "MaxRow(2, [-4, -4], [4, 4])", twin: "UnsoundMax()", forge: forgeMax },
  { name: "greater", main: "Greater(-8, 8)", twin: "UnsoundGreater()", forge: forgeGreater },
  { name: "divide", main: "Divide(-3, 3, 3)", twin: "UnsoundDivide()", forge: forgeDivide },
] as const;

describe("circuits: forgeries and the unsound twins that they break", () => {
  for (const { name, main, twin, forge } of gadgets) {
    it(`${name}: no forged output is taken by the template`, async () => {
      const circuit = await CircuitTester.template(`nn/${name}.circom`, main);
      expect(forge(circuit)).to.deep.equal([]);
    });

    it(`${name}: the same search forges the twin, which honest use cannot tell from the template`, async () => {
      const text = await readFile(new URL(`unsound/${name}.circom`, import.meta.url), "utf8");
      const circuit = await CircuitTester.source(`${text}\ncomponent main = ${twin};\n`);
      const found = forge(circuit);
      expect(found.length, "forgeries of the twin").to.be.greaterThan(10);
    });
  }
});
