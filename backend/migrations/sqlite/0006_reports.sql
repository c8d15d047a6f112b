-- What agents report beyond the facts that are columns of `computer`.

-- Every package that any computer ever named, once for the whole server.
CREATE TABLE package (
    -- Drawn from the hash, so that a restored database gives the same package the same number.
    id              INTEGER PRIMARY KEY,
    hash            BLOB NOT NULL UNIQUE,
    kind            BIGINT NOT NULL,
    name            TEXT NOT NULL,
    version         TEXT NOT NULL,
    section         TEXT NOT NULL,
    summary         TEXT NOT NULL,
    description     TEXT NOT NULL,
    size            BIGINT,
    installed_size  BIGINT,
    -- [[type, text], …] (JSON)
    relations       TEXT NOT NULL
);
CREATE INDEX package_name ON package (name, version);

-- Packages that mean something to a computer. Those that it could merely install are in
-- computer_available_packages: there are a hundred times as many, the same on many computers.
CREATE TABLE computer_package (
    computer_id       BIGINT NOT NULL REFERENCES computer (id) ON DELETE CASCADE,
    package_id        BIGINT NOT NULL REFERENCES package (id),
    installed         BOOLEAN NOT NULL,
    available_upgrade BOOLEAN NOT NULL,
    locked            BOOLEAN NOT NULL,
    autoremovable     BOOLEAN NOT NULL,
    security          BOOLEAN NOT NULL,
    PRIMARY KEY (computer_id, package_id)
);
CREATE INDEX computer_package_package ON computer_package (package_id, computer_id);

CREATE TABLE computer_available_packages (
    computer_id BIGINT PRIMARY KEY REFERENCES computer (id) ON DELETE CASCADE,
    -- Sorted ids, each as the distance from the one before it, seven bits a byte.
    ids         BLOB NOT NULL
);

CREATE TABLE computer_user (
    computer_id       BIGINT NOT NULL REFERENCES computer (id) ON DELETE CASCADE,
    username          TEXT NOT NULL,
    uid               BIGINT NOT NULL,
    enabled           BOOLEAN NOT NULL,
    name              TEXT,
    location          TEXT,
    home_phone        TEXT,
    work_phone        TEXT,
    primary_gid       BIGINT,
    primary_groupname TEXT,
    PRIMARY KEY (computer_id, username)
);

CREATE TABLE computer_user_group (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    computer_id BIGINT NOT NULL REFERENCES computer (id) ON DELETE CASCADE,
    name        TEXT NOT NULL,
    gid         BIGINT NOT NULL,
    UNIQUE (computer_id, name)
);

CREATE TABLE computer_user_group_member (
    computer_id BIGINT NOT NULL REFERENCES computer (id) ON DELETE CASCADE,
    groupname   TEXT NOT NULL,
    username    TEXT NOT NULL,
    PRIMARY KEY (computer_id, groupname, username)
);

CREATE TABLE computer_process (
    computer_id BIGINT NOT NULL REFERENCES computer (id) ON DELETE CASCADE,
    pid         BIGINT NOT NULL,
    name        TEXT NOT NULL,
    state       TEXT NOT NULL,
    uid         BIGINT NOT NULL,
    gid         BIGINT NOT NULL,
    vm_size     BIGINT,
    -- Seconds since 1970.
    start_time  BIGINT NOT NULL,
    percent_cpu REAL,
    PRIMARY KEY (computer_id, pid)
);

-- The last of each other report, as a document.
CREATE TABLE computer_report (
    computer_id BIGINT NOT NULL REFERENCES computer (id) ON DELETE CASCADE,
    -- The message type.
    kind        TEXT NOT NULL,
    -- The mount point, thermal zone or interface; empty when the report is about the computer.
    item        TEXT NOT NULL,
    reported_at BIGINT NOT NULL,
    body        TEXT NOT NULL,
    PRIMARY KEY (computer_id, kind, item)
);

-- Set when the agent announced that it reports everything anew: the next report replaces all.
ALTER TABLE computer ADD COLUMN users_renewed BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE computer ADD COLUMN packages_renewed BOOLEAN NOT NULL DEFAULT FALSE;
-- The name under which this server speaks to the agent, when not its own: an agent that sees
-- another one forgets the numbers of its packages.
ALTER TABLE computer ADD COLUMN server_uuid TEXT;
