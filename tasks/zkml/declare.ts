import { emptyTask } from "hardhat/config";
import { ArgumentType } from "hardhat/types/arguments";
import type { TaskDefinition } from "hardhat/types/tasks";

import { described, flags, reporting, texts } from "../shared/declare.ts";

const DIR = { dir: "Model folder that `zkml compile` made" } as const;

/** From an ONNX file to proofs. */
export const zkml: TaskDefinition[] = [
  emptyTask("zkml", "Turn an ONNX model into a circuit, prove what it answers, and check proofs").build(),
  texts(
    reporting(
      ["zkml", "compile"],
      described(
        "Compile an ONNX model to an integer graph, a runtime model and a circuit.",
        "zkml compile digits.onnx --calibration calibration.json --out build/models/digits",
      ),
    ),
    {
      model: "ONNX file of the model",
      calibration:
        "JSON file of real inputs like those to come: rows of numbers, {inputs, labels} or {input_data}; default: made-up ones",
      name: "Name of the model; default: the one in the file",
      out: "Folder to write; default: build/models/<name>",
      evaluation: "JSON file of {inputs, labels} that calibration has not seen, for the report and for --budget",
      bits: "Bits of weights and activations, 4 to 16; default: 8, and 10 for factors of products",
      bitsOf:
        "Bits by the model's node, as node=bits or node=weights/results, several with commas; names as in the report",
      budget:
        "Choose the widths: constraints=N for the least error within N, error=X for the fewest constraints within X",
      weightBits: "Bits of a weight, 4 to 16; default: 8",
      activationBits: "Bits of an activation, 2 to 12; default: 8",
      binding:
        "How public words bind input and output: auto, packed or fingerprint; default: auto, packed up to four words",
      inputVisibility: "public, or committed: requests show 32 bytes that stand for the input; default: public",
      outputVisibility: "public, or committed: answers show 32 bytes that stand for the output; default: public",
      weights:
        "constant, or committed: weights are private, and the folder's model, graph, runtime and report must stay so; default: constant",
      batch: "Inputs that one proof is for, 1 to 64; calibration data stays rows of one input; default: 1",
      dim: "Sizes of dimensions that the file leaves open, as name=size,name=size; a batch is 1 unless said",
    },
  )
    .addPositionalArgument({
      name: "file",
      description: "ONNX file of the model; the same as --model",
      type: ArgumentType.STRING_WITHOUT_DEFAULT,
      defaultValue: undefined,
    })
    .setAction(() => import("./compile.ts"))
    .build(),
  texts(
    flags(
      reporting(
        ["zkml", "setup"],
        described(
          "Make proving and verifying keys for a compiled model, and its Solidity verifier.",
          "zkml setup --dir build/models/digits --dev",
        ),
      ),
      {
        dev: "Development keys: made here in seconds, by who can forge; local chains only",
        unpinnedPtau: "Take a --ptau that is not of the perpetual powers of tau",
      },
    ),
    {
      ...DIR,
      seed: "Any text; the same seed gives the same keys; default: a random one",
      backend: "groth16, plonk or fflonk; contracts check Groth16 proofs only; default: groth16",
      ptau: "Powers-of-tau file for plonk and fflonk, in place of --dev",
    },
  )
    .setAction(() => import("./setup.ts"))
    .build(),
  texts(
    reporting(
      ["zkml", "prove"],
      described(
        "Run the model on an input and prove the answer.",
        "zkml prove --dir build/models/digits --input image.json --out proof.json",
      ),
    ),
    {
      ...DIR,
      input: "JSON file with the real input values",
      index: "Which row to take, from 0, where the file holds many",
      context: "31 bytes, in hexadecimal, that the proof is bound to; default: zeros",
      out: "File to write the proof to; default: proof.json in the model folder",
      backend: "groth16, plonk or fflonk, whose keys zkml setup made; default: groth16",
      rapidsnark: "Prove with this rapidsnark program: a path, or rapidsnark to find it on PATH; Groth16 only",
      witnessBinary: "Compute the wires with this program, made from circom's C++ output of the same circuit",
    },
  )
    .setAction(() => import("./prove.ts"))
    .build(),
  texts(
    reporting(
      ["zkml", "verify"],
      described("Check a proof off chain.", "zkml verify --dir build/models/digits --proof proof.json"),
    ),
    { ...DIR, proof: "File that `zkml prove` wrote" },
  )
    .setAction(() => import("./verify.ts"))
    .build(),
];
