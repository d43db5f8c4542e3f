-- +goose Up

-- Whether a read is wished for. The wish's number moves with each one more, and the indexes below would be written each time if they spoke of it.
-- Queries repeat these conditions word for word, or SQLite does not use the indexes.
ALTER TABLE work ADD COLUMN read_wished INTEGER NOT NULL DEFAULT 0;
UPDATE work SET read_wished = 1 WHERE read <> 0;
DROP INDEX work_reads;
DROP INDEX work_baselines_due;
DROP INDEX work_reads_urgent;
CREATE INDEX work_reads ON work (channel, read_due) WHERE read_wished = 1 AND baseline_state = 0;
CREATE INDEX work_baselines_due ON work (channel, read_due, item, location) WHERE read_wished = 1 AND baseline_state <> 0;
CREATE INDEX work_reads_urgent ON work (channel, urgency, read_due, item, location) WHERE read_wished = 1 AND baseline_state = 0;

-- The one that writes the ledger knows whose level moved, and writes their urgency.
DROP TRIGGER work_urgency_begins;
DROP TRIGGER work_urgency_moves;
DROP TRIGGER work_urgency_of_shelf;
