-- Whether two computers have the same machine id: without this, all are compared with all.
CREATE INDEX computer_machine ON computer (account_id, machine_id, state);
-- The few groups among the many activities of their computers.
CREATE INDEX activity_groups ON activity (account_id, created_at, id) WHERE parent_id IS NULL;
-- What one computer did.
CREATE INDEX activity_computer ON activity (computer_id, created_at, id);
