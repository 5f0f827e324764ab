import { nitroCacheable, nitroHints, P384_HINT_BYTES, P384SignatureError } from "@assay/sdk";
import { expect } from "chai";

import { NITRO, recorded } from "./vectors.ts";

describe("Hints for Nitro documents", () => {
  const [file] = NITRO[0] ?? expect.fail("vectors");
  const evidence = recorded(file) ?? expect.fail("committed");

  it("has one for each signature below the root, each behind its length", () => {
    const hints = nitroHints(evidence);
    expect(hints).to.have.length(5 * (4 + P384_HINT_BYTES));
    const view = new DataView(hints.buffer);
    for (let i = 0; i < 5; i++) expect(view.getUint32(i * (4 + P384_HINT_BYTES))).to.equal(P384_HINT_BYTES);
  });

  it("has none for what is cached", () => {
    expect(nitroHints(evidence, { cached: 3 })).to.have.length(3 * 4 + 2 * (4 + P384_HINT_BYTES));
    const { chain, hints } = nitroCacheable(evidence, { cached: 1 });
    expect(chain).to.have.length(3);
    expect(hints.map(({ length }) => length)).to.deep.equal([0, P384_HINT_BYTES, P384_HINT_BYTES]);
  });

  it("cannot be made for a signature that does not hold", () => {
    const changed = evidence.slice();
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    expect(() => nitroHints(changed)).to.throw(P384SignatureError);
  });
});
