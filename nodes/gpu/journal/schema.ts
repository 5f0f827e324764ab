/** Version of the tables; a journal with another one is refused. */
export const SCHEMA_VERSION = 1;

/** The tables. One file serves one chain and hub, named in `meta`. */
export const SCHEMA = `
  CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS requests (
    chain_id TEXT NOT NULL,
    hub TEXT NOT NULL,
    request_id TEXT NOT NULL,
    state TEXT NOT NULL,
    packed TEXT NOT NULL,
    input BLOB NOT NULL,
    block_number INTEGER NOT NULL,
    block_hash TEXT NOT NULL,
    reason TEXT,
    detail TEXT,
    output BLOB,
    evidence TEXT,
    failures INTEGER NOT NULL DEFAULT 0,
    not_before INTEGER NOT NULL DEFAULT 0,
    mark_block INTEGER,
    mark_hash TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (chain_id, hub, request_id)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS requests_by_state ON requests (state, not_before);
  CREATE TABLE IF NOT EXISTS transactions (
    hash TEXT PRIMARY KEY,
    request_id TEXT NOT NULL,
    sender TEXT NOT NULL,
    nonce INTEGER NOT NULL,
    raw TEXT NOT NULL,
    purpose TEXT NOT NULL,
    max_fee TEXT NOT NULL,
    tip TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS transactions_by_request ON transactions (request_id);
  CREATE INDEX IF NOT EXISTS transactions_by_nonce ON transactions (sender, nonce);
`;
