/** SHA-256 of a blob, 32 bytes as 0x-prefixed lower-case hex. */
export type Digest = string;

export interface GetOptions {
  /** Most bytes that are read; checked against the blob's size before anything is read. */
  readonly maxBytes: number;
  /** Size the blob must have, where the caller knows it. */
  readonly size?: number;
}

/** Bytes by their SHA-256. What `get` gives always hashes to what was asked for. */
export interface BlobStore {
  /** Keeps `bytes` and gives their digest. Keeping the same bytes twice is no error. */
  put(bytes: Uint8Array): Promise<Digest>;

  /**
   * The bytes of `digest`, verified.
   * @throws {BlobError} when there are none, there are too many, or they hash to something else.
   */
  get(digest: Digest, options: GetOptions): Promise<Uint8Array>;

  /** Whether something is kept under `digest`; its bytes are not verified. */
  has(digest: Digest): Promise<boolean>;
}
