-- What one searches for stands in tables of its own, no longer in documents.

CREATE TABLE computer_annotation (
    computer_id BIGINT NOT NULL REFERENCES computer (id) ON DELETE CASCADE,
    name        TEXT NOT NULL,
    value       TEXT NOT NULL,
    -- The agent told it; else a person set it, and then no report changes it.
    reported    BOOLEAN NOT NULL,
    PRIMARY KEY (computer_id, name)
);
INSERT INTO computer_annotation (computer_id, name, value, reported)
SELECT computer.id, entry.key, CAST(entry.value AS TEXT), TRUE
FROM computer, json_each(computer.annotations) AS entry
WHERE computer.annotations IS NOT NULL AND entry.value IS NOT NULL;

CREATE TABLE computer_network_device (
    computer_id       BIGINT NOT NULL REFERENCES computer (id) ON DELETE CASCADE,
    -- The order in which the agent named them.
    position          BIGINT NOT NULL,
    interface         TEXT NOT NULL,
    ip_address        TEXT NOT NULL,
    mac_address       TEXT NOT NULL,
    broadcast_address TEXT NOT NULL,
    netmask           TEXT NOT NULL,
    PRIMARY KEY (computer_id, position)
);
INSERT INTO computer_network_device
    (computer_id, position, interface, ip_address, mac_address, broadcast_address, netmask)
SELECT
    computer.id,
    entry.key,
    json_extract(entry.value, '$.interface'),
    json_extract(entry.value, '$.ip_address'),
    json_extract(entry.value, '$.mac_address'),
    json_extract(entry.value, '$.broadcast_address'),
    json_extract(entry.value, '$.netmask')
FROM computer, json_each(computer.network_devices) AS entry
WHERE computer.network_devices IS NOT NULL;

ALTER TABLE computer DROP COLUMN annotations;
ALTER TABLE computer DROP COLUMN network_devices;

-- Since when, and which packages asked for it (JSON).
ALTER TABLE computer ADD COLUMN reboot_required_at BIGINT;
ALTER TABLE computer ADD COLUMN reboot_packages TEXT;
-- Since when: packages could not be reported, upgrades wait, security upgrades wait.
ALTER TABLE computer ADD COLUMN package_report_failed_at BIGINT;
ALTER TABLE computer ADD COLUMN upgrades_since BIGINT;
ALTER TABLE computer ADD COLUMN security_upgrades_since BIGINT;
UPDATE computer SET reboot_required_at = COALESCE(last_exchange_at, registered_at) WHERE reboot_required;

-- What people set for an alert; without a row all computers are watched. What is alerted is
-- found in the computers themselves.
CREATE TABLE alert (
    account_id    BIGINT NOT NULL REFERENCES account (id),
    alert_type    TEXT NOT NULL,
    all_computers BOOLEAN NOT NULL,
    -- What began before this is not shown any more.
    dismissed_at  BIGINT,
    PRIMARY KEY (account_id, alert_type)
);

CREATE TABLE alert_tag (
    account_id BIGINT NOT NULL REFERENCES account (id),
    alert_type TEXT NOT NULL,
    tag        TEXT NOT NULL,
    PRIMARY KEY (account_id, alert_type, tag)
);

CREATE TABLE alert_subscription (
    person_id  BIGINT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    alert_type TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (person_id, alert_type)
);

CREATE INDEX activity_unapproved ON activity (computer_id) WHERE status = 'unapproved';
