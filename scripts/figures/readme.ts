import { GOALS, LEAST } from "./goals.ts";
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
  "gas.zkml.784": "the same about a public image of 784 bytes, none zero, by fingerprint",
  "gas.groth16.verify.1": "the generated verifier alone, one public word",
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
  "zk.onnx.shared": "of 50 models of other people: compiled whole, bit-exact, within 2 % of float",
  "zk.onnx.proved": "of those, proven and accepted by the generated contract",
  "zk.vs.ezkl.time": "EZKL's proving time over ours, geometric mean",
  "zk.vs.ezkl.memory": "EZKL's peak memory over ours, geometric mean",
  "gas.sha384.block": "SHA-384, each block of 128 bytes (nitro-validator: 231,000)",
  "gas.p384.verify": "P-384 signature, hints in calldata included (nitro-validator: 5.40M)",
  "gas.nitro.document.warm": "AWS Nitro document, certificates cached (nitro-validator: 13.88M)",
  "gas.nitro.cold": "AWS Nitro document and whole chain, one transaction (nitro-validator: 41.9M in five)",
  "gas.tdx.verify": "Intel TDX quote, machine's certificate cached (Automata: 3.96M)",
  "gas.tdx.verify.noprecompile": "the same on a chain without the P-256 precompile",
  "gas.tdx.register": "registering an enclave's key with a TDX quote",
  "gas.tdx.tcbinfo": "putting Intel's TCB Info (Automata: 9.00M)",
  "gas.tdx.pckcrl": "putting a list of revoked machines (Automata: 3.12M)",
  "gas.tdx.qeidentity": "putting the identity of the quoting enclave (Automata: 1.46M)",
  "gas.receipt.secp256k1": "check of one enclave signature, secp256k1",
  "gas.receipt.p256": "check of one enclave signature, P-256",
  "gas.receipt.rsa2048": "check of one enclave signature, RSA-2048",
  "model.digits.accuracy.float": "accuracy on the held-out split, float",
  "model.digits.accuracy.integer": "accuracy on the held-out split, integer",
};

/** The figures as a Markdown table. */
export function readmeTable(figures: Figures): string {
  const rows = Object.entries(LABELS)
    .filter(([key]) => figures[key] !== undefined)
    .map(([key, label]) => {
      const [most, least] = [GOALS[key], LEAST[key]];
      const goal = most === undefined ? (least === undefined ? "" : `at least ${show(least)}`) : show(most);
      return `| ${label} | \`${key}\` | ${show(figures[key]!)} | ${goal} |`;
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
