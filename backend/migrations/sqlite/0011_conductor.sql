-- Tenants, their members, and what belongs to them. The users of the Conductor API are the people
-- that there are.

CREATE TABLE tenant (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id        BIGINT NOT NULL REFERENCES account (id),
    name              TEXT NOT NULL,
    -- What clients of the broker are given; encrypted.
    rabbitmq_password TEXT NOT NULL,
    created_at        BIGINT NOT NULL,
    UNIQUE (account_id, name)
);

CREATE TABLE user_group (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id BIGINT NOT NULL REFERENCES account (id),
    name       TEXT NOT NULL,
    ldap_dn    TEXT,
    -- sys_admin or default.
    role       TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (account_id, name)
);
-- Distinguished names that differ only in case are the same.
CREATE UNIQUE INDEX user_group_ldap_dn ON user_group (account_id, lower(ldap_dn));

CREATE TABLE user_group_member (
    user_group_id BIGINT NOT NULL REFERENCES user_group (id) ON DELETE CASCADE,
    person_id     BIGINT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    PRIMARY KEY (user_group_id, person_id)
);
CREATE INDEX user_group_member_person ON user_group_member (person_id);

CREATE TABLE tenant_member (
    tenant_id BIGINT NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
    person_id BIGINT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    role      TEXT NOT NULL,
    PRIMARY KEY (tenant_id, person_id)
);
CREATE INDEX tenant_member_person ON tenant_member (person_id);

CREATE TABLE tenant_group (
    tenant_id     BIGINT NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
    user_group_id BIGINT NOT NULL REFERENCES user_group (id) ON DELETE CASCADE,
    role          TEXT NOT NULL,
    PRIMARY KEY (tenant_id, user_group_id)
);
CREATE INDEX tenant_group_group ON tenant_group (user_group_id);

-- Which role may do what.
CREATE TABLE role_permission (
    role       TEXT NOT NULL,
    permission TEXT NOT NULL,
    PRIMARY KEY (role, permission)
);

CREATE TABLE api_token (
    -- The part of the token that names it.
    id           TEXT PRIMARY KEY,
    person_id    BIGINT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    -- Hash of the rest: the table alone opens nothing.
    secret_hash  TEXT NOT NULL,
    description  TEXT,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT,
    last_used_at BIGINT
);
CREATE INDEX api_token_person ON api_token (person_id);

-- Lists of these are ordered by name, in whatever case; so are looked up those that have one.
CREATE UNIQUE INDEX user_group_name ON user_group (account_id, lower(name));
CREATE INDEX tenant_name ON tenant (account_id, lower(name), id);
CREATE INDEX person_username ON person (account_id, lower(username), id);
CREATE INDEX api_token_name ON api_token (lower(id), id);

ALTER TABLE person ADD COLUMN failed_logins BIGINT NOT NULL DEFAULT 0;
ALTER TABLE person ADD COLUMN last_failed_login_at BIGINT;
ALTER TABLE person ADD COLUMN first_login_at BIGINT;
ALTER TABLE person ADD COLUMN show_getting_started BOOLEAN NOT NULL DEFAULT TRUE;
-- Whom the first start made.
ALTER TABLE person ADD COLUMN is_bootstrap BOOLEAN NOT NULL DEFAULT FALSE;
-- Whom a directory knows: there is no password here.
ALTER TABLE person ADD COLUMN is_external BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE person SET is_bootstrap = TRUE WHERE id IN (SELECT MIN(id) FROM person GROUP BY account_id);
UPDATE person SET first_login_at = last_login_at;

CREATE TABLE site (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant_id     BIGINT NOT NULL REFERENCES tenant (id),
    visibility    TEXT NOT NULL,
    created_by_id BIGINT NOT NULL REFERENCES person (id),
    created_at    BIGINT NOT NULL,
    name          TEXT NOT NULL,
    location      TEXT,
    latitude      DOUBLE PRECISION,
    longitude     DOUBLE PRECISION,
    UNIQUE (tenant_id, name)
);

CREATE TABLE secrets_provider (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant_id     BIGINT NOT NULL REFERENCES tenant (id),
    visibility    TEXT NOT NULL,
    created_by_id BIGINT NOT NULL REFERENCES person (id),
    created_at    BIGINT NOT NULL,
    updated_at    BIGINT,
    name          TEXT NOT NULL,
    provider_type TEXT NOT NULL,
    -- Encrypted JSON.
    parameters    TEXT,
    UNIQUE (tenant_id, name)
);

CREATE TABLE secret (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant_id        BIGINT NOT NULL REFERENCES tenant (id),
    visibility       TEXT NOT NULL,
    created_by_id    BIGINT NOT NULL REFERENCES person (id),
    created_at       BIGINT NOT NULL,
    updated_at       BIGINT,
    name             TEXT NOT NULL,
    -- Encrypted; none where a provider has it.
    value            TEXT,
    is_hidden        BOOLEAN NOT NULL,
    value_schema     TEXT,
    provider_id      BIGINT REFERENCES secrets_provider (id),
    -- Encrypted JSON.
    provider_options TEXT,
    UNIQUE (tenant_id, name)
);
CREATE INDEX secret_provider ON secret (provider_id);

-- Filters of deployments and of blueprints.
CREATE TABLE filter (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant_id     BIGINT NOT NULL REFERENCES tenant (id),
    visibility    TEXT NOT NULL,
    created_by_id BIGINT NOT NULL REFERENCES person (id),
    created_at    BIGINT NOT NULL,
    updated_at    BIGINT,
    target        TEXT NOT NULL,
    name          TEXT NOT NULL,
    -- JSON lists.
    label_rules   TEXT NOT NULL,
    attr_rules    TEXT NOT NULL,
    is_system     BOOLEAN NOT NULL,
    UNIQUE (target, tenant_id, name)
);

