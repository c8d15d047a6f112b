-- Sessions get a number by which they can be named and ended, and what is known of their use.
CREATE TABLE session_new (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    -- Hash of the cookie: the table alone opens nothing.
    token_hash        TEXT NOT NULL UNIQUE,
    person_id         BIGINT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    created_at        BIGINT NOT NULL,
    -- End of the cookie, and of the bearer token that was given with it.
    expires_at        BIGINT NOT NULL,
    token_expires_at  BIGINT NOT NULL,
    last_used_at      BIGINT NOT NULL,
    address           TEXT,
    user_agent        TEXT
);
INSERT INTO session_new (token_hash, person_id, created_at, expires_at, token_expires_at, last_used_at)
    SELECT token_hash, person_id, created_at, expires_at, expires_at, created_at FROM session;
DROP TABLE session;
ALTER TABLE session_new RENAME TO session;
CREATE INDEX session_expires ON session (expires_at);
CREATE INDEX session_person ON session (person_id, last_used_at);

-- Keys for signed requests. The secret is encrypted, not hashed: checking a signature needs it.
CREATE TABLE access_key (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    person_id         BIGINT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    access_key        TEXT NOT NULL UNIQUE,
    secret_key        TEXT NOT NULL,
    title             TEXT NOT NULL,
    -- The one pair that `credentials` shows and replaces.
    is_default        BOOLEAN NOT NULL,
    created_at        BIGINT NOT NULL,
    last_used_at      BIGINT,
    last_address      TEXT
);
CREATE INDEX access_key_person ON access_key (person_id);

-- Signatures of changing requests that were taken, so that they are not taken again later.
CREATE TABLE spent_signature (
    digest      TEXT PRIMARY KEY,
    first_at    BIGINT NOT NULL
);
CREATE INDEX spent_signature_first ON spent_signature (first_at);

-- What people did, and what the server did for them.
CREATE TABLE event (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id   BIGINT NOT NULL REFERENCES account (id),
    created_at   BIGINT NOT NULL,
    person_id    BIGINT REFERENCES person (id) ON DELETE SET NULL,
    -- As it was then: people are renamed.
    person_name  TEXT,
    entity_type  TEXT NOT NULL,
    entity_id    BIGINT,
    entity_name  TEXT NOT NULL,
    message      TEXT NOT NULL
);
CREATE INDEX event_created ON event (account_id, created_at, id);

-- Days that events are kept; negative: for ever.
ALTER TABLE account ADD COLUMN audit_retention_period BIGINT NOT NULL DEFAULT -1;

ALTER TABLE person ADD COLUMN timezone TEXT NOT NULL DEFAULT 'UTC';
ALTER TABLE person ADD COLUMN preferred_account TEXT;
ALTER TABLE person ADD COLUMN last_login_at BIGINT;
ALTER TABLE person ADD COLUMN last_login_host TEXT;
