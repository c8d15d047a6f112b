-- The zone that a cron expression is meant in, and what becomes of missed runs: none, last or all.
ALTER TABLE script_profile ADD COLUMN time_zone TEXT NOT NULL DEFAULT 'UTC';
ALTER TABLE script_profile ADD COLUMN catch_up TEXT NOT NULL DEFAULT 'last';

-- schedule, enrollment or manual
ALTER TABLE profile_run ADD COLUMN cause TEXT NOT NULL DEFAULT 'schedule';
-- One row stands for a whole gap of skipped runs: from due_at to last_due_at.
ALTER TABLE profile_run ADD COLUMN planned_runs BIGINT NOT NULL DEFAULT 1;
ALTER TABLE profile_run ADD COLUMN last_due_at BIGINT;
UPDATE profile_run SET cause = 'enrollment' WHERE occurrence LIKE 'computer:%';
CREATE INDEX profile_run_newest ON profile_run (script_profile_id, id);
