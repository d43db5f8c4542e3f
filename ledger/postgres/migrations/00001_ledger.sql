-- Times are unix nanoseconds in UTC, 0 is the zero time. Quantities are hundred-thousandths of a unit. Enums are the numbers
-- of package ledger, which never change; where one stands here, its name stands beside it. Text is ordered and compared by its
-- bytes, whatever the locale of the database. JSON is text: equal values are equal bytes.
--
-- An index whose condition is that a column IS NOT NULL, which it always is, is for statements that compare that column, and for no others. To
-- a planner that knows nothing of a table yet all indexes of a merchant's rows look alike, and a plan lasts as long as the connection.
--
-- Every key begins with the merchant. The role evenstock_app is what the program works as; it owns nothing. It sees the rows of the
-- merchant that the setting evenstock.merchant names, and may add entries and postings but neither change nor remove them.

-- +goose Up

-- +goose StatementBegin
DO $$
BEGIN
    CREATE ROLE evenstock_app NOLOGIN;
EXCEPTION
    -- Roles are the server's, not the database's. Two that are made at once meet in the catalog's unique index.
    WHEN duplicate_object OR unique_violation THEN NULL;
END
$$;
-- +goose StatementEnd

-- One row a merchant. It is locked by whatever writes for the merchant, so that numbers have no gaps. batches counts commits.
CREATE TABLE heads (
    merchant text   COLLATE "C" PRIMARY KEY CHECK (merchant <> ''),
    last_seq bigint NOT NULL DEFAULT 0,
    batches  bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 20);

-- The keys of the merchant's last commits, each in the slot number % 256. Who did not hear the answer of one finds here whether it was stored.
CREATE TABLE commits (
    merchant text   COLLATE "C" NOT NULL,
    slot     integer NOT NULL,
    number   bigint NOT NULL,
    key      text   COLLATE "C" NOT NULL,
    PRIMARY KEY (merchant, slot)
) WITH (fillfactor = 50);

-- What happened. Append-only: see the triggers below.
CREATE TABLE entries (
    merchant       text     COLLATE "C" NOT NULL,
    seq            bigint   NOT NULL,
    key            text     COLLATE "C" NOT NULL CHECK (key <> ''),
    fingerprint    text     COLLATE "C" NOT NULL,
    kind           smallint NOT NULL CHECK (kind BETWEEN 1 /* baseline */ AND 5 /* correction */),
    item           text     COLLATE "C" NOT NULL CHECK (item <> ''),
    location       text     COLLATE "C" NOT NULL,
    channel        text     COLLATE "C" NOT NULL,
    ref_item       text     COLLATE "C" NOT NULL,
    ref_location   text     COLLATE "C" NOT NULL,
    occurred_at    bigint   NOT NULL,
    observed_at    bigint   NOT NULL,
    recorded_at    bigint   NOT NULL,
    expected_delta bigint   NOT NULL,
    status         smallint NOT NULL,
    opens          boolean  NOT NULL,
    push           text     COLLATE "C",
    recount        text     COLLATE "C",
    evidence       text     COLLATE "C",
    PRIMARY KEY (merchant, seq)
);
CREATE UNIQUE INDEX entries_key ON entries (merchant, key) WHERE key IS NOT NULL;
CREATE INDEX entries_by_item ON entries (merchant, item, seq) WHERE item IS NOT NULL;
CREATE INDEX entries_by_ref ON entries (merchant, channel, ref_item, ref_location, seq) WHERE channel <> '';

-- Both accounts are of the entry's item. That there is an entry is seen to by the trigger.
CREATE TABLE postings (
    merchant  text     COLLATE "C" NOT NULL,
    seq       bigint   NOT NULL,
    row       integer  NOT NULL,
    from_kind smallint NOT NULL CHECK (from_kind BETWEEN 1 /* available */ AND 8 /* unexplained */),
    from_name text     COLLATE "C" NOT NULL,
    to_kind   smallint NOT NULL CHECK (to_kind BETWEEN 1 /* available */ AND 8 /* unexplained */),
    to_name   text     COLLATE "C" NOT NULL,
    quantity  bigint   NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (merchant, seq, row)
);

-- +goose StatementBegin
CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% are append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION entries_gapless() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM (SELECT merchant, min(seq) AS first, max(seq) AS last, count(*) AS count FROM added GROUP BY merchant) a
        LEFT JOIN heads h ON h.merchant = a.merchant
        WHERE a.first IS DISTINCT FROM h.last_seq + 1 OR a.last - a.first + 1 <> a.count
    ) THEN
        RAISE EXCEPTION 'entries are numbered without gaps' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION postings_of_new_entries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM (SELECT merchant, min(seq) AS first, max(seq) AS last FROM added GROUP BY merchant) a
        LEFT JOIN heads h ON h.merchant = a.merchant
        WHERE h.merchant IS NULL OR a.first <= h.last_seq OR a.last > (SELECT coalesce(max(e.seq), 0) FROM entries e WHERE e.merchant = a.merchant)
    ) THEN
        RAISE EXCEPTION 'postings are append-only' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
