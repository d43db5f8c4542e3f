-- +goose Up

-- How often the ledger was owned anew. Who owns it has the number in each of its transactions, so that one who was the owner before, and has
-- not heard yet that another one is, writes nothing any more.
ALTER TABLE heads ADD COLUMN owner bigint NOT NULL DEFAULT 0;
