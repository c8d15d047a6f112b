-- Roles: what people may do, and where. Until now a person had one of three, and groups of their own.

CREATE TABLE role (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id  BIGINT NOT NULL REFERENCES account (id),
    -- The name in lower case: names that differ only in that would be mistaken for each other.
    key         TEXT NOT NULL,
    name        TEXT NOT NULL,
    description TEXT NOT NULL,
    -- Names with blanks between them; an asterisk is everything, also what later versions add.
    permissions TEXT NOT NULL,
    read_only   BOOLEAN NOT NULL,
    created_at  BIGINT NOT NULL,
    UNIQUE (account_id, key)
);

-- Where the permissions hold; those for the whole account need no group.
CREATE TABLE role_access_group (
    role_id         BIGINT NOT NULL REFERENCES role (id) ON DELETE CASCADE,
    access_group_id BIGINT NOT NULL REFERENCES access_group (id) ON DELETE CASCADE,
    PRIMARY KEY (role_id, access_group_id)
);
CREATE INDEX role_access_group_group ON role_access_group (access_group_id);

CREATE TABLE person_role (
    person_id BIGINT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    role_id   BIGINT NOT NULL REFERENCES role (id) ON DELETE CASCADE,
    PRIMARY KEY (person_id, role_id)
);
CREATE INDEX person_role_role ON person_role (role_id);

CREATE TABLE invitation (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id     BIGINT NOT NULL REFERENCES account (id),
    -- Hash of the end of the link: the table alone opens nothing.
    secure_id_hash TEXT NOT NULL UNIQUE,
    name           TEXT NOT NULL,
    email          TEXT NOT NULL,
    created_at     BIGINT NOT NULL,
    expires_at     BIGINT NOT NULL,
    UNIQUE (account_id, email)
);

CREATE TABLE invitation_role (
    invitation_id BIGINT NOT NULL REFERENCES invitation (id) ON DELETE CASCADE,
    role_id       BIGINT NOT NULL REFERENCES role (id) ON DELETE CASCADE,
    PRIMARY KEY (invitation_id, role_id)
);

ALTER TABLE access_group ADD COLUMN description TEXT NOT NULL DEFAULT '';
ALTER TABLE account ADD COLUMN max_administrators BIGINT NOT NULL DEFAULT 1000;

-- The three roles that there were, for the whole account.
INSERT INTO role (account_id, key, name, description, permissions, read_only, created_at)
SELECT account.id, lower(old.name), old.name, old.description, old.permissions, old.read_only, account.created_at
FROM account CROSS JOIN (
    SELECT 1 AS place, 'GlobalAdmin' AS name, 'May do everything, everywhere.' AS description,
        '*' AS permissions, TRUE AS read_only
    UNION ALL SELECT 2, 'SupportAnalyst', 'Looks after computers, scripts and profiles; does not manage the account.',
        'ViewComputer ManageComputer AddComputerToAccessGroup RemoveComputerFromAccessGroup ManagePendingComputer ViewScript ManageScript ExecuteScript ViewScriptProfile ManageScriptProfile ViewPackageProfile ManagePackageProfile ViewRepositoryProfile ManageRepositoryProfile ViewRepository ManageRepository ViewUpgradeProfile ManageUpgradeProfile ViewScheduledProfile ManageScheduledProfile ViewRemovalProfile ManageRemovalProfile ViewChildInstanceProfile ManageChildInstanceProfile ViewEmployee ManageEmployee ViewAutoinstallFile ManageAutoinstallFile ManageMAAS', FALSE
    UNION ALL SELECT 3, 'Auditor', 'Sees everything and changes nothing.',
        'ViewComputer ViewScript ViewScriptProfile ViewPackageProfile ViewRepositoryProfile ViewRepository ViewUpgradeProfile ViewScheduledProfile ViewRemovalProfile ViewChildInstanceProfile ViewEmployee ViewAutoinstallFile ViewRole ViewEventLog', FALSE
) AS old
ORDER BY account.id, old.place;

INSERT INTO role_access_group (role_id, access_group_id)
SELECT role.id, access_group.id
FROM role JOIN access_group ON access_group.account_id = role.account_id AND access_group.parent_id IS NULL;

-- Who had what, where: people with the root group everywhere, the others in exactly their groups.
CREATE TABLE person_reach AS
SELECT
    person.id AS person_id, person.account_id AS account_id, person.role AS role,
    EXISTS (
        SELECT 1 FROM person_access_group
        JOIN access_group ON access_group.id = person_access_group.access_group_id
        WHERE person_access_group.person_id = person.id AND access_group.parent_id IS NULL
    ) AS everywhere,
    COALESCE((
        SELECT group_concat(access_group_id, ',') FROM (
            SELECT access_group_id FROM person_access_group WHERE person_id = person.id ORDER BY access_group_id
        )
    ), '') AS reach
FROM person;

-- Each other pair of a role and groups becomes a role, named after the first person who has it.
-- Who sees only some groups does not get to see the whole account's roles and log by this.
INSERT INTO role (account_id, key, name, description, permissions, read_only, created_at)
SELECT
    old.account_id, lower(old.role) || '-' || MIN(old.person_id), old.role || '-' || MIN(old.person_id),
    old.role || ' in some access groups.', replace(same.permissions, ' ViewRole ViewEventLog', ''), FALSE,
    same.created_at
FROM person_reach AS old
JOIN role AS same ON same.account_id = old.account_id AND same.name = old.role
WHERE NOT old.everywhere
GROUP BY old.account_id, old.role, old.reach, same.permissions, same.created_at
ORDER BY MIN(old.person_id);

INSERT INTO role_access_group (role_id, access_group_id)
SELECT role.id, person_access_group.access_group_id
FROM person_reach AS old
JOIN role ON role.account_id = old.account_id AND role.name = old.role || '-' || old.person_id
JOIN person_access_group ON person_access_group.person_id = old.person_id;

INSERT INTO person_role (person_id, role_id)
SELECT old.person_id, role.id
FROM person_reach AS old
JOIN role ON role.account_id = old.account_id AND role.name = CASE
    WHEN old.everywhere THEN old.role
    ELSE old.role || '-' || (
        SELECT MIN(first.person_id) FROM person_reach AS first
        WHERE first.account_id = old.account_id AND first.role = old.role AND first.reach = old.reach
            AND NOT first.everywhere
    )
END;

DROP TABLE person_reach;
DROP TABLE person_access_group;
ALTER TABLE person DROP COLUMN role;
