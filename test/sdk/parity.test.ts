import {
  bindingFromBits,
  boundWords,
  ContractRevertError,
  contractErrorOf,
  decodeTensor,
  type Dtype,
  DTYPES,
  encodeTensor,
  fromNumbers,
  kindSet,
  kindsOf,
  packProofs,
  packRequest,
  publicWords,
  type Request,
  requestId,
  SIGNATURE_V1,
  signedRequestId,
  signStatement,
  type Statement,
  statementDigest,
  type Tensor,
  toNumbers,
  unpackRequest,
  unpackSignedRequest,
  zkContext,
} from "@assay/sdk";
import { expect } from "chai";
import { type Contract, hexlify, recoverAddress, Wallet } from "ethers";
import { network } from "hardhat";

import {
  type RefusedVector,
  type RequestVector,
  revived,
  type StatementVector,
  tensorOf,
  type TensorVector,
  vectors,
} from "./support/json.ts";
import { account, bigintOf, integerBelow, randomRequest, randomStatement, randomTensor } from "./support/random.ts";

const ROUNDS = 50;

describe("sdk: parity with the contracts' libraries", () => {
  let contract: Contract;

  before(async () => {
    const { ethers } = await network.create();
    contract = (await ethers.deployContract("SdkParity")) as unknown as Contract;
  });

  /** Answer of a function of the contract. */
  const ask = async (name: string, ...args: unknown[]): Promise<unknown> =>
    (await contract.getFunction(name).staticCall(...args)) as unknown;

  /** Name of the error that a function of the contract reverts with. */
  async function refusal(name: string, ...args: unknown[]): Promise<string> {
    try {
      await ask(name, ...args);
    } catch (error) {
      const revert = contractErrorOf(name, error);
      if (revert instanceof ContractRevertError) return revert.contractError;
      throw error;
    }
    throw new Error(`${name} accepted it.`);
  }

  /** Id that the contracts give a request; they have two ways to hash one, which must agree. */
  async function idOf(...args: unknown[]): Promise<string> {
    const [fromMemory, fromCalldata] = (await ask("requestId", ...args)) as [string, string];
    expect(fromCalldata).to.equal(fromMemory);
    return fromMemory;
  }

  describe("requests", () => {
    for (const vector of revived(vectors("typed-data/requests.json")) as RequestVector[]) {
      it(`agrees on ${vector.name}`, async () => {
        const request = vector.request as Request;
        const packed = packRequest(request);
        expect(packed).to.deep.equal(vector.packed);
        expect(requestId(vector.hub, vector.chainId, request)).to.equal(vector.id);
        expect(await idOf(vector.chainId, vector.hub, packed, false)).to.equal(vector.id);
      });
    }

    for (const vector of revived(vectors("typed-data/signed-requests.json")) as RequestVector[]) {
      it(`agrees on the signed request with ${vector.name}`, async () => {
        if (!("nonce" in vector.request)) throw new Error("the vector has no nonce");
        const packed = packRequest(vector.request);
        expect(packed).to.deep.equal(vector.packed);
        expect(signedRequestId(vector.hub, vector.chainId, vector.request)).to.equal(vector.id);
        expect(await idOf(vector.chainId, vector.hub, packed, true)).to.equal(vector.id);
        expect(packRequest(unpackSignedRequest(packed))).to.deep.equal(packed);
      });
    }

    it("agrees on random requests, word by word", async () => {
      for (let round = 0; round < ROUNDS; round++) {
        const [request, hub, chainId] = [randomRequest(), account(), bigintOf(64)];
        const packed = packRequest(request);
        expect(packRequest(unpackRequest(packed))).to.deep.equal(packed);
        expect(await idOf(chainId, hub, packed, false)).to.equal(requestId(hub, chainId, request));
        const { createdAt, salt, ...terms } = request;
        const nonce = (createdAt << 16n) | salt;
        expect(await idOf(chainId, hub, packed, true)).to.equal(signedRequestId(hub, chainId, { ...terms, nonce }));
        const { callback } = request;
        expect(Array.from((await ask("unpack", packed)) as unknown[])).to.deep.equal([
          request.requester,
          request.deadline,
          nonce,
          createdAt,
          request.token,
          request.amount,
          callback.target,
          callback.gas,
          (callback.storeResult ? 1n : 0n) + (callback.priced ? 2n : 0n),
        ]);
        const kinds = kindSet(kindsOf(request.proofs));
        expect(Array.from((await ask("policy", packed.proofs)) as unknown[])).to.deep.equal([
          BigInt(request.proofs.length),
          BigInt(kinds),
        ]);
      }
    });

    it("packs any order of selectors into one well-formed policy", async () => {
      const selectors = ["0x05000001", "0x01000001", "0x04000001", "0x01000002"];
      const packed = packProofs(selectors);
      expect(packed).to.equal("0x01000001010000020400000105000001");
      expect(packProofs([...selectors].reverse())).to.equal(packed);
      expect(Array.from((await ask("policy", packed)) as unknown[])).to.deep.equal([4n, BigInt(kindSet([1, 4, 5]))]);
    });
  });

  describe("statements", () => {
    for (const vector of revived(vectors("typed-data/statements.json")) as StatementVector[]) {
      it(`agrees on ${vector.name}`, async () => {
        for (const [selector, digest] of Object.entries(vector.digests)) {
          expect(statementDigest(vector.statement, selector)).to.equal(digest);
          expect(await ask("statementDigest", vector.statement, selector)).to.equal(digest);
        }
        expect(hexlify(zkContext(vector.statement))).to.equal(vector.context);
        const signer = new Wallet(vector.privateKey);
        expect(await signStatement(signer, vector.statement, SIGNATURE_V1)).to.equal(vector.signature);
        expect(recoverAddress(vector.digests[SIGNATURE_V1]!, vector.signature)).to.equal(signer.address);
      });
    }

    it("agrees on random statements, and every field changes the digest", async () => {
      for (let round = 0; round < ROUNDS; round++) {
        const statement = randomStatement();
        const digest = statementDigest(statement, SIGNATURE_V1);
        expect(await ask("statementDigest", statement, SIGNATURE_V1)).to.equal(digest);
        const other = randomStatement();
        for (const field of Object.keys(statement) as (keyof Statement)[]) {
          if (statement[field] === other[field]) continue;
          expect(statementDigest({ ...statement, [field]: other[field] }, SIGNATURE_V1), field).to.not.equal(digest);
        }
        expect(statementDigest(statement, "0x01000002")).to.not.equal(digest);
      }
    });

    it("agrees on public words, the shortest and the padded included", async () => {
      for (let round = 0; round < ROUNDS; round++) {
        const [input, output] = [integerBelow(100), integerBelow(100)].map((length) =>
          Uint8Array.from({ length }, () => integerBelow(256)),
        ) as [Uint8Array, Uint8Array];
        const context = Uint8Array.from({ length: 31 }, () => integerBelow(256));
        const words = publicWords(context, input, output);
        expect(words.length).to.equal(1 + Math.ceil((input.length + output.length) / 31));
        // The contract takes 32 bytes and ignores the last.
        const padded = `${hexlify(context)}ab`;
        expect(Array.from((await ask("publicWords", padded, input, output)) as bigint[])).to.deep.equal(words);
      }
    });
  });

  describe("bindings", () => {
    it("agree on the public words of each", async () => {
      for (let round = 0; round < 70; round++) {
        const binding = bindingFromBits(round % 7);
        const port = (visibility: string) =>
          visibility === "public"
            ? encodeTensor(randomTensor(round % 2 === 0 ? "u8" : "i32"))
            : Uint8Array.from({ length: 32 }, (_, at) => (at === 0 ? 0 : integerBelow(256)));
        const [input, output] = [port(binding.input), port(binding.output)];
        const context = Uint8Array.from({ length: 31 }, () => integerBelow(256));
        const fingerprint = BigInt(hexlify(port("committed")));
        const words = boundWords(binding, { context, input, output, fingerprint });
        // The contract takes 32 bytes and ignores the last.
        const said = await ask("boundWords", round % 7, `${hexlify(context)}ab`, fingerprint, input, output);
        expect(Array.from(said as bigint[]), `binding ${round % 7}`).to.deep.equal(words);
      }
    });
  });

  describe("tensors", () => {
    async function expectSame(tensor: Tensor, encoded: string): Promise<void> {
      if (tensor.dtype === "f32") {
        const [dims, bits] = (await ask("decodeF32", encoded)) as [bigint[], string[]];
        expect(Array.from(dims, Number)).to.deep.equal(tensor.dims);
        const view = new DataView(new ArrayBuffer(4));
        const values = Array.from(bits, (word) => {
          view.setUint32(0, Number(word));
          return view.getFloat32(0);
        });
        expect(values).to.deep.equal(tensor.data);
        return;
      }
      const [dtype, dims, values] = (await ask("decodeInts", encoded)) as [bigint, bigint[], bigint[]];
      expect(Number(dtype)).to.equal(DTYPES[tensor.dtype].code);
      expect(Array.from(dims, Number)).to.deep.equal(tensor.dims);
      expect(Array.from(values)).to.deep.equal(tensor.data);
    }

    for (const vector of vectors("tensor/good.json") as TensorVector[]) {
      it(`reads ${vector.name} alike`, async () => expectSame(tensorOf(vector), vector.hex));
    }

    for (const vector of vectors("tensor/refused.json") as RefusedVector[]) {
      it(`refuses ${vector.name} in Solidity`, async () => {
        expect(await refusal("requireCanonical", vector.hex)).to.equal(vector.error);
      });
    }

    it("reads random tensors of every dtype alike", async () => {
      for (const dtype of Object.keys(DTYPES) as Dtype[]) {
        for (let round = 0; round < 10; round++) {
          const tensor = randomTensor(dtype);
          await expectSame(tensor, hexlify(encodeTensor(tensor)));
        }
      }
    });

    /** Noise in the form of a tensor, or, every other time, a tensor of which one byte may be another. */
    const noise = (round: number): Uint8Array => {
      if (round % 2 === 0) {
        const bytes = Uint8Array.from(encodeTensor(randomTensor(round % 4 === 0 ? "u8" : "f32")));
        if (integerBelow(2) === 0) bytes[integerBelow(bytes.length)] = integerBelow(256);
        return bytes;
      }
      const bytes = Uint8Array.from({ length: 2 + integerBelow(12) }, () => integerBelow(256));
      bytes[0] = integerBelow(12);
      bytes[1] = integerBelow(3);
      if (bytes.length > 6) bytes.set([0, 0, 0, integerBelow(9)], 2);
      return bytes;
    };

    it("accepts and refuses the same noise", async () => {
      let accepted = 0;
      for (let round = 0; round < 300; round++) {
        const bytes = noise(round);
        let good = true;
        try {
          decodeTensor(bytes);
          accepted++;
        } catch {
          good = false;
        }
        if (good) await ask("requireCanonical", bytes);
        else expect(await refusal("requireCanonical", bytes)).to.match(/^Tensor/);
      }
      expect(accepted, "some were canonical").to.be.greaterThan(3);
    });

    it("converts to and from OpenGradient's numbers alike", async () => {
      for (const dtype of Object.keys(DTYPES).filter((name) => name !== "f32") as Dtype[]) {
        for (let round = 0; round < 5; round++) {
          const tensor = randomTensor(dtype);
          const decimals = BigInt(integerBelow(9)) - 4n;
          const { values, shape } = toNumbers(tensor, { decimals });
          const encoded = hexlify(encodeTensor(tensor));
          const [theirs, theirShape] = (await ask("toNumbers", encoded, decimals)) as [[bigint, bigint][], bigint[]];
          expect(Array.from(theirs, ([value, places]) => ({ value, decimals: places }))).to.deep.equal(values);
          expect(Array.from(theirShape, Number)).to.deep.equal(shape);
          expect(await ask("fromNumbers", values, shape, DTYPES[dtype].code, decimals)).to.equal(encoded);
          const narrow = { dtype: "i8", decimals: decimals - 1n } as const;
          let mine: string | undefined;
          try {
            mine = hexlify(encodeTensor(fromNumbers({ values, shape }, narrow)));
          } catch {
            mine = undefined;
          }
          const args = [values, shape, DTYPES.i8.code, narrow.decimals] as const;
          if (mine === undefined) expect(await refusal("fromNumbers", ...args)).to.match(/^Number/);
          else expect(await ask("fromNumbers", ...args)).to.equal(mine);
        }
      }
    });
  });
});
