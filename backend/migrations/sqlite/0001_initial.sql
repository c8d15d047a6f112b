-- Times are microseconds since 1970 in UTC. Every row that belongs to an account carries it.

CREATE TABLE setting (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE account (
    id                  INTEGER PRIMARY KEY AUTOINCREMENT,
    name                TEXT NOT NULL UNIQUE,
    title               TEXT NOT NULL,
    -- Encrypted; see keys.rs.
    registration_key    TEXT,
    auto_register       BOOLEAN NOT NULL,
    max_pending         BIGINT NOT NULL,
    max_num_computers   BIGINT NOT NULL,
    max_num_profiles    BIGINT NOT NULL,
    min_interval        BIGINT NOT NULL,
    created_at          BIGINT NOT NULL
);

CREATE TABLE access_group (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id  BIGINT NOT NULL REFERENCES account (id),
    name        TEXT NOT NULL,
    title       TEXT NOT NULL,
    parent_id   BIGINT REFERENCES access_group (id),
    -- Ids from the root to this group, each followed by a slash: what is below starts with it.
    path        TEXT NOT NULL,
    UNIQUE (account_id, name)
);

CREATE TABLE person (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id    BIGINT NOT NULL REFERENCES account (id),
    username      TEXT NOT NULL UNIQUE,
    email         TEXT NOT NULL UNIQUE,
    name          TEXT NOT NULL,
    password_hash TEXT,
    role          TEXT NOT NULL,
    disabled      BOOLEAN NOT NULL,
    -- Tokens carry the epoch they were made in; raising it ends them all.
    token_epoch   BIGINT NOT NULL,
    created_at    BIGINT NOT NULL
);

CREATE TABLE person_access_group (
    person_id       BIGINT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    access_group_id BIGINT NOT NULL REFERENCES access_group (id) ON DELETE CASCADE,
    PRIMARY KEY (person_id, access_group_id)
);

CREATE TABLE session (
    -- Hash of the cookie: the table alone opens nothing.
    token_hash  TEXT PRIMARY KEY,
    person_id   BIGINT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL
);
CREATE INDEX session_expires ON session (expires_at);

CREATE TABLE computer (
    id                      INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id              BIGINT NOT NULL REFERENCES account (id),
    access_group_id         BIGINT NOT NULL REFERENCES access_group (id),
    -- pending, enrolled, archived or removed
    state                   TEXT NOT NULL,
    title                   TEXT NOT NULL,
    comment                 TEXT NOT NULL,
    hostname                TEXT,
    machine_id              TEXT,
    vm_info                 TEXT,
    container_info          TEXT,
    suggested_access_group  TEXT,
    total_memory            BIGINT,
    total_swap              BIGINT,
    distributor             TEXT,
    distribution            TEXT,
    description             TEXT,
    code_name               TEXT,
    reboot_required         BOOLEAN NOT NULL,
    update_manager_prompt   TEXT,
    -- Documents as the agent reported them (JSON).
    processors              TEXT,
    network_devices         TEXT,
    annotations             TEXT,
    clone_of_id             BIGINT REFERENCES computer (id),
    registered_at           BIGINT NOT NULL,
    enrolled_at             BIGINT,
    last_exchange_at        BIGINT,
    last_ping_at            BIGINT,
    -- Hash of the secure id, the agent's password.
    secure_id_hash          TEXT UNIQUE,
    insecure_id             TEXT UNIQUE,
    exchange_token_hash     TEXT,
    -- Number of the agent's next message.
    expected_sequence       BIGINT NOT NULL,
    -- Number that our next new message gets.
    next_sequence           BIGINT NOT NULL,
    -- The first exchange under a new secure id sets both numbers.
    sequence_known          BOOLEAN NOT NULL,
    -- Types that the agent handles, joined by semicolons, and the list last sent to it.
    client_accepted_types   TEXT,
    sent_accepted_types     TEXT
);
CREATE INDEX computer_account ON computer (account_id, state, title);
CREATE INDEX computer_group ON computer (access_group_id);

CREATE TABLE computer_tag (
    computer_id BIGINT NOT NULL REFERENCES computer (id) ON DELETE CASCADE,
    tag         TEXT NOT NULL,
    PRIMARY KEY (computer_id, tag)
);
CREATE INDEX computer_tag_tag ON computer_tag (tag, computer_id);

CREATE TABLE script (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id      BIGINT NOT NULL REFERENCES account (id),
    access_group_id BIGINT NOT NULL REFERENCES access_group (id),
    title           TEXT NOT NULL,
    script_type     TEXT NOT NULL,
    status          TEXT NOT NULL,
    version_number  BIGINT NOT NULL,
    interpreter     TEXT NOT NULL,
    code            TEXT NOT NULL,
    time_limit      BIGINT NOT NULL,
    username        TEXT,
    created_by      BIGINT REFERENCES person (id),
    created_at      BIGINT NOT NULL,
    edited_by       BIGINT REFERENCES person (id),
    edited_at       BIGINT NOT NULL
);
CREATE UNIQUE INDEX script_title ON script (account_id, title) WHERE status = 'ACTIVE';

CREATE TABLE script_version (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    script_id       BIGINT NOT NULL REFERENCES script (id),
    version_number  BIGINT NOT NULL,
    title           TEXT NOT NULL,
    interpreter     TEXT NOT NULL,
    code            TEXT NOT NULL,
    created_by      BIGINT REFERENCES person (id),
    created_at      BIGINT NOT NULL,
    UNIQUE (script_id, version_number)
);

CREATE TABLE script_profile (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id      BIGINT NOT NULL REFERENCES account (id),
    access_group_id BIGINT NOT NULL REFERENCES access_group (id),
    script_id       BIGINT NOT NULL REFERENCES script (id),
    title           TEXT NOT NULL,
    all_computers   BOOLEAN NOT NULL,
    time_limit      BIGINT NOT NULL,
    username        TEXT NOT NULL,
    trigger_type    TEXT NOT NULL,
    event_type      TEXT,
    run_at          BIGINT,
    cron            TEXT,
    start_after     BIGINT,
    -- Counts the changes of the trigger: the same time may come again after one.
    trigger_version BIGINT NOT NULL,
    next_run_at     BIGINT,
    last_planned_at BIGINT,
    last_run_at     BIGINT,
    created_by      BIGINT REFERENCES person (id),
    created_at      BIGINT NOT NULL,
    edited_at       BIGINT NOT NULL,
    archived_at     BIGINT
);
CREATE UNIQUE INDEX script_profile_title ON script_profile (account_id, title) WHERE archived_at IS NULL;
CREATE INDEX script_profile_due ON script_profile (next_run_at) WHERE next_run_at IS NOT NULL;
CREATE INDEX script_profile_script ON script_profile (script_id);
CREATE INDEX script_profile_created ON script_profile (account_id, created_at);

CREATE TABLE script_profile_tag (
    script_profile_id BIGINT NOT NULL REFERENCES script_profile (id) ON DELETE CASCADE,
    tag               TEXT NOT NULL,
    PRIMARY KEY (script_profile_id, tag)
);

CREATE TABLE activity (
    id                    INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id            BIGINT NOT NULL REFERENCES account (id),
    access_group_id       BIGINT NOT NULL REFERENCES access_group (id),
    parent_id             BIGINT REFERENCES activity (id),
    activity_type         TEXT NOT NULL,
    summary               TEXT NOT NULL,
    status                TEXT NOT NULL,
    creator_id            BIGINT REFERENCES person (id),
    computer_id           BIGINT REFERENCES computer (id),
    script_profile_id     BIGINT REFERENCES script_profile (id),
    script_id             BIGINT REFERENCES script (id),
    script_version        BIGINT,
    username              TEXT,
    time_limit            BIGINT,
    deliver_delay_window  BIGINT NOT NULL,
    deliver_after         BIGINT,
    created_at            BIGINT NOT NULL,
    modified_at           BIGINT NOT NULL,
    approved_at           BIGINT,
    delivered_at          BIGINT,
    completed_at          BIGINT,
    result_code           BIGINT,
    result_text           TEXT,
    exit_code             BIGINT,
    output_truncated      BOOLEAN NOT NULL
);
CREATE INDEX activity_parent ON activity (parent_id, status);
CREATE INDEX activity_created ON activity (account_id, created_at, id);
CREATE INDEX activity_profile ON activity (script_profile_id, id) WHERE parent_id IS NULL;
CREATE INDEX activity_scheduled ON activity (deliver_after) WHERE status = 'scheduled';
CREATE INDEX activity_undelivered ON activity (computer_id, id) WHERE status = 'undelivered';

-- Each time a profile fired, once: the constraint is what makes it so.
CREATE TABLE profile_run (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    script_profile_id BIGINT NOT NULL REFERENCES script_profile (id),
    -- The trigger's version and the planned time, or the computer that enrolled.
    occurrence        TEXT NOT NULL,
    due_at            BIGINT NOT NULL,
    fired_at          BIGINT NOT NULL,
    -- ran, or empty when no computer was associated
    outcome           TEXT NOT NULL,
    activity_id       BIGINT REFERENCES activity (id),
    UNIQUE (script_profile_id, occurrence)
);

CREATE TABLE activity_output (
    activity_id BIGINT NOT NULL REFERENCES activity (id),
    seq         BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    -- Bytes of the output before this piece.
    byte_offset BIGINT NOT NULL,
    text        TEXT NOT NULL,
    PRIMARY KEY (activity_id, seq)
);

-- Messages handed to an agent and not confirmed yet. They are sent again as they were.
CREATE TABLE agent_message (
    computer_id BIGINT NOT NULL REFERENCES computer (id) ON DELETE CASCADE,
    sequence    BIGINT NOT NULL,
    activity_id BIGINT REFERENCES activity (id),
    body        BLOB NOT NULL,
    PRIMARY KEY (computer_id, sequence)
);
