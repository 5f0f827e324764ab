// `npm run demo`: one chain in this process, a real model, real inputs, three kinds of proof; then every way to cheat.
// `-- --json FILE` writes the same as data. Ends with 1 when anything unexpected happened.
import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { parseArgs } from "node:util";

import Table from "cli-table3";

import { heldOutImages } from "../support/digits.ts";
import { Progress } from "../support/progress.ts";
import { createWorld, ETHER, type World } from "../support/world.ts";
import { type Accepted, askBounty, askNode, askSigned, KINDS, nodeOf } from "./accepted.ts";
import { drawDigit } from "./draw.ts";
import { enclaveForgeries } from "./forgeries-enclave.ts";
import { signatureForgeries } from "./forgeries-signature.ts";
import { signedForgeries, signHonest } from "./forgeries-signed.ts";
import { combinedForgeries, zkForgeries } from "./forgeries-zk.ts";
import { type Forgery, type Refusal, tryAnswer } from "./forgery.ts";
import { openHonest, POLICIES } from "./honest.ts";
import { type EvidenceRow, realEvidence } from "./real-evidence.ts";

const IMAGES_PER_KIND = 3;

const { values } = parseArgs({ options: { json: { type: "string" } } });
const progress = new Progress();
const unexpected: string[] = [];

const world = await createWorld((step) => progress.step(step));
progress.done(`chain ${world.chainId} ready: model published, node bonded, enclave attested, verifier deployed`);
const accepted = await honestAnswers(world);
const refused = await forgeries(world);
await world.close();
const evidence = await machines();

if (values.json !== undefined) {
  const rows = accepted.map(({ kind, gas, ms, correct }) => ({ kind, gas, ms, correct }));
  const data = {
    accepted: rows,
    refused: refused.map(({ name, error }) => ({ name, error })),
    evidence: evidence.map(({ evidence: what, asked, answer, gas }) => ({
      evidence: what,
      asked,
      answer,
      gas: gas === undefined ? null : Number(gas),
    })),
    unexpected,
  };
  await mkdir(dirname(values.json), { recursive: true });
  await writeFile(values.json, `${JSON.stringify(data, null, 2)}\n`);
  console.log(`Written to ${values.json}.`);
}
const genuine = evidence.filter(({ gas }) => gas !== undefined);
console.log(
  unexpected.length === 0
    ? `${accepted.length} honest answers accepted, ${refused.length} forgeries refused; real hardware's evidence: ` +
        `${genuine.length} times genuine, ${evidence.length - genuine.length} times refused; nothing unexpected.`
    : `UNEXPECTED:\n${unexpected.map((line) => `  ${line}`).join("\n")}`,
);
process.exitCode = unexpected.length === 0 ? 0 : 1;

/** Has the GPU node answer real images under every policy, and shows the table. */
async function honestAnswers(on: World): Promise<readonly Accepted[]> {
  const images = await heldOutImages();
  const node = nodeOf(on);
  await node.start();
  const answers: Accepted[] = [];
  let next = 0;
  try {
    for (const kind of KINDS) {
      for (let i = 0; i < IMAGES_PER_KIND; i++) {
        progress.step(`asking the node: ${kind}, image ${i + 1} of ${IMAGES_PER_KIND}`);
        answers.push(await askNode(on, images[next++]!, kind));
      }
    }
    progress.step("asking through the bounty contract");
    const image = images.find(({ label }, index) => index >= next && label > 0)!;
    const { accepted: answer, bounty } = await askBounty(on, image);
    answers.push(answer);
    if (bounty.digit !== answer.answer || bounty.bounty !== (BigInt(bounty.digit) * ETHER) / 100n) {
      unexpected.push(`the bounty contract paid ${bounty.bounty} wei for ${bounty.digit}`);
    }
    progress.step("settling a request signed off chain");
    answers.push(await askSigned(on, images[next]!));
    const first = images[0]!;
    progress.done("the GPU node answered every request");
    console.log(`\nOne of the images (row ${first.row}, a handwritten ${first.label}):\n${drawDigit(first.pixels)}\n`);
  } finally {
    await node.stop();
  }
  const table = new Table({
    head: ["image", "label", "answer", "kind", "latency", "gas", "verdict"],
    colAligns: ["right", "right", "right", "left", "right", "right", "left"],
    style: { head: [], border: [] },
  });
  for (const { image, label, answer, kind, gas, ms } of answers) {
    table.push([image, label, answer, kind, `${ms} ms`, gas.toLocaleString("en"), "accepted"]);
  }
  console.log(table.toString());
  console.log(
    "Latency runs from sending the request to seeing its answer; gas is that of the settling transaction (the first\n" +
      "payment to an account costs 17,100 more than later ones).\n",
  );
  return answers;
}

/** Tries every forgery on honest answers that are shown to be accepted otherwise. */
async function forgeries(on: World): Promise<readonly Refusal[]> {
  const images = await heldOutImages();
  const [image, second] = [images[20]!, images[21]!];
  const refusals: Refusal[] = [];
  const run = async (group: string, control: Promise<string | undefined>, list: readonly Forgery[]): Promise<void> => {
    const controlled = await control;
    if (controlled !== undefined) unexpected.push(`honest ${group} answer refused: ${controlled}`);
    for (const { name, expected, attempt } of list) {
      progress.step(`forging: ${name}`);
      const error = (await attempt(on)) ?? "accepted";
      refusals.push({ name, expected, error });
      if (error !== expected) unexpected.push(`"${name}": expected ${expected}, got ${error}`);
    }
  };
  const open = async (kind: string, of = image) => await openHonest(on, of, POLICIES[kind]!);
  const wrong = on.answer(on.encodeImage(images.find(({ label }) => label !== image.label)!.pixels));

  progress.step("opening requests to forge answers to");
  const signature = await open("SIGNATURE");
  await run("SIGNATURE", tryAnswer(on.hub, signature), signatureForgeries(signature, wrong));
  const tee = await open("TEE");
  await run("TEE", tryAnswer(on.hub, tee), enclaveForgeries(tee, wrong));
  const zk = await open("ZKML");
  const otherZk = await open("ZKML", second);
  await run("ZKML", tryAnswer(on.hub, zk), zkForgeries(zk, otherZk, wrong));
  const both = await open("TEE + ZKML");
  await run("TEE + ZKML", tryAnswer(on.hub, both), combinedForgeries(both));
  const signed = await signHonest(on, image, 1n);
  await run("signed", Promise.resolve(undefined), signedForgeries(signed));
  progress.done(`${refusals.length} forgeries tried`);

  const table = new Table({ head: ["forgery", "refused with"], style: { head: [], border: [] } });
  for (const { name, error } of refusals) table.push([name, error]);
  console.log(`\n${table.toString()}`);
  return refusals;
}

/** Shows evidence that real machines gave to the contracts that judge it. */
async function machines(): Promise<readonly EvidenceRow[]> {
  const found = await realEvidence((step) => progress.step(step));
  progress.done("recorded evidence of real machines judged on a chain of its time");
  const table = new Table({
    head: ["evidence", "asked", "answer", "gas"],
    colAligns: ["left", "left", "left", "right"],
    style: { head: [], border: [] },
  });
  for (const { evidence: what, asked, answer, expected, gas } of found) {
    table.push([what, asked, answer, gas?.toLocaleString("en") ?? ""]);
    if (answer !== expected) unexpected.push(`"${what}", ${asked}: expected ${expected}, got ${answer}`);
  }
  console.log(`\n${table.toString()}\n`);
  return found;
}
