import { emptyTask } from "hardhat/config";
import type { TaskDefinition } from "hardhat/types/tasks";

import { described, flags, reporting, texts } from "../../shared/declare.ts";

const CIRCUIT = {
  dir: "Model folder that `zkml compile` made, for its circuit",
  constraints: "The circuit's .r1cs file, where there is no model folder",
} as const;
const PTAU = {
  ptau: "Powers-of-tau file; default: the perpetual powers of tau, from build/ptau or downloaded into it",
  ptauUrl: "Folder on the web that the powers of tau are downloaded from; default: the one that snarkjs names",
} as const;
const UNPINNED = {
  unpinnedPtau: "Take a --ptau that is not of the perpetual powers of tau; the setup says so for ever",
} as const;

/** Keys that many people make together, none of whom can forge. */
export const ceremony: TaskDefinition[] = [
  emptyTask(
    ["zkml", "ceremony"],
    "Make keys that many people contribute to; one of them who is honest makes the keys safe",
  ).build(),
  texts(
    flags(
      reporting(
        ["zkml", "ceremony", "init"],
        described(
          "Begin a ceremony: make the key that the first contributor takes.",
          "zkml ceremony init --dir build/models/digits --out ceremony/0000.zkey",
        ),
      ),
      UNPINNED,
    ),
    { ...CIRCUIT, ...PTAU, out: "Key to write" },
  )
    .setAction(() => import("./init.ts"))
    .build(),
  texts(
    flags(
      reporting(
        ["zkml", "ceremony", "contribute"],
        described(
          "Add a secret of yours to a key, and forget it; with a circuit, check the key first.",
          "zkml ceremony contribute --from 0000.zkey --to 0001.zkey --name alice",
          "zkml ceremony contribute --from 0000.zkey --to 0001.zkey --name alice --constraints model.r1cs",
        ),
      ),
      UNPINNED,
    ),
    {
      from: "Key that you were given",
      to: "Key to write, for the next one",
      name: "Who you are, for all to read; up to 64 characters",
      entropy: "Any text, used beside the random numbers of this machine",
      ...CIRCUIT,
      ...PTAU,
    },
  )
    .setAction(() => import("./contribute.ts"))
    .build(),
  texts(
    reporting(
      ["zkml", "ceremony", "beacon"],
      described(
        "Close a ceremony with a public random value that nobody could foresee.",
        `zkml ceremony beacon --from 0002.zkey --to final.zkey --value ${"0123456789abcdef".repeat(4)} --name "drand round 1"`,
      ),
    ),
    {
      from: "Key of the last contributor",
      to: "Key to write",
      value: "32 bytes in hexadecimal that were announced before they could be known",
      iterations: "n, where the value is hashed 2^n times, 10 to 24; default: 10",
      name: "Where the value is from; default: beacon",
    },
  )
    .setAction(() => import("./beacon.ts"))
    .build(),
  texts(
    flags(
      reporting(
        ["zkml", "ceremony", "verify"],
        described(
          "Check a key from circuit and powers of tau to its last contribution, and print who contributed.",
          "zkml ceremony verify --dir build/models/digits --zkey final.zkey",
          "zkml ceremony verify --dir build/models/digits",
        ),
      ),
      UNPINNED,
    ),
    { ...CIRCUIT, ...PTAU, zkey: "Key to check; default: the model folder's own, with what its setup.json says" },
  )
    .setAction(() => import("./verify.ts"))
    .build(),
  texts(
    flags(
      reporting(
        ["zkml", "ceremony", "finalise"],
        described(
          "Check a closed ceremony, and make its key the model's, with a Solidity verifier for any network.",
          "zkml ceremony finalise --dir build/models/digits --zkey final.zkey",
        ),
      ),
      { ...UNPINNED, withoutBeacon: "Take a key that no beacon closed: its last contributor could choose among keys" },
    ),
    {
      ...CIRCUIT,
      ...PTAU,
      zkey: "Key that the beacon made",
      out: "Folder in which the setup gets a folder of its own, with --constraints; default: build/setup",
    },
  )
    .setAction(() => import("./finalise.ts"))
    .build(),
];
