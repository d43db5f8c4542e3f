-- +goose Up

-- joining is JSON while a ref waits to join its shelf, else NULL; reason is why a ref is gone, in the platform's words.
ALTER TABLE refs ADD COLUMN joining TEXT;
ALTER TABLE refs ADD COLUMN reason TEXT NOT NULL DEFAULT '';
