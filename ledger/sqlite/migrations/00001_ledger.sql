-- Times are unix nanoseconds in UTC, 0 is the zero time. Quantities are hundred-thousandths of a unit. Enums are the numbers
-- of package ledger, which never change; where one stands here, its name stands beside it.

-- +goose Up

-- What happened. Append-only: see the triggers below.
CREATE TABLE entries (
    seq            INTEGER PRIMARY KEY,
    key            TEXT    NOT NULL UNIQUE CHECK (key <> ''),
    fingerprint    TEXT    NOT NULL,
    kind           INTEGER NOT NULL CHECK (kind BETWEEN 1 /* baseline */ AND 5 /* correction */),
    item           TEXT    NOT NULL CHECK (item <> ''),
    location       TEXT    NOT NULL,
    channel        TEXT    NOT NULL,
    ref_item       TEXT    NOT NULL,
    ref_location   TEXT    NOT NULL,
    occurred_at    INTEGER NOT NULL,
    observed_at    INTEGER NOT NULL,
    recorded_at    INTEGER NOT NULL,
    expected_delta INTEGER NOT NULL,
    status         INTEGER NOT NULL,
    opens          INTEGER NOT NULL CHECK (opens IN (0, 1)),
    push           TEXT,
    recount        TEXT,
    evidence       TEXT
) STRICT;
CREATE INDEX entries_by_item ON entries (item, seq);
CREATE INDEX entries_by_ref ON entries (channel, ref_item, ref_location, seq) WHERE channel <> '';

-- Both accounts are of the entry's item.
CREATE TABLE postings (
    seq       INTEGER NOT NULL REFERENCES entries (seq),
    row       INTEGER NOT NULL,
    from_kind INTEGER NOT NULL CHECK (from_kind BETWEEN 1 /* available */ AND 8 /* unexplained */),
    from_name TEXT    NOT NULL,
    to_kind   INTEGER NOT NULL CHECK (to_kind BETWEEN 1 /* available */ AND 8 /* unexplained */),
    to_name   TEXT    NOT NULL,
    quantity  INTEGER NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (seq, row)
) STRICT, WITHOUT ROWID;

-- +goose StatementBegin
CREATE TRIGGER entries_gapless BEFORE INSERT ON entries
    WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM entries)
BEGIN
    SELECT RAISE(ABORT, 'entries are numbered without gaps');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER entries_never_updated BEFORE UPDATE ON entries
BEGIN
    SELECT RAISE(ABORT, 'entries are append-only');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER entries_never_deleted BEFORE DELETE ON entries
BEGIN
    SELECT RAISE(ABORT, 'entries are append-only');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER postings_of_last_entry BEFORE INSERT ON postings
    WHEN NEW.seq IS NOT (SELECT max(seq) FROM entries)
BEGIN
    SELECT RAISE(ABORT, 'postings are append-only');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER postings_never_updated BEFORE UPDATE ON postings
BEGIN
    SELECT RAISE(ABORT, 'postings are append-only');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER postings_never_deleted BEFORE DELETE ON postings
BEGIN
    SELECT RAISE(ABORT, 'postings are append-only');
END;
-- +goose StatementEnd

-- Caches of entries: verified byte for byte, rebuilt at will.

