//! The tables of the agent's store, as the steps that lead to them.

/// Each step brings the schema to the version of its place, counted from one. A step that was
/// ever released stays as it is.
pub(super) const STEPS: [&str; 2] = [FIRST, SECOND];

const FIRST: &str = "
CREATE TABLE state (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    secure_id TEXT,
    insecure_id TEXT,
    exchange_token BLOB,
    clone_secure_id TEXT,
    server_uuid TEXT,
    server_api TEXT NOT NULL,
    -- the number of the first message the server has not confirmed
    sequence INTEGER NOT NULL,
    -- the number of the server's message wanted next
    next_expected INTEGER NOT NULL,
    -- the digest the server holds of the types this client can take
    told_types BLOB,
    exchange_interval INTEGER,
    ping_interval INTEGER
);
INSERT INTO state (only, server_api, sequence, next_expected) VALUES (1, '3.2', 0, 0);
CREATE TABLE accepted_type (name TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE outbound (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- absent while the message is held, because the server does not accept its type
    sequence INTEGER,
    kind TEXT NOT NULL,
    api TEXT NOT NULL,
    body BLOB NOT NULL,
    operation_id INTEGER
);
CREATE INDEX outbound_sequence ON outbound (sequence);
CREATE TABLE operation (
    id INTEGER PRIMARY KEY,
    body BLOB NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('taken', 'started', 'finished'))
);
CREATE TABLE reported (kind TEXT PRIMARY KEY, digest BLOB NOT NULL) WITHOUT ROWID;
";

const SECOND: &str = "
-- what makes an order the same as another of its number
ALTER TABLE operation ADD COLUMN identity BLOB NOT NULL DEFAULT x'';
-- bytes of output that were sent on
ALTER TABLE operation ADD COLUMN streamed INTEGER NOT NULL DEFAULT 0;
-- kept for a while after it was confirmed: a server that was restored may ask for it
ALTER TABLE operation ADD COLUMN result BLOB;
ALTER TABLE operation ADD COLUMN finished_at INTEGER;
-- members of lists of which only changes are reported
CREATE TABLE known (
    list TEXT NOT NULL,
    key TEXT NOT NULL,
    digest BLOB NOT NULL,
    PRIMARY KEY (list, key)
) WITHOUT ROWID;
-- numbers that the server gave to packages; absent when it did not know the package
CREATE TABLE package (
    hash BLOB PRIMARY KEY,
    id INTEGER
) WITHOUT ROWID;
-- the question about packages that waits for its answer
CREATE TABLE package_request (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    id INTEGER NOT NULL,
    asked_at INTEGER,
    -- twenty bytes each, in the order in which they were asked about
    hashes BLOB NOT NULL
);
INSERT INTO package_request (only, id, hashes) VALUES (1, 0, x'');
-- packages as the server was told of them
CREATE TABLE package_member (
    list TEXT NOT NULL,
    id INTEGER NOT NULL,
    PRIMARY KEY (list, id)
) WITHOUT ROWID;
";
