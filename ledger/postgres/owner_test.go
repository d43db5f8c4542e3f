package postgres_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/ledgertest"
	"github.com/evenstock/evenstock/ledger/postgres"
	"github.com/evenstock/evenstock/ledger/postgres/postgrestest"
	"github.com/evenstock/evenstock/ledger/stock"
)

// The lock's session, by the key that Own computes.
const sqlSession = `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND (classid::bigint << 32) | objid::bigint = hashtextextended('evenstock/owner/' || $1, 0)
	AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`

func own(t *testing.T, db *postgrestest.Database, merchant string) (*postgres.Owner, error) {
	t.Helper()
	return postgres.Own(t.Context(), openFor(t, db, merchant).Store, slog.New(slog.DiscardHandler))
}

func TestOneProcessOwnsAMerchant(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	first, err := own(t, db, "a")
	require.NoError(t, err)
	_, err = own(t, db, "a")
	require.ErrorIs(t, err, ledger.ErrOwned)
	other, err := own(t, db, "b")
	require.NoError(t, err, "another merchant's is another's")
	require.NoError(t, first.Close())
	second, err := own(t, db, "a")
	require.NoError(t, err)
	require.NoError(t, second.Close())
	require.NoError(t, other.Close())
}

// An owner whose session ends is the owner again, unless another one has become it meanwhile.
func TestKeepOwnsAgain(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	log := newLines()
	owner, err := postgres.Own(t.Context(), openFor(t, db, "a").Store, slog.New(log))
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	kept := make(chan error, 1)
	go func() { kept <- owner.Keep(ctx) }()
	var session int64
	require.NoError(t, db.Super.QueryRow(t.Context(), sqlSession, "a").Scan(&session))
	_, err = db.Super.Exec(t.Context(), `SELECT pg_terminate_backend($1)`, session)
	require.NoError(t, err)
	log.await(t, "the ledger is owned again")
	_, err = own(t, db, "a")
	require.ErrorIs(t, err, ledger.ErrOwned)
	stop()
	require.NoError(t, <-kept)
	require.NoError(t, owner.Close())
}

func TestKeepEndsWhereAnotherOwns(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	owner, err := own(t, db, "a")
	require.NoError(t, err)
	// The other one stands in the queue for the lock, as no process of ours does, so that it is surely the next.
	waiting := make(chan error, 1)
	thief, err := db.App.Acquire(t.Context())
	require.NoError(t, err)
	defer thief.Release()
	go func() {
		_, err := thief.Exec(t.Context(), `SELECT pg_advisory_lock(hashtextextended('evenstock/owner/a', 0))`)
		waiting <- err
	}()
	require.Eventually(t, func() bool {
		waits := 0
		err := db.Super.QueryRow(t.Context(), `SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
			AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`).Scan(&waits)
		return err == nil && waits == 1
	}, waitFor, poll)
	var session int64
	require.NoError(t, db.Super.QueryRow(t.Context(), sqlSession, "a").Scan(&session))
	_, err = db.Super.Exec(t.Context(), `SELECT pg_terminate_backend($1)`, session)
	require.NoError(t, err)
	require.NoError(t, <-waiting)
	require.ErrorIs(t, owner.Keep(t.Context()), ledger.ErrOwned)
	require.NoError(t, owner.Close())
	_, err = thief.Exec(t.Context(), `SELECT pg_advisory_unlock_all()`)
	require.NoError(t, err)
}

