-- +goose Up

-- baseline_state says of a ref whether its baseline is wanted: 0 no, 1 waits, 2 missing (its counter could not be read yet).
ALTER TABLE work ADD COLUMN baseline_state INTEGER NOT NULL DEFAULT 0;
UPDATE work SET baseline_state = CASE WHEN baseline ->> '$.missing' THEN 2 /* missing */ ELSE 1 /* waits */ END WHERE baseline IS NOT NULL;

-- What is wished for is found by when it is due: baselines, which are many at once, apart from other reads and from pushes.
-- Queries repeat these conditions word for word, or SQLite does not use the indexes.
DROP INDEX work_wished;
CREATE INDEX work_reads ON work (channel, read_due) WHERE read <> 0 AND baseline_state = 0;
CREATE INDEX work_pushes ON work (channel, push_due) WHERE push = 1;
CREATE INDEX work_baselines_due ON work (channel, read_due, item, location) WHERE read <> 0 AND baseline_state <> 0;
CREATE INDEX work_baselines ON work (baseline_state) WHERE baseline_state <> 0;
