package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/ledgertest"
	"github.com/evenstock/evenstock/ledger/postgres/postgrestest"
	"github.com/evenstock/evenstock/ledger/registry"
	"github.com/evenstock/evenstock/ledger/stock"
)

var (
	till  = stock.Ref{Channel: "till", Item: "v1", Location: "L1"}
	shelf = stock.Shelf{Item: "mug", Location: "main"}
	noon  = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
)

// seeded is a store with something in every table: a ref at eight units, one of which is unexplained.
func seeded(t *testing.T, db *postgrestest.Database) opened {
	t.Helper()
	s := open(t, db)
	counter := ledger.CounterKey{Channel: "till", Order: "1", Line: "1"}
	memory := ledgertest.Do(ledger.Scope{}, ledger.Changes{
		Counters: map[ledger.CounterKey]stock.Quantity{counter: 1}, Waiting: []ledger.Waiting{{Counter: counter, Quantity: 1, Since: noon}},
		Calls:     []ledger.Call{{Key: "c", Channel: "till", State: ledger.CallOpen, Rows: []ledger.CallRow{{PushRow: stock.PushRow{Ref: till}}}}},
		Brakes:    []ledger.Brake{{ID: "b", Kind: ledger.MassChange, Channel: "till", Since: noon}},
		Resources: []ledger.ResourceWish{{Channel: "till", Resource: "order/1", Due: noon}},
		Unlinked:  []ledger.UnlinkedItem{{Channel: "till", Item: "v2", LastSeen: noon}}, Findings: []ledger.Finding{{ID: "f", At: noon, Channel: "till"}},
	})
	_, err := s.Apply(t.Context(), ledgertest.Step, ledger.Batch{
		At: noon, Cursor: &ledger.Cursor{Topic: "events", Next: 3}, Marks: map[string]string{"full": "1"},
		Inputs: []ledger.Input{ledgertest.Link(till, shelf, "v1"), ledgertest.Baseline(till, 9*stock.Unit, noon),
			ledgertest.Read(till, 8*stock.Unit, noon.Add(time.Second)), memory},
	})
	require.NoError(t, err)
	require.NoError(t, s.SaveItems(t.Context(), []stock.Item{{ID: "mug", SKU: "MUG"}}))
	require.NoError(t, s.SaveLabels(t.Context(), []ledger.Label{{Channel: "till", Item: "v1", SKU: "MUG"}}))
	require.NoError(t, s.SaveRun(t.Context(), ledger.Run{ID: "r", Channel: "till", StartedAt: noon}))
	require.NoError(t, registryOf(t, db).AddMerchant(t.Context(), registry.Merchant{Name: s.merchant, State: registry.Working, Since: noon, Settings: "{}",
		Channels: []registry.Channel{{Name: "till", Platform: "square", Settings: "{}"}}}))
	return s
}

// attempt runs statements in a transaction of one pool that sees a merchant, takes it back, and returns what became of the last.
func attempt(t *testing.T, pool *pgxpool.Pool, merchant string, texts ...string) (pgconn.CommandTag, error) {
	t.Helper()
	tx, err := pool.Begin(t.Context())
	require.NoError(t, err)
	defer func() { require.NoError(t, tx.Rollback(context.WithoutCancel(t.Context()))) }()
	_, err = tx.Exec(t.Context(), `SELECT set_config('evenstock.merchant', $1, true)`, merchant)
	require.NoError(t, err)
	for _, text := range texts[:len(texts)-1] {
		_, err := tx.Exec(t.Context(), text)
		require.NoError(t, err, text)
	}
	return tx.Exec(t.Context(), texts[len(texts)-1])
}

func codeOf(err error) string {
	if pg, is := errors.AsType[*pgconn.PgError](err); is {
		return pg.Code
	}
	return fmt.Sprint(err)
}

// history are statements that would change what happened to the seeded merchant.
func history(merchant string) []string {
	own := ` WHERE merchant = '` + merchant + `'`
	entry := ` '%s', %d, '%s', '', 4, 'mug', 'main', '', '', '', 0, 0, 0, 0, 0, false, NULL, NULL, NULL`
	return []string{
		`UPDATE entries SET key = 'x'` + own, `DELETE FROM entries` + own, `TRUNCATE entries`, `TRUNCATE entries CASCADE`,
		`UPDATE postings SET quantity = 1` + own, `DELETE FROM postings` + own, `TRUNCATE postings`,
		`MERGE INTO postings p USING (VALUES (1)) v ON p.merchant = '` + merchant + `' WHEN MATCHED THEN DELETE`,
		`INSERT INTO entries SELECT * FROM entries` + own + ` ON CONFLICT (merchant, seq) DO UPDATE SET key = 'x'`,
		`INSERT INTO entries SELECT` + fmt.Sprintf(entry, merchant, 9, "gap"), `INSERT INTO entries SELECT` + fmt.Sprintf(entry, merchant, 0, "before"),
		`INSERT INTO entries SELECT` + fmt.Sprintf(entry, "nobody", 1, "no head"),
		`INSERT INTO postings VALUES ('` + merchant + `', 1, 7, 1, 'main', 3, 'till', 5)`, `INSERT INTO postings VALUES ('` + merchant + `', 4, 0, 1, 'main', 3, 'till', 5)`,
		`UPDATE heads SET last_seq = last_seq - 1` + own, `UPDATE heads SET last_seq = last_seq + 1` + own,
	}
}