// standby is a process that stands by for a merchant's ledger.
func standby(t *testing.T, db *postgrestest.Database, merchant string) *postgres.Ledger {
	t.Helper()
	u, err := url.Parse(os.Getenv(postgrestest.Variable))
	require.NoError(t, err)
	u.User, u.Path = url.User(db.AppName()), "/"+db.Name
	s, err := postgres.Standby(t.Context(), u.String(), merchant, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// Who stands by writes nothing until the owner leaves, and owns the ledger then; one after the other.
func TestStandbysTakeTheirTurns(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	merchant := seeded(t, db).merchant
	list := []*postgres.Ledger{standby(t, db, merchant), standby(t, db, merchant), standby(t, db, merchant)}
	mark := func(l *postgres.Ledger, text string) error {
		_, err := l.Apply(t.Context(), nil, ledger.Batch{At: noon, Marks: map[string]string{"turn": text}})
		return err
	}
	nobodyWaits := func() { t.Error("somebody has it already") }
	require.ErrorIs(t, mark(list[0], "too early"), ledger.ErrOwned)
	require.NoError(t, list[0].Take(t.Context(), nobodyWaits))
	require.NoError(t, mark(list[0], "0"))
	for turn := 1; turn < 7; turn++ {
		was, next := list[(turn-1)%3], list[turn%3]
		waits, taken := make(chan struct{}), make(chan error, 1)
		waiting := sync.OnceFunc(func() { close(waits) })
		go func() { taken <- next.Take(t.Context(), waiting) }()
		<-waits
		require.ErrorIs(t, mark(next, "too early"), ledger.ErrOwned)
		require.NoError(t, mark(was, "still"))
		require.NoError(t, was.Leave())
		require.NoError(t, <-taken)
		require.ErrorIs(t, mark(was, "too late"), ledger.ErrOwned)
		require.NoError(t, mark(next, fmt.Sprint(turn)))
		text, err := was.Mark(t.Context(), "turn")
		require.NoError(t, err, "it may look")
		require.Equal(t, fmt.Sprint(turn), text)
	}
	over, end := context.WithCancel(t.Context())
	waits := make(chan struct{})
	go func() { <-waits; end() }()
	require.ErrorIs(t, list[1].Take(over, sync.OnceFunc(func() { close(waits) })), context.Canceled)
	require.ErrorIs(t, mark(list[1], "nobody"), ledger.ErrOwned)
}

// An owner of whom nothing is heard, for its process is stopped or its network gone, loses its place to one that stands by. When it goes on
// it writes nothing more and hears it from Keep.
func TestAFormerOwnerWritesNothing(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	merchant, way := seeded(t, db).merchant, postgrestest.NewProxy(t)
	config, err := db.Config(db.AppName())
	require.NoError(t, err)
	host, port, err := net.SplitHostPort(way.Addr)
	require.NoError(t, err)
	number, err := strconv.ParseUint(port, 10, 16)
	require.NoError(t, err)
	config.ConnConfig.Host, config.ConnConfig.Port = host, uint16(number)
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	defer pool.Close()
	first, err := postgres.Open(t.Context(), pool, merchant)
	require.NoError(t, err)
	stopped, err := postgres.Own(t.Context(), first, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	batch := func(units int64, at time.Time) ledger.Batch {
		return ledger.Batch{At: at, Inputs: []ledger.Input{ledgertest.Read(till, stock.Units(units), at)}}
	}
	_, err = first.Apply(t.Context(), ledgertest.Step, batch(7, noon.Add(time.Minute)))
	require.NoError(t, err, "the owner writes")

	second := standby(t, db, merchant)
	waits, taken := make(chan struct{}), make(chan error, 1)
	waiting := sync.OnceFunc(func() { close(waits) })
	go func() { taken <- second.Take(t.Context(), waiting) }()
	<-waits
	way.Stall()
	since := time.Now()
	require.NoError(t, <-taken)
	t.Logf("taken %s after nothing was heard any more", time.Since(since).Round(time.Millisecond))
	way.Pass()

	for name, write := range map[string]func() error{
		"apply": func() error {
			_, err := first.Apply(t.Context(), ledgertest.Step, batch(6, noon.Add(2*time.Minute)))
			return err
		},
		"items": func() error { return first.SaveItems(t.Context(), []stock.Item{{ID: "mug", SKU: "FALSE"}}) },
		"labels": func() error {
			return first.SaveLabels(t.Context(), []ledger.Label{{Channel: "till", Item: "v1", SKU: "FALSE"}})
		},
		"run":      func() error { return first.SaveRun(t.Context(), ledger.Run{ID: "false", StartedAt: noon}) },
		"findings": func() error { return first.SaveFindings(t.Context(), []ledger.Finding{{ID: "false", At: noon}}) },
		"rebuild":  func() error { return first.Rebuild(t.Context()) },
	} {
		require.ErrorIs(t, write(), ledger.ErrOwned, name)
	}
	item, err := first.Item(t.Context(), "mug")
	require.NoError(t, err, "it may look")
	require.Equal(t, "MUG", item.SKU)
	receipt, err := second.Apply(t.Context(), ledgertest.Step, batch(6, noon.Add(2*time.Minute)))
	require.NoError(t, err)
	require.Len(t, receipt.Entries, 1)

	require.NoError(t, second.Leave())
	require.ErrorIs(t, stopped.Keep(t.Context()), ledger.ErrOwned, "another one owned it, and does no more")
	require.NoError(t, stopped.Close())
	_, err = first.Apply(t.Context(), ledgertest.Step, batch(5, noon.Add(3*time.Minute)))
	require.ErrorIs(t, err, ledger.ErrOwned)
}

// A login for whom the fences do not hold is refused, and one without rights is told how to get them.
func TestLoginsThatMustNotServe(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	_, err := postgres.Open(t.Context(), db.Super, "a")
	require.ErrorContains(t, err, "owns the tables or is above the rules")
	_, err = postgres.Open(t.Context(), db.Owner, "a")
	require.ErrorContains(t, err, "owns the tables or is above the rules")
	_, err = db.Super.Exec(t.Context(), `REVOKE evenstock_app FROM `+db.AppName())
	require.NoError(t, err)
	_, err = postgres.Open(t.Context(), db.App, "a")
	require.ErrorContains(t, err, `GRANT evenstock_app TO "`+db.AppName()+`"`)
	_, err = db.Super.Exec(t.Context(), `GRANT evenstock_app TO `+db.AppName())
	require.NoError(t, err)
	_, err = postgres.Open(t.Context(), db.App, "a")
	require.NoError(t, err)
}

func TestOpenToRead(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	_, err := postgres.OpenToRead(t.Context(), db.App, "m")
	require.ErrorIs(t, err, ledger.ErrNotFound, "nothing was begun, and is not by looking")
	s := seeded(t, db)
	reading, err := postgres.OpenToRead(t.Context(), db.App, s.merchant)
	require.NoError(t, err)
	items, err := reading.Items(t.Context(), "", 0)
	require.NoError(t, err)
	require.Len(t, items, 1)
	require.ErrorIs(t, reading.SaveItems(t.Context(), items), ledger.ErrReadOnly)
	require.ErrorIs(t, reading.Rebuild(t.Context()), ledger.ErrReadOnly)
	_, err = reading.Apply(t.Context(), nil, ledger.Batch{At: noon, Marks: map[string]string{"full": "2"}})
	require.ErrorIs(t, err, ledger.ErrReadOnly)
	report, err := reading.Verify(t.Context(), nil)
	require.NoError(t, err)
	require.True(t, report.Clean())
	require.NoError(t, reading.Close())
}

// No error of a URL repeats what may be a password.
func TestNewPoolKeepsPasswords(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"postgres://shop:canary@db/x?sslmode=canary", "postgres://db/x?password=canary&pool_max_conns=canary", "postgres://shop:canary@db:canary/x"} {
		_, err := postgres.NewPool(t.Context(), address)
		require.Error(t, err)
		require.NotContains(t, err.Error(), "canary")
	}
}
