-- +goose Up

-- What a ref remembers of its counter's falls, and of a program that undoes our pushes.
ALTER TABLE work ADD COLUMN falls TEXT;
ALTER TABLE work ADD COLUMN program TEXT;