func TestDatabaseRefusesToChangeHistory(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	s := seeded(t, db)
	for _, text := range history(s.merchant) {
		_, err := attempt(t, db.App, s.merchant, text)
		require.Contains(t, []string{"42501", "23001"}, codeOf(err), "the application: %s", text)
		_, err = attempt(t, db.Owner, s.merchant, text)
		require.Equal(t, "23001", codeOf(err), "the owner of the tables: %s", text)
		_, err = attempt(t, db.Super, s.merchant, `SET LOCAL session_replication_role = replica`, text)
		require.Equal(t, "23001", codeOf(err), "a superuser with replication's exemption: %s", text)
	}
	for _, text := range []string{
		`SET session_replication_role = replica`, `ALTER TABLE entries DISABLE TRIGGER USER`, `ALTER TABLE entries DISABLE ROW LEVEL SECURITY`, `DROP TABLE postings`,
		`DROP TRIGGER entries_never_changed ON entries`, `CREATE TRIGGER swallow BEFORE INSERT ON entries FOR EACH ROW EXECUTE FUNCTION append_only()`,
		`ALTER TABLE postings ALTER COLUMN quantity TYPE bigint USING 1`, `DROP POLICY own_merchant ON entries`, `DELETE FROM heads`, `UPDATE goose_db_version SET version_id = 0`,
	} {
		_, err := attempt(t, db.App, s.merchant, text)
		require.Equal(t, "42501", codeOf(err), text)
	}
	report, err := s.Verify(t.Context(), nil)
	require.NoError(t, err)
	require.True(t, report.Clean(), "%v", report.Faults)
	require.EqualValues(t, 3, report.Entries)
}

// merchantTables are the tables that hold rows of merchants.
func merchantTables(t *testing.T, db *postgrestest.Database) (names []string) {
	t.Helper()
	rows, err := db.Super.Query(t.Context(), `SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'merchant'
		WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace ORDER BY 1`)
	require.NoError(t, err)
	names, err = pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	return names
}

// TestNoMerchantSeesAnother tries to cross the second fence with the role that the program works as, in every table, without the first
// fence, the merchant's name in the statement.
func TestNoMerchantSeesAnother(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	own, other := seeded(t, db), seeded(t, db)
	tables := merchantTables(t, db)
	require.Len(t, tables, 24)
	count := func(pool *pgxpool.Pool, merchant, text string) int64 {
		tag, err := attempt(t, pool, merchant, text)
		require.NoError(t, err, text)
		return tag.RowsAffected()
	}
	for _, table := range tables {
		there := ` FROM ` + table + ` WHERE merchant = '` + other.merchant + `'`
		require.Positive(t, count(db.Super, "", `SELECT`+there), "%s holds something of the other merchant", table)
		require.Positive(t, count(db.App, own.merchant, `SELECT FROM `+table), table)
		require.Zero(t, count(db.App, own.merchant, `SELECT`+there), table)
		require.Zero(t, count(db.App, own.merchant, `SELECT FROM `+table+` WHERE merchant <> '`+own.merchant+`'`), table)
		for _, nobody := range []string{"", "nobody", "%", own.merchant + "' OR 'a' = 'a"} {
			require.Zero(t, count(db.App, nobody, `SELECT FROM `+table), table)
		}
		if table == "entries" || table == "postings" {
			continue // nobody may change them
		}
		require.Zero(t, count(db.App, own.merchant, `UPDATE `+table+` SET merchant = '`+own.merchant+`' WHERE merchant = '`+other.merchant+`'`), table)
		_, err := attempt(t, db.App, own.merchant, `UPDATE `+table+` SET merchant = '`+other.merchant+`'`)
		require.Contains(t, []string{"42501", "23001"}, codeOf(err), table)
		if table != "heads" && table != "commits" {
			require.Zero(t, count(db.App, own.merchant, `DELETE`+there), table)
		}
	}
	for _, text := range []string{
		`INSERT INTO marks VALUES ('` + other.merchant + `', 'stolen', '')`, `INSERT INTO heads VALUES ('stranger')`,
		`INSERT INTO marks SELECT '` + other.merchant + `', 'full', '2' ON CONFLICT (merchant, name) DO UPDATE SET position = '2'`,
		`SET ROLE ` + db.OwnerName(),
	} {
		_, err := attempt(t, db.App, own.merchant, text)
		require.Equal(t, "42501", codeOf(err), text)
	}
	_, err := attempt(t, db.App, own.merchant, `SET LOCAL row_security = off`, `SELECT FROM entries`)
	require.Equal(t, "42501", codeOf(err))
	tag, err := db.App.Exec(t.Context(), `SELECT FROM entries`)
	require.NoError(t, err)
	require.Zero(t, tag.RowsAffected(), "a connection that was used names no merchant any more")
}

// A table that is made later is fenced too.
func TestEveryTableIsFenced(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	rows, err := db.Super.Query(t.Context(), `SELECT c.relname FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
		AND NOT (c.relrowsecurity AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid))`)
	require.NoError(t, err)
	open, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	require.Equal(t, []string{"goose_db_version"}, open)
	rows, err = db.Super.Query(t.Context(), `SELECT c.relname || '.' || a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
		WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attcollation <> 0 AND a.attcollation <> '"C"'::regcollation`)
	require.NoError(t, err)
	ordered, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	require.Empty(t, ordered, "text that is not ordered by its bytes")
}
