-- +goose Up

-- settled is JSON: what people have settled of a ref's unexplained units since its baseline; NULL: nothing.
ALTER TABLE refs ADD COLUMN settled TEXT;