-- The head closes a batch: it is moved behind the entries that are there, and never back.
-- +goose StatementBegin
CREATE FUNCTION heads_follow_entries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.last_seq <> (SELECT coalesce(max(e.seq), 0) FROM entries e WHERE e.merchant = NEW.merchant)
        OR TG_OP = 'UPDATE' AND NEW.merchant <> OLD.merchant THEN
        RAISE EXCEPTION 'entries are numbered without gaps' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER entries_never_changed BEFORE UPDATE OR DELETE ON entries FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER entries_never_truncated BEFORE TRUNCATE ON entries FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER entries_gapless AFTER INSERT ON entries REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION entries_gapless();
CREATE TRIGGER postings_never_changed BEFORE UPDATE OR DELETE ON postings FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER postings_never_truncated BEFORE TRUNCATE ON postings FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER postings_of_new_entries AFTER INSERT ON postings REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION postings_of_new_entries();
CREATE TRIGGER heads_follow_entries AFTER INSERT OR UPDATE ON heads FOR EACH ROW EXECUTE FUNCTION heads_follow_entries();
ALTER TABLE entries ENABLE ALWAYS TRIGGER entries_never_changed;
ALTER TABLE entries ENABLE ALWAYS TRIGGER entries_never_truncated;
ALTER TABLE entries ENABLE ALWAYS TRIGGER entries_gapless;
ALTER TABLE postings ENABLE ALWAYS TRIGGER postings_never_changed;
ALTER TABLE postings ENABLE ALWAYS TRIGGER postings_never_truncated;
ALTER TABLE postings ENABLE ALWAYS TRIGGER postings_of_new_entries;
ALTER TABLE heads ENABLE ALWAYS TRIGGER heads_follow_entries;

-- Caches of entries: verified byte for byte, rebuilt at will.

-- since is when the ledger wrote the posting that brought the account to this side of zero; 0 while the balance is zero. Every balance has
-- a magnitude.
CREATE TABLE balances (
    merchant text     COLLATE "C" NOT NULL,
    item     text     COLLATE "C" NOT NULL,
    kind     smallint NOT NULL,
    name     text     COLLATE "C" NOT NULL,
    quantity bigint   NOT NULL CONSTRAINT balances_range CHECK (quantity > -9223372036854775808),
    since    bigint   NOT NULL,
    PRIMARY KEY (merchant, item, kind, name)
) WITH (fillfactor = 70);
CREATE INDEX balances_unexplained ON balances (merchant, since) WHERE kind = 8 /* unexplained */ AND quantity <> 0;

CREATE TABLE shelves (
    merchant text    COLLATE "C" NOT NULL,
    item     text    COLLATE "C" NOT NULL,
    location text    COLLATE "C" NOT NULL,
    opened   boolean NOT NULL,
    PRIMARY KEY (merchant, item, location)
);

-- A RefState in columns; its rare parts are JSON, NULL where there is none.
CREATE TABLE refs (
    merchant       text     COLLATE "C" NOT NULL,
    channel        text     COLLATE "C" NOT NULL,
    item           text     COLLATE "C" NOT NULL,
    location       text     COLLATE "C" NOT NULL,
    shelf_item     text     COLLATE "C" NOT NULL,
    shelf_location text     COLLATE "C" NOT NULL,
    sold_as        text     COLLATE "C" NOT NULL,
    status         smallint NOT NULL,
    expected       bigint   NOT NULL,
    version        bigint   NOT NULL,
    contains       bigint   NOT NULL,
    entries        bigint   NOT NULL,
    unconfirmed    text     COLLATE "C",
    recount        text     COLLATE "C",
    contained      text     COLLATE "C",
    sold_out       bigint   NOT NULL,
    joining        text     COLLATE "C",
    reason         text     COLLATE "C" NOT NULL,
    settled        text     COLLATE "C",
    PRIMARY KEY (merchant, channel, item, location)
) WITH (fillfactor = 70);
CREATE INDEX refs_by_shelf ON refs (merchant, shelf_item, shelf_location) WHERE shelf_item IS NOT NULL;
CREATE INDEX refs_by_sold_as ON refs (merchant, sold_as, channel) WHERE sold_as IS NOT NULL;

-- Intentions and memory: not derived from entries.

