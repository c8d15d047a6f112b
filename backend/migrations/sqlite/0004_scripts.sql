-- Files that a script finds beside it where it runs. A redacted script has none.
CREATE TABLE script_attachment (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    script_id   BIGINT NOT NULL REFERENCES script (id) ON DELETE CASCADE,
    filename    TEXT NOT NULL,
    content     BLOB NOT NULL,
    -- Bytes of the content, so that limits and lists do not read it.
    size        BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    UNIQUE (script_id, filename)
);
