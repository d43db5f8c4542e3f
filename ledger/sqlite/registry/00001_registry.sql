-- Which merchants there are beside those that the configuration declares, and in which state they are. Times are unix nanoseconds in UTC; a
-- state is a number of package registry: 1 working, 2 paused, 3 erasing. settings is empty for a merchant that the configuration declares.

-- +goose Up
CREATE TABLE merchants (
    merchant TEXT    NOT NULL PRIMARY KEY CHECK (merchant <> ''),
    state    INTEGER NOT NULL CHECK (state BETWEEN 1 /* working */ AND 3 /* erasing */),
    since    INTEGER NOT NULL,
    by       TEXT    NOT NULL,
    settings TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE merchant_channels (
    merchant TEXT    NOT NULL REFERENCES merchants ON DELETE CASCADE,
    place    INTEGER NOT NULL,
    name     TEXT    NOT NULL,
    platform TEXT    NOT NULL,
    settings TEXT    NOT NULL,
    PRIMARY KEY (merchant, place)
) STRICT, WITHOUT ROWID;