-- A Work in columns; its rare parts are JSON, NULL where there is none. A wished read or push is due at read_due or push_due
-- while no call is in flight. uncaused_at is the time of the youngest change in uncaused; 0: none. baseline_state says whether the ref's
-- baseline is wanted: 0 no, 1 waits, 2 missing (its counter could not be read yet).
CREATE TABLE work (
    merchant       text    COLLATE "C" NOT NULL,
    channel        text    COLLATE "C" NOT NULL,
    item           text    COLLATE "C" NOT NULL,
    location       text    COLLATE "C" NOT NULL,
    seq            bigint  NOT NULL,
    read           bigint  NOT NULL,
    read_due       bigint  NOT NULL,
    read_until     bigint  NOT NULL,
    read_reason    text    COLLATE "C" NOT NULL,
    push           boolean NOT NULL,
    push_due       bigint  NOT NULL,
    refusals       bigint  NOT NULL,
    in_flight      text    COLLATE "C" NOT NULL,
    delivered      bigint  NOT NULL,
    older          bigint  NOT NULL,
    feed_from      bigint  NOT NULL,
    unlink         boolean NOT NULL,
    crossed        text    COLLATE "C",
    raised         text    COLLATE "C",
    raises         text    COLLATE "C",
    baseline       text    COLLATE "C",
    uncaused       text    COLLATE "C",
    before_level   bigint  NOT NULL,
    before_at      bigint  NOT NULL,
    falls          text    COLLATE "C",
    program        text    COLLATE "C",
    uncaused_at    bigint  NOT NULL,
    baseline_state smallint NOT NULL,
    PRIMARY KEY (merchant, channel, item, location)
) WITH (fillfactor = 70);
-- What is wished for is found by when it is due: baselines, which are many at once, apart from other reads and from pushes.
CREATE INDEX work_reads ON work (merchant, channel, read_due) WHERE read <> 0 AND baseline_state = 0;
CREATE INDEX work_pushes ON work (merchant, channel, push_due) WHERE push;
CREATE INDEX work_baselines_due ON work (merchant, channel, read_due, item, location) WHERE read <> 0 AND baseline_state <> 0;
CREATE INDEX work_baselines ON work (merchant, baseline_state) WHERE baseline_state <> 0;
CREATE INDEX work_uncaused ON work (merchant, channel, uncaused_at) WHERE uncaused_at <> 0;

CREATE TABLE counters (
    merchant  text    COLLATE "C" NOT NULL,
    channel   text    COLLATE "C" NOT NULL,
    order_id  text    COLLATE "C" NOT NULL,
    line      text    COLLATE "C" NOT NULL,
    restocked boolean NOT NULL,
    location  text    COLLATE "C" NOT NULL,
    quantity  bigint  NOT NULL,
    PRIMARY KEY (merchant, channel, order_id, line, restocked, location)
);

CREATE TABLE waiting (
    merchant  text    COLLATE "C" NOT NULL,
    channel   text    COLLATE "C" NOT NULL,
    order_id  text    COLLATE "C" NOT NULL,
    line      text    COLLATE "C" NOT NULL,
    restocked boolean NOT NULL,
    location  text    COLLATE "C" NOT NULL,
    quantity  bigint  NOT NULL,
    reason    text    COLLATE "C" NOT NULL,
    since     bigint  NOT NULL,
    PRIMARY KEY (merchant, channel, order_id, line, restocked, location)
);

CREATE TABLE calls (
    merchant   text     COLLATE "C" NOT NULL,
    key        text     COLLATE "C" NOT NULL,
    channel    text     COLLATE "C" NOT NULL,
    state      smallint NOT NULL,
    due        bigint   NOT NULL,
    created_at bigint   NOT NULL,
    call       text     COLLATE "C" NOT NULL,
    PRIMARY KEY (merchant, key)
);
CREATE INDEX calls_open ON calls (merchant, channel, due) WHERE state = 1 /* open */;
CREATE INDEX calls_by_time ON calls (merchant, created_at, key) WHERE created_at >= 0;

CREATE TABLE call_rows (
    merchant text COLLATE "C" NOT NULL,
    channel  text COLLATE "C" NOT NULL,
    item     text COLLATE "C" NOT NULL,
    location text COLLATE "C" NOT NULL,
    call_key text COLLATE "C" NOT NULL,
    PRIMARY KEY (merchant, channel, item, location, call_key)
);

CREATE TABLE brakes (
    merchant    text   COLLATE "C" NOT NULL,
    id          text   COLLATE "C" NOT NULL,
    released_at bigint NOT NULL,
    pass_until  bigint NOT NULL,
    brake       text   COLLATE "C" NOT NULL,
    PRIMARY KEY (merchant, id)
);
CREATE INDEX brakes_released ON brakes (merchant, released_at) WHERE released_at IS NOT NULL;
CREATE INDEX brakes_passing ON brakes (merchant, pass_until) WHERE pass_until IS NOT NULL;

