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
      weightBits: "Bits of a weight, 4 to 16; default: 8",
      activationBits: "Bits of an activation, 2 to 12; default: 8",
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
      { dev: "Development keys: made here in seconds, by who can forge; local chains only" },
    ),
    { ...DIR, seed: "Any text; the same seed gives the same keys; default: a random one" },
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