-- since is when the ledger wrote the posting that brought the account to this side of zero; 0 while the balance is zero.
CREATE TABLE balances (
    item     TEXT    NOT NULL,
    kind     INTEGER NOT NULL,
    name     TEXT    NOT NULL,
    quantity INTEGER NOT NULL,
    since    INTEGER NOT NULL,
    PRIMARY KEY (item, kind, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX balances_unexplained ON balances (since) WHERE kind = 8 /* unexplained */ AND quantity <> 0;

CREATE TABLE shelves (
    item     TEXT    NOT NULL,
    location TEXT    NOT NULL,
    opened   INTEGER NOT NULL CHECK (opened IN (0, 1)),
    PRIMARY KEY (item, location)
) STRICT, WITHOUT ROWID;

-- A RefState in columns; its rare parts are JSON, NULL where there is none.
CREATE TABLE refs (
    channel        TEXT    NOT NULL,
    item           TEXT    NOT NULL,
    location       TEXT    NOT NULL,
    shelf_item     TEXT    NOT NULL,
    shelf_location TEXT    NOT NULL,
    sold_as        TEXT    NOT NULL,
    status         INTEGER NOT NULL,
    expected       INTEGER NOT NULL,
    version        INTEGER NOT NULL,
    contains       INTEGER NOT NULL,
    entries        INTEGER NOT NULL,
    unconfirmed    TEXT,
    recount        TEXT,
    contained      TEXT,
    PRIMARY KEY (channel, item, location)
) STRICT, WITHOUT ROWID;
CREATE INDEX refs_by_shelf ON refs (shelf_item, shelf_location);
CREATE INDEX refs_by_sold_as ON refs (channel, sold_as);

-- Intentions and memory: not derived from entries.

-- A Work in columns; its rare parts are JSON, NULL where there is none. A wished read or push is due at read_due or push_due
-- while no call is in flight.
CREATE TABLE work (
    channel     TEXT    NOT NULL,
    item        TEXT    NOT NULL,
    location    TEXT    NOT NULL,
    seq         INTEGER NOT NULL,
    read        INTEGER NOT NULL,
    read_due    INTEGER NOT NULL,
    read_until  INTEGER NOT NULL,
    read_reason TEXT    NOT NULL,
    push        INTEGER NOT NULL CHECK (push IN (0, 1)),
    push_due    INTEGER NOT NULL,
    refusals    INTEGER NOT NULL,
    in_flight   TEXT    NOT NULL,
    delivered   INTEGER NOT NULL,
    older       INTEGER NOT NULL,
    feed_from   INTEGER NOT NULL,
    unlink      INTEGER NOT NULL CHECK (unlink IN (0, 1)),
    crossed     TEXT,
    raised      TEXT,
    raises      TEXT,
    baseline    TEXT,
    PRIMARY KEY (channel, item, location)
) STRICT, WITHOUT ROWID;
-- Queries repeat this condition word for word, or SQLite does not use the index.
CREATE INDEX work_wished ON work (channel) WHERE read <> 0 OR push = 1;

CREATE TABLE counters (
    channel   TEXT    NOT NULL,
    order_id  TEXT    NOT NULL,
    line      TEXT    NOT NULL,
    restocked INTEGER NOT NULL,
    location  TEXT    NOT NULL,
    quantity  INTEGER NOT NULL,
    PRIMARY KEY (channel, order_id, line, restocked, location)
) STRICT, WITHOUT ROWID;

CREATE TABLE waiting (
    channel   TEXT    NOT NULL,
    order_id  TEXT    NOT NULL,
    line      TEXT    NOT NULL,
    restocked INTEGER NOT NULL,
    location  TEXT    NOT NULL,
    quantity  INTEGER NOT NULL,
    reason    TEXT    NOT NULL,
    since     INTEGER NOT NULL,
    PRIMARY KEY (channel, order_id, line, restocked, location)
) STRICT, WITHOUT ROWID;

CREATE TABLE calls (
    key        TEXT    PRIMARY KEY,
    channel    TEXT    NOT NULL,
    state      INTEGER NOT NULL,
    due        INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    call       TEXT    NOT NULL
) STRICT;
CREATE INDEX calls_open ON calls (channel, due) WHERE state = 1 /* open */;
CREATE INDEX calls_by_time ON calls (created_at, key);

CREATE TABLE call_rows (
    channel  TEXT NOT NULL,
    item     TEXT NOT NULL,
    location TEXT NOT NULL,
    call_key TEXT NOT NULL REFERENCES calls (key),
    PRIMARY KEY (channel, item, location, call_key)
) STRICT, WITHOUT ROWID;

CREATE TABLE brakes (
    id          TEXT    PRIMARY KEY,
    released_at INTEGER NOT NULL,
    pass_until  INTEGER NOT NULL,
    brake       TEXT    NOT NULL
) STRICT;
CREATE INDEX brakes_released ON brakes (released_at);
CREATE INDEX brakes_passing ON brakes (pass_until);

CREATE TABLE resource_wishes (
    channel  TEXT    NOT NULL,
    resource TEXT    NOT NULL,
    due      INTEGER NOT NULL,
    PRIMARY KEY (channel, resource)
) STRICT, WITHOUT ROWID;
CREATE INDEX resource_wishes_due ON resource_wishes (channel, due);

CREATE TABLE unlinked (
    channel   TEXT    NOT NULL,
    item      TEXT    NOT NULL,
    last_seen INTEGER NOT NULL,
    PRIMARY KEY (channel, item)
) STRICT, WITHOUT ROWID;

CREATE TABLE cursors (
    topic       TEXT    NOT NULL,
    partition   INTEGER NOT NULL,
    next_offset INTEGER NOT NULL,
    PRIMARY KEY (topic, partition)
) STRICT, WITHOUT ROWID;

CREATE TABLE marks (
    name     TEXT PRIMARY KEY,
    position TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE tallies (
    channel TEXT    NOT NULL,
    ending  INTEGER NOT NULL,
    reason  TEXT    NOT NULL,
    count   INTEGER NOT NULL,
    PRIMARY KEY (channel, ending, reason)
) STRICT, WITHOUT ROWID;

CREATE TABLE items (
    id   TEXT PRIMARY KEY,
    sku  TEXT NOT NULL,
    name TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX items_by_sku ON items (sku);

CREATE TABLE runs (
    id         TEXT    PRIMARY KEY,
    kind       TEXT    NOT NULL,
    channel    TEXT    NOT NULL,
    started_at INTEGER NOT NULL,
    run        TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX runs_by_time ON runs (started_at, id);

CREATE TABLE findings (
    id      TEXT    PRIMARY KEY,
    run     TEXT    NOT NULL,
    at      INTEGER NOT NULL,
    class   TEXT    NOT NULL,
    channel TEXT    NOT NULL,
    finding TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX findings_by_time ON findings (at, id);
CREATE INDEX findings_by_run ON findings (run, at, id);