CREATE TABLE resource_wishes (
    merchant text   COLLATE "C" NOT NULL,
    channel  text   COLLATE "C" NOT NULL,
    resource text   COLLATE "C" NOT NULL,
    due      bigint NOT NULL,
    PRIMARY KEY (merchant, channel, resource)
);
CREATE INDEX resource_wishes_due ON resource_wishes (merchant, channel, due);

CREATE TABLE unlinked (
    merchant  text   COLLATE "C" NOT NULL,
    channel   text   COLLATE "C" NOT NULL,
    item      text   COLLATE "C" NOT NULL,
    last_seen bigint NOT NULL,
    PRIMARY KEY (merchant, channel, item)
);

CREATE TABLE cursors (
    merchant    text    COLLATE "C" NOT NULL,
    topic       text    COLLATE "C" NOT NULL,
    partition   integer NOT NULL,
    next_offset bigint  NOT NULL,
    PRIMARY KEY (merchant, topic, partition)
);

CREATE TABLE marks (
    merchant text COLLATE "C" NOT NULL,
    name     text COLLATE "C" NOT NULL,
    position text COLLATE "C" NOT NULL,
    PRIMARY KEY (merchant, name)
);

CREATE TABLE tallies (
    merchant text     COLLATE "C" NOT NULL,
    channel  text     COLLATE "C" NOT NULL,
    ending   smallint NOT NULL,
    reason   text     COLLATE "C" NOT NULL,
    count    bigint   NOT NULL,
    PRIMARY KEY (merchant, channel, ending, reason)
);

CREATE TABLE items (
    merchant text COLLATE "C" NOT NULL,
    id       text COLLATE "C" NOT NULL,
    sku      text COLLATE "C" NOT NULL,
    name     text COLLATE "C" NOT NULL,
    PRIMARY KEY (merchant, id)
);
CREATE INDEX items_by_sku ON items (merchant, sku) WHERE sku IS NOT NULL;

-- What a channel calls one of its linked items, as its catalog said last.
CREATE TABLE labels (
    merchant text COLLATE "C" NOT NULL,
    channel  text COLLATE "C" NOT NULL,
    item     text COLLATE "C" NOT NULL,
    sku      text COLLATE "C" NOT NULL,
    name     text COLLATE "C" NOT NULL,
    PRIMARY KEY (merchant, channel, item)
);
CREATE INDEX labels_by_sku ON labels (merchant, sku) WHERE sku <> '';

CREATE TABLE runs (
    merchant   text   COLLATE "C" NOT NULL,
    id         text   COLLATE "C" NOT NULL,
    kind       text   COLLATE "C" NOT NULL,
    channel    text   COLLATE "C" NOT NULL,
    started_at bigint NOT NULL,
    run        text   COLLATE "C" NOT NULL,
    PRIMARY KEY (merchant, id)
);
CREATE INDEX runs_by_time ON runs (merchant, started_at, id);

CREATE TABLE findings (
    merchant text   COLLATE "C" NOT NULL,
    id       text   COLLATE "C" NOT NULL,
    run      text   COLLATE "C" NOT NULL,
    at       bigint NOT NULL,
    class    text   COLLATE "C" NOT NULL,
    channel  text   COLLATE "C" NOT NULL,
    finding  text   COLLATE "C" NOT NULL,
    PRIMARY KEY (merchant, id)
);
CREATE INDEX findings_by_time ON findings (merchant, at, id);
CREATE INDEX findings_by_run ON findings (merchant, run, at, id);

-- The application adds to what happened, and writes what is derived or intended.
GRANT SELECT ON goose_db_version TO evenstock_app;
GRANT SELECT, INSERT ON entries, postings TO evenstock_app;
GRANT SELECT, INSERT, UPDATE ON heads, commits TO evenstock_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON balances, shelves, refs, work, counters, waiting, calls, call_rows, brakes, resource_wishes, unlinked,
    cursors, marks, tallies, items, labels, runs, findings TO evenstock_app;

-- The second fence between merchants; the first is that every statement names its merchant. Without the setting there are no rows.
-- +goose StatementBegin
DO $$
DECLARE
    fenced text;
BEGIN
    FOREACH fenced IN ARRAY ARRAY['heads', 'commits', 'entries', 'postings', 'balances', 'shelves', 'refs', 'work', 'counters', 'waiting', 'calls', 'call_rows',
        'brakes', 'resource_wishes', 'unlinked', 'cursors', 'marks', 'tallies', 'items', 'labels', 'runs', 'findings'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', fenced);
        EXECUTE format('CREATE POLICY own_merchant ON %I USING (merchant = current_setting(''evenstock.merchant'', true))', fenced);
    END LOOP;
END
$$;
-- +goose StatementEnd
