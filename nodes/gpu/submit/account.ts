import { keccak256 } from "ethers";

import { Mutex } from "../../shared/async/mutex.ts";
import type { Chain } from "../../shared/chain/chain.ts";
import type { Journal } from "../journal/journal.ts";
import type { JournalTransaction, TransactionPurpose } from "../journal/types.ts";
import type { FeeOffer, TransactionSigner } from "./types.ts";

/** What to sign, but for its nonce. */
export interface Draft {
  readonly requestId: string;
  readonly to: string;
  readonly data: string;
  readonly gasLimit: bigint;
  readonly purpose: TransactionPurpose;
  readonly fees: FeeOffer;
}

/**
 * The account that sends: the one owner of its nonces in this process. A nonce is taken and written into the journal with
 * the signed bytes before anybody can see them, so a nonce never means two requests.
 */
export class SendingAccount {
  readonly address: string;
  readonly #signer: TransactionSigner;
  readonly #chain: Chain;
  readonly #chainId: bigint;
  readonly #journal: Journal;
  readonly #turn = new Mutex();

  private constructor(address: string, signer: TransactionSigner, chain: Chain, chainId: bigint, journal: Journal) {
    this.address = address;
    this.#signer = signer;
    this.#chain = chain;
    this.#chainId = chainId;
    this.#journal = journal;
  }

  static async open(
    signer: TransactionSigner,
    chain: Chain,
    chainId: bigint,
    journal: Journal,
  ): Promise<SendingAccount> {
    return new SendingAccount(await signer.getAddress(), signer, chain, chainId, journal);
  }

  /** Signs `draft` with the next nonce and gives it to `keep` before the nonce can be taken again. */
  async signNext(draft: Draft, keep: (transaction: JournalTransaction) => void, signal?: AbortSignal): Promise<void> {
    await this.#turn.run(async () => {
      const mined = await this.#chain.nonce(this.address, signal);
      const nonce = Math.max(mined, (this.#journal.highestNonce(this.address) ?? -1) + 1);
      keep(await this.sign(draft, nonce));
    });
  }

  /** Signs `draft` with a nonce that is the request's already. */
  async sign(draft: Draft, nonce: number): Promise<JournalTransaction> {
    const { to, data, gasLimit, fees } = draft;
    const price =
      fees.tip === undefined
        ? ({ type: 0, gasPrice: fees.maxFee } as const)
        : ({ type: 2, maxFeePerGas: fees.maxFee, maxPriorityFeePerGas: fees.tip } as const);
    const common = { chainId: this.#chainId, to, nonce, gasLimit, data, value: 0n };
    const raw = await this.#signer.signTransaction({ ...common, ...price });
    return {
      hash: keccak256(raw),
      requestId: draft.requestId,
      sender: this.address.toLowerCase(),
      nonce,
      raw,
      purpose: draft.purpose,
      maxFee: fees.maxFee,
      tip: fees.tip ?? 0n,
      state: "signed",
      createdAt: Date.now(),
    };
  }
}
