-- +goose Up

-- What a ref remembers for the brakes. uncaused_at is the time of the youngest change in uncaused; 0: none.
ALTER TABLE work ADD COLUMN uncaused TEXT;
ALTER TABLE work ADD COLUMN uncaused_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE work ADD COLUMN before_level INTEGER NOT NULL DEFAULT 0;
ALTER TABLE work ADD COLUMN before_at INTEGER NOT NULL DEFAULT 0;
-- Queries repeat this condition word for word, or SQLite does not use the index.
CREATE INDEX work_uncaused ON work (channel, uncaused_at) WHERE uncaused_at <> 0;
