-- +goose Up

-- Whether a mark of sold out elsewhere has a ref's counter show less than the level, or did until its push back was read.
ALTER TABLE work ADD COLUMN hidden boolean NOT NULL DEFAULT false;
