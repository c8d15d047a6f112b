-- Queries about computers that people keep under a name.
CREATE TABLE saved_search (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id      BIGINT NOT NULL REFERENCES account (id),
    name            TEXT NOT NULL,
    title           TEXT NOT NULL,
    search          TEXT NOT NULL,
    created_at      BIGINT NOT NULL,
    last_edited_at  BIGINT NOT NULL,
    UNIQUE (account_id, name)
);