-- Blueprints and deployments, as far as labels need them.
CREATE TABLE blueprint (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant_id     BIGINT NOT NULL REFERENCES tenant (id),
    visibility    TEXT NOT NULL,
    created_by_id BIGINT NOT NULL REFERENCES person (id),
    created_at    BIGINT NOT NULL,
    name          TEXT NOT NULL,
    UNIQUE (tenant_id, name)
);
CREATE TABLE deployment (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant_id     BIGINT NOT NULL REFERENCES tenant (id),
    visibility    TEXT NOT NULL,
    created_by_id BIGINT NOT NULL REFERENCES person (id),
    created_at    BIGINT NOT NULL,
    name          TEXT NOT NULL,
    UNIQUE (tenant_id, name)
);
CREATE TABLE blueprint_label (
    blueprint_id  BIGINT NOT NULL REFERENCES blueprint (id) ON DELETE CASCADE,
    label_key     TEXT NOT NULL,
    label_value   TEXT NOT NULL,
    created_by_id BIGINT NOT NULL REFERENCES person (id),
    created_at    BIGINT NOT NULL,
    PRIMARY KEY (blueprint_id, label_key, label_value)
);
CREATE INDEX blueprint_label_key ON blueprint_label (label_key, label_value, blueprint_id);
CREATE TABLE deployment_label (
    deployment_id BIGINT NOT NULL REFERENCES deployment (id) ON DELETE CASCADE,
    label_key     TEXT NOT NULL,
    label_value   TEXT NOT NULL,
    created_by_id BIGINT NOT NULL REFERENCES person (id),
    created_at    BIGINT NOT NULL,
    PRIMARY KEY (deployment_id, label_key, label_value)
);
CREATE INDEX deployment_label_key ON deployment_label (label_key, label_value, deployment_id);

-- Lists begin with the oldest; their totals are counted in these indexes alone.
CREATE INDEX site_list ON site (created_at, id, tenant_id, visibility, created_by_id);
CREATE INDEX secrets_provider_list ON secrets_provider (created_at, id, tenant_id, visibility, created_by_id);
CREATE INDEX secret_list ON secret (created_at, id, tenant_id, visibility, created_by_id);
CREATE INDEX filter_list ON filter (target, created_at, id, tenant_id, visibility, created_by_id);
CREATE INDEX blueprint_list ON blueprint (created_at, id, tenant_id, visibility, created_by_id);
CREATE INDEX deployment_list ON deployment (created_at, id, tenant_id, visibility, created_by_id);

-- The licence that was uploaded last.
CREATE TABLE license (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id      BIGINT NOT NULL UNIQUE REFERENCES account (id),
    customer_id     TEXT,
    expiration_date BIGINT,
    license_edition TEXT,
    trial           BOOLEAN NOT NULL,
    cloudify_version TEXT,
    -- JSON list.
    capabilities    TEXT,
    -- The file as it came.
    document        TEXT NOT NULL,
    uploaded_at     BIGINT NOT NULL
);

-- Settings that were changed; all others have the values that the program gives them.
CREATE TABLE config_item (
    account_id   BIGINT NOT NULL REFERENCES account (id),
    scope        TEXT NOT NULL,
    name         TEXT NOT NULL,
    -- JSON; encrypted where only administrators may see it.
    value        TEXT NOT NULL,
    updated_at   BIGINT NOT NULL,
    updater_name TEXT NOT NULL,
    PRIMARY KEY (account_id, scope, name)
);

CREATE TABLE provider_context (
    account_id BIGINT NOT NULL UNIQUE REFERENCES account (id),
    name       TEXT NOT NULL,
    context    TEXT NOT NULL
);

-- The nodes that serve this database. Each says now and then that it is still there.
CREATE TABLE node (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    hostname       TEXT NOT NULL UNIQUE,
    private_ip     TEXT NOT NULL,
    public_ip      TEXT NOT NULL,
    version        TEXT NOT NULL,
    distribution   TEXT NOT NULL,
    distro_release TEXT NOT NULL,
    started_at     BIGINT NOT NULL,
    last_seen_at   BIGINT NOT NULL
);

-- Who changed what, when and from where. The log outlives the people and the tenants that it names,
-- so it refers to none of them; by their numbers, which nobody gets again, it is chosen what others
-- than administrators see of it.
CREATE TABLE audit_entry (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id     BIGINT NOT NULL REFERENCES account (id),
    created_at     BIGINT NOT NULL,
    ref_table      TEXT NOT NULL,
    ref_id         BIGINT NOT NULL,
    -- JSON: names by which the row is known.
    ref_identifier TEXT NOT NULL,
    operation      TEXT NOT NULL,
    creator_id     BIGINT,
    creator_name   TEXT,
    execution_id   TEXT,
    tenant_id      BIGINT,
    tenant_name    TEXT,
    address        TEXT,
    -- JSON, without secrets.
    before_change  TEXT,
    after_change   TEXT
);
CREATE INDEX audit_entry_created ON audit_entry (account_id, created_at, id);
CREATE INDEX audit_entry_creator ON audit_entry (account_id, creator_name, id);
CREATE INDEX audit_entry_person ON audit_entry (account_id, creator_id, id);
CREATE INDEX audit_entry_tenant ON audit_entry (account_id, tenant_id, id);
