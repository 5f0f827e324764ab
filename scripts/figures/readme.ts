import { GOALS } from "./goals.ts";
import type { Figures } from "./measure.ts";

const START = "<!-- figures: npm run figures -- --readme -->";
const END = "<!-- /figures -->";

const LABELS: Readonly<Record<string, string>> = {
  "gas.request.32": "request, 32-byte input, native escrow",
  "gas.fulfil.signature": "answer by signature, 32-byte output",
  "gas.fulfil.signature.callback": "the same, with a callback that writes one slot",
  "gas.fulfil.signature.stored": "the same as the first, result kept on chain",
  "gas.fulfil.tee": "answer by enclave (secp256k1 key)",
  "gas.fulfil.zkml": "answer by zk proof, digits model, 3 public words and the context",
  "gas.fulfil.tee.zkml": "answer by enclave and zk proof together",
  "gas.settleSigned.signature": "request signed off chain and answered, one transaction",
  "gas.reclaim": "payment back after the deadline",
  "zk.digits.constraints": "constraints of the digits circuit, 64-32-10, binding included",
  "zk.digits.prove.ms": "warm proof with snarkjs, 2 cores, median of 20, ms",
  "zk.mlp784.constraints": "constraints, MLP 784-32-10 (circomlib-ml: 44,499)",
  "zk.mnistcnn.constraints": "products, CNN of circomlib-ml's own test (there: 1,965,828)",
  "zk.lenet5.constraints": "constraints, LeNet-5 (circomlib-ml: 2,703,268)",
  "zk.mlp784.prove.s": "warm proof, MLP 784-32-10, witness excluded, s",
  "zk.lenet5.prove.s": "warm proof, LeNet-5, witness included, s",
  "zk.lenet5.rss.mb": "most memory while LeNet-5 is set up and proven, MB",
  "zk.setup.dev.2e17.s": "development setup of 2^17 rows, s",
  "model.digits.accuracy.float": "accuracy on the held-out split, float",
  "model.digits.accuracy.integer": "accuracy on the held-out split, integer",
};

/** The figures as a Markdown table. */
export function readmeTable(figures: Figures): string {
  const rows = Object.entries(LABELS).map(([key, label]) => {
    const goal = GOALS[key];
    return `| ${label} | \`${key}\` | ${show(figures[key]!)} | ${goal === undefined ? "" : show(goal)} |`;
  });
  return ["| what | key | measured | goal |", "| --- | --- | ---: | ---: |", ...rows].join("\n");
}

/** `text` with what stands between the figure marks replaced. Throws when the marks are not there. */
export function replaceTable(text: string, table: string): string {
  const [from, to] = [text.indexOf(START), text.indexOf(END)];
  if (from === -1 || to < from) throw new Error(`README.md lacks the marks ${START} and ${END}.`);
  return `${text.slice(0, from + START.length)}\n\n${table}\n\n${text.slice(to)}`;
}

function show(value: number): string {
  return Number.isInteger(value) ? value.toLocaleString("en") : String(Number(value.toFixed(4)));
}
