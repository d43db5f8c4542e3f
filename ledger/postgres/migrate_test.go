package postgres_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/ledgertest"
	"github.com/evenstock/evenstock/ledger/postgres"
	"github.com/evenstock/evenstock/ledger/postgres/postgrestest"
	"github.com/evenstock/evenstock/ledger/stock"
)

// Of processes that start together one migrates, and the others wait for it.
func TestMigratesOnce(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	_, err := db.Owner.Exec(t.Context(), `DROP OWNED BY CURRENT_USER; CREATE SCHEMA IF NOT EXISTS public`)
	require.NoError(t, err)
	errs := make([]error, 4)
	var group sync.WaitGroup
	for i := range errs {
		group.Go(func() { errs[i] = postgres.Migrate(t.Context(), db.Owner, nil) })
	}
	group.Wait()
	require.NoError(t, errors.Join(errs...))
	seeded(t, db)
	require.NoError(t, postgres.Migrate(t.Context(), db.Owner, nil), "there is nothing to do")
}

func TestOpenRefusesOtherSchemas(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	_, err := db.Super.Exec(t.Context(), `UPDATE goose_db_version SET is_applied = false WHERE version_id > 0`)
	require.NoError(t, err)
	_, err = postgres.Open(t.Context(), db.App, "m")
	require.ErrorIs(t, err, ledger.ErrOlder)
	_, err = db.Super.Exec(t.Context(), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, true)`)
	require.NoError(t, err)
	_, err = postgres.Open(t.Context(), db.App, "m")
	require.ErrorIs(t, err, ledger.ErrNewer)
	require.ErrorIs(t, postgres.Migrate(t.Context(), db.Owner, nil), ledger.ErrNewer)
}

// firstRows are what the first version of the schema held: a ref that is live on an open shelf of eight, to be pushed, and one that waits for its
// baseline.
const firstRows = `
INSERT INTO heads (merchant) VALUES ('m');
INSERT INTO items (merchant, id, sku, name) VALUES ('m', 'mug', 'MUG', 'Mug');
INSERT INTO entries (merchant, seq, key, fingerprint, kind, item, location, channel, ref_item, ref_location, occurred_at, observed_at, recorded_at,
	expected_delta, status, opens) VALUES
	('m', 1, 'link', '', 5, 'mug', 'main', 'till', 'v1', 'L1', 5, 5, 5, 0, 1, false),
	('m', 2, 'baseline', '', 1, 'mug', 'main', 'till', 'v1', 'L1', 6, 6, 6, 800000, 2, true);
INSERT INTO postings (merchant, seq, row, from_kind, from_name, to_kind, to_name, quantity) VALUES ('m', 2, 0, 2, '', 1, 'main', 800000);
UPDATE heads SET last_seq = 2, batches = 1 WHERE merchant = 'm';
INSERT INTO shelves (merchant, item, location, opened) VALUES ('m', 'mug', 'main', true);
INSERT INTO balances (merchant, item, kind, name, quantity, since) VALUES ('m', 'mug', 1, 'main', 800000, 6), ('m', 'mug', 2, '', -800000, 6);
INSERT INTO refs (merchant, channel, item, location, shelf_item, shelf_location, sold_as, status, expected, version, contains, entries, sold_out, reason) VALUES
	('m', 'till', 'v1', 'L1', 'mug', 'main', 'v1', 2, 800000, 6, 6, 2, 0, ''),
	('m', 'web', '1', '77', 'mug', 'main', '1', 1, 0, 0, 0, 1, 0, '');
INSERT INTO work (merchant, channel, item, location, seq, read, read_due, read_until, read_reason, push, push_due, refusals, in_flight, delivered, older,
	feed_from, unlink, baseline, before_level, before_at, uncaused_at, baseline_state) VALUES
	('m', 'till', 'v1', 'L1', 3, 0, 0, 0, '', true, 30, 0, '', 0, 0, 0, false, NULL, 0, 0, 0, 0),
	('m', 'web', '1', '77', 4, 3, 20, 0, 'baseline', false, 0, 0, '', 0, 0, 0, false, '{"authority":false,"orders_from":"2026-03-14T12:00:00Z"}', 0, 0, 0, 1);`

// A ledger of any earlier version migrates with everything that was to be done, and is written on.
func TestMigratesFromEveryVersion(t *testing.T) {
	t.Parallel()
	for version := int64(1); version < postgres.Versions(); version++ {
		t.Run(fmt.Sprint(version), func(t *testing.T) {
			t.Parallel()
			db := postgrestest.New(t)
			_, err := db.Owner.Exec(t.Context(), `DROP OWNED BY CURRENT_USER; CREATE SCHEMA IF NOT EXISTS public`)
			require.NoError(t, err)
			require.NoError(t, postgres.MigrateTo(t.Context(), db.Owner, 1))
			_, err = db.Super.Exec(t.Context(), firstRows)
			require.NoError(t, err)
			require.NoError(t, postgres.MigrateTo(t.Context(), db.Owner, version))
			_, err = postgres.Open(t.Context(), db.App, "m")
			require.ErrorIs(t, err, ledger.ErrOlder)

			require.NoError(t, postgres.Migrate(t.Context(), db.Owner, nil))
			s := openFor(t, db, "m")
			pushes, err := s.DuePushes(t.Context(), "till", noon, ledger.DuePush{}, 0)
			require.NoError(t, err)
			require.Equal(t, []ledger.DuePush{{Ref: till, Level: 8 * stock.Unit, Due: time.Unix(0, 30).UTC()}}, pushes)
			waiting, err := s.DueBaselines(t.Context(), "web", noon, 0)
			require.NoError(t, err)
			require.Len(t, waiting, 1)
			_, err = s.Apply(t.Context(), ledgertest.Step, ledger.Batch{At: noon, Inputs: []ledger.Input{ledgertest.Read(till, 7*stock.Unit, noon)}})
			require.NoError(t, err)
			levels, err := s.Levels(t.Context(), ledger.AsOf{})
			require.NoError(t, err)
			require.Equal(t, map[stock.Shelf]stock.Quantity{shelf: 7 * stock.Unit}, levels)
		})
	}
}
