-- +goose Up

-- Which merchants there are beside those that the configuration declares, and in which state they are. settings is empty for a merchant that
-- the configuration declares.
CREATE TABLE merchants (
    merchant text     COLLATE "C" PRIMARY KEY CHECK (merchant <> ''),
    state    smallint NOT NULL CHECK (state BETWEEN 1 /* working */ AND 3 /* erasing */),
    since    bigint   NOT NULL,
    by       text     COLLATE "C" NOT NULL,
    settings text     COLLATE "C" NOT NULL
);

CREATE TABLE merchant_channels (
    merchant text    COLLATE "C" NOT NULL REFERENCES merchants ON DELETE CASCADE,
    place    integer NOT NULL,
    name     text    COLLATE "C" NOT NULL,
    platform text    COLLATE "C" NOT NULL,
    settings text    COLLATE "C" NOT NULL,
    PRIMARY KEY (merchant, place)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON merchants, merchant_channels TO evenstock_app;

-- Who works on one merchant's ledger sees that merchant alone here too. The registry, which is of all of them, says '*': no merchant is called so.
-- +goose StatementBegin
DO $$
DECLARE
    fenced text;
BEGIN
    FOREACH fenced IN ARRAY ARRAY['merchants', 'merchant_channels'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', fenced);
        EXECUTE format('CREATE POLICY own_merchant ON %I USING (merchant = current_setting(''evenstock.merchant'', true) OR current_setting(''evenstock.merchant'', true) = ''*'')', fenced);
    END LOOP;
END
$$;
-- +goose StatementEnd

-- History is not changed. What may go is all of a merchant at once, by who owns the tables, in a transaction that says whose it is.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND TG_LEVEL = 'ROW' AND OLD.merchant = current_setting('evenstock.erase', true)
        AND pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'MEMBER')
        AND EXISTS (SELECT FROM merchants m WHERE m.merchant = OLD.merchant AND m.state = 3 /* erasing */) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% are append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;
-- +goose StatementEnd
