import {
  boundWords,
  encodeSignatureEvidence,
  encodeTeeEvidence,
  encodeZkmlEvidence,
  type PortVisibility,
  SIGNATURE_V1,
  type Statement,
  statementDigest,
  statementOf,
  signStatement,
  TEE_V1,
  verifyReceipt,
  ZKML_V1,
  zkContext,
} from "@assay/sdk";
import { hexlify, type Signer } from "ethers";

import { type Hub, requestOf } from "../hub/hub.ts";
import type { Model, ModelHost } from "../infer/host.ts";
import type { Journal } from "../journal/journal.ts";
import type { JournalEntry } from "../journal/types.ts";
import type { NodeMetrics } from "../metrics.ts";
import type { OpeningStore } from "../openings/store.ts";
import type { HeadTracker } from "../supervise/head.ts";
import { requireHead } from "../supervise/require-head.ts";
import type { Stage, StageContext } from "../supervise/stage.ts";
import { ProveError, ProveErrorCode } from "./errors.ts";
import type { EnclaveSigner } from "./types.ts";

/** Keys that evidence is made with; one that is missing means that its kind is not served. */
export interface ProveKeys {
  /** Registered signer of the node, for SIGNATURE. */
  readonly signer: Signer | undefined;
  /** Key registered under the served enclave policy, for TEE. */
  readonly enclave: EnclaveSigner | undefined;
  /** Account that the evidence names to be paid. */
  readonly payee: string;
}

export interface ProveDependencies {
  readonly hub: Hub;
  readonly journal: Journal;
  readonly models: ModelHost;
  readonly head: HeadTracker;
  readonly metrics: NodeMetrics;
  readonly openings: OpeningStore;
}

/** Makes one piece of evidence for each selector of the request, and checks all of it before it is kept. */
export class ProveService implements Stage {
  readonly name = "prove";
  readonly takes = "inferred";
  readonly #of: ProveDependencies;
  readonly #keys: ProveKeys;

  constructor(dependencies: ProveDependencies, keys: ProveKeys) {
    this.#of = dependencies;
    this.#keys = keys;
  }

  async run(entry: JournalEntry, { signal, log }: StageContext): Promise<void> {
    const { hub, journal, models, metrics } = this.#of;
    const request = requestOf(entry);
    // Present in this state: it was written together with it.
    const output = entry.output!;
    const statement = statementOf({ chainId: hub.chainId, hub: hub.address }, request, output, this.#keys.payee);
    const make = async (model: Model | undefined): Promise<string[]> => {
      const evidence: string[] = [];
      for (const selector of request.proofs) {
        const end = metrics.proofSeconds.startTimer({ selector });
        evidence.push(await this.#make(selector, statement, entry.input, output, model));
        log.debug({ selector, seconds: end() }, "evidence made");
      }
      await this.#check(statement, output, evidence, request.proofs, model);
      return evidence;
    };
    const at = requireHead(this.#of.head).number;
    const zk = request.proofs.includes(ZKML_V1);
    const evidence = zk ? await models.use(request.version, at, make, signal) : await make(undefined);
    journal.advance(entry.id, "inferred", "proved", { evidence });
  }

  async #make(
    selector: string,
    statement: Statement,
    input: Uint8Array,
    output: Uint8Array,
    model: Model | undefined,
  ): Promise<string> {
    const { signer, enclave } = this.#keys;
    if (selector === SIGNATURE_V1 && signer !== undefined) {
      return encodeSignatureEvidence(await signStatement(signer, statement, SIGNATURE_V1));
    }
    if (selector === TEE_V1 && enclave !== undefined) {
      return encodeTeeEvidence(await enclave.signStatement(statementDigest(statement, TEE_V1)));
    }
    const prover = selector === ZKML_V1 ? await model?.prover() : undefined;
    if (prover === undefined) {
      const words = `No evidence for ${selector} can be made for version ${statement.version}; see kinds and the manifest.`;
      throw new ProveError(ProveErrorCode.NoProver, words);
    }
    const { binding } = model!.files;
    const context = zkContext(statement);
    const [given, made] = [await this.#opened(binding.input, input), await this.#opened(binding.output, output)];
    const { proof, words } = await prover.prove({
      context,
      input: given.encoding,
      output: made.encoding,
      ...(given.salt === undefined ? {} : { inputSalt: given.salt }),
      ...(made.salt === undefined ? {} : { outputSalt: made.salt }),
    });
    const fingerprint = binding.mode === "fingerprint" ? words[0] : undefined;
    const expected = boundWords(binding, {
      context,
      input,
      output,
      ...(fingerprint === undefined ? {} : { fingerprint }),
    });
    if (words.length !== expected.length || words.some((word, index) => word !== expected[index])) {
      const said = `The prover bound ${words.length} public words that are not the statement's ${expected.length}.`;
      throw new ProveError(ProveErrorCode.WordsDiffer, `${said} Its circuit is of another layout; compile again.`);
    }
    return encodeZkmlEvidence(proof, input, fingerprint);
  }

  /** What a port's bytes stand for: themselves, or the encoding and salt that open them. */
  async #opened(
    visibility: PortVisibility,
    bytes: Uint8Array,
  ): Promise<{ readonly encoding: Uint8Array; readonly salt?: Uint8Array }> {
    return visibility === "public" ? { encoding: bytes } : await this.#of.openings.get(hexlify(bytes));
  }

  /** The same checks as the contracts make, so that nothing is paid for sending evidence that would be refused. */
  async #check(
    statement: Statement,
    output: Uint8Array,
    evidence: readonly string[],
    requires: readonly string[],
    model: Model | undefined,
  ): Promise<void> {
    const { signer, enclave } = this.#keys;
    const { holds, verdicts } = verifyReceipt(
      { statement, output: hexlify(output), evidence, issuedAt: 0 },
      {
        requires,
        signers: signer === undefined ? [] : [await signer.getAddress()],
        enclaveKeys: enclave === undefined ? [] : [enclave.address],
        ...(model?.files.zk !== undefined && {
          verifyingKey: model.files.zk.verifyingKey,
          binding: model.files.binding,
        }),
      },
    );
    if (holds) return;
    const bad = verdicts.filter((verdict) => !verdict.holds).map(({ selector, reason }) => `${selector} ${reason}`);
    const words = `Evidence that was just made does not hold (${bad.join(", ")}); nothing was sent. Check keys and circuit.`;
    throw new ProveError(ProveErrorCode.EvidenceDoesNotHold, words);
  }
}
