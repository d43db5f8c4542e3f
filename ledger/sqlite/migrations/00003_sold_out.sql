-- +goose Up

-- Since when an item has been marked as sold out, whatever it counts; 0: it is not.
ALTER TABLE refs ADD COLUMN sold_out INTEGER NOT NULL DEFAULT 0;
