-- +goose Up

-- What a channel calls one of its linked items, as its catalog said last.
CREATE TABLE labels (
    channel TEXT NOT NULL,
    item    TEXT NOT NULL,
    sku     TEXT NOT NULL,
    name    TEXT NOT NULL,
    PRIMARY KEY (channel, item)
) STRICT, WITHOUT ROWID;
CREATE INDEX labels_by_sku ON labels (sku) WHERE sku <> '';
