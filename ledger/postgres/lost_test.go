package postgres_test

import (
	"bytes"
	"io"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/ledgertest"
	"github.com/evenstock/evenstock/ledger/postgres"
	"github.com/evenstock/evenstock/ledger/postgres/postgrestest"
	"github.com/evenstock/evenstock/ledger/stock"
)

// cut is what a proxy does to the next commit that it sees.
type cut int32

const (
	// answerLost: the server stores it, and its answer is lost with the connection.
	answerLost cut = iota + 1
	// neverArrives: the connection is lost before the server hears of it.
	neverArrives
	// silence is answerLost, and nobody is connected any more until it is lifted.
	silence
)

// proxy stands between the program and the server, reads what they say, and cuts it.
type proxy struct {
	listener net.Listener
	server   string
	next     atomic.Int32
	deaf     atomic.Bool
	group    sync.WaitGroup
}

func newProxy(t *testing.T, server string) *proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p := &proxy{listener: listener, server: server}
	p.group.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			if p.deaf.Load() {
				_ = client.Close()
				continue
			}
			p.group.Go(func() { p.connect(client) })
		}
	})
	t.Cleanup(func() {
		require.NoError(t, listener.Close())
		p.group.Wait()
	})
	return p
}

// connect passes on what is said until one side ends, or a commit is to be cut.
func (p *proxy) connect(client net.Conn) {
	server, err := net.Dial("tcp", p.server)
	if err != nil {
		_ = client.Close()
		return
	}
	var cutting atomic.Bool
	end := func() { _ = client.Close(); _ = server.Close() }
	var both sync.WaitGroup
	both.Go(func() {
		defer end()
		passOn(client, server, func(said []byte) bool {
			if !bytes.Contains(said, []byte("commit\x00")) {
				return true
			}
			switch cut(p.next.Swap(0)) {
			case neverArrives:
				return false
			case silence:
				p.deaf.Store(true)
				cutting.Store(true)
			case answerLost:
				cutting.Store(true)
			}
			return true
		})
	})
	both.Go(func() {
		defer end()
		passOn(server, client, func(said []byte) bool { return !cutting.Load() || !bytes.Contains(said, []byte("COMMIT\x00")) })
	})
	both.Wait()
}

// passOn copies what is said as long as it may pass.
func passOn(from io.Reader, to io.Writer, passes func(said []byte) bool) {
	buffer := make([]byte, 1<<20)
	for {
		n, err := from.Read(buffer)
		if err != nil || !passes(buffer[:n]) {
			return
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// throughProxy is a merchant's store behind a proxy, with one connection, so that the batch that is cut has no other.
func throughProxy(t *testing.T, db *postgrestest.Database) (opened, *proxy) {
	t.Helper()
	s := seeded(t, db)
	config, err := db.Config(db.AppName())
	require.NoError(t, err)
	p := newProxy(t, net.JoinHostPort(config.ConnConfig.Host, strconv.Itoa(int(config.ConnConfig.Port))))
	host := p.listener.Addr().(*net.TCPAddr)
	config.ConnConfig.Host, config.ConnConfig.Port = host.IP.String(), uint16(host.Port)
	// The proxy reads statements, not the names of prepared ones.
	config.MaxConns, config.ConnConfig.DefaultQueryExecMode = 1, pgx.QueryExecModeExec
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	store, err := postgres.Open(t.Context(), pool, s.merchant)
	require.NoError(t, err)
	return opened{store, db, s.merchant}, p
}

// counted is a step that counts how often it ran.
func counted(runs *int) ledger.Step {
	return func(snapshot *ledger.Snapshot, at time.Time, inputs []ledger.Input) (ledger.Changes, error) {
		*runs++
		return ledgertest.Step(snapshot, at, inputs)
	}
}

// Whatever becomes of the answer of a commit, a batch is stored once, also one that writes no entry and moves no offset, and its caller hears
// what it did.
func TestLostCommit(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	s, p := throughProxy(t, db)
	level, want := int64(8), int64(3)
	noted := int64(0)
	for _, how := range []cut{answerLost, neverArrives, answerLost, answerLost, neverArrives} {
		level, want, noted = level-1, want+1, noted+1
		runs := 0
		p.next.Store(int32(how))
		receipt, err := s.Apply(t.Context(), counted(&runs), ledger.Batch{At: noon, Inputs: []ledger.Input{ledgertest.Read(till, stock.Units(level), noon)}})
		require.NoError(t, err)
		require.Equal(t, want, receipt.LastSeq)
		require.Equal(t, how == neverArrives, runs == 2, "what was stored is not decided again")

		p.next.Store(int32(how))
		_, err = s.Apply(t.Context(), ledgertest.Step, ledger.Batch{At: noon, Inputs: []ledger.Input{ledgertest.Do(ledger.Scope{}, ledger.Changes{
			Dispositions: []ledger.Disposition{{Ending: ledger.Parked, Channel: "web"}},
		})}})
		require.NoError(t, err)
		require.Zero(t, p.next.Load(), "the commit was cut")
		tallies, err := s.Tallies(t.Context())
		require.NoError(t, err)
		require.Contains(t, tallies, ledger.Tally{Channel: "web", Ending: ledger.Parked, Count: noted})
		require.NoError(t, s.SaveItems(t.Context(), []stock.Item{{ID: "cup"}}))
	}
	report, err := s.Verify(t.Context(), nil)
	require.NoError(t, err)
	require.True(t, report.Clean(), "%v", report.Faults)
}

// Where nobody can be asked whether a commit was stored, the caller hears that it is not known, and a repetition has no effect.
func TestCommitThatNobodyAnswersFor(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	s, p := throughProxy(t, db)
	batch := ledger.Batch{
		At: noon, Inputs: []ledger.Input{ledgertest.Read(till, 7*stock.Unit, noon)}, Cursor: &ledger.Cursor{Topic: "events", From: 3, Next: 4},
	}
	p.next.Store(int32(silence))
	_, err := s.Apply(t.Context(), ledgertest.Step, batch)
	require.ErrorContains(t, err, "it is not known whether the batch was stored")
	p.deaf.Store(false)
	_, err = s.Apply(t.Context(), ledgertest.Step, batch)
	require.ErrorIs(t, err, ledger.ErrCursorMoved)
	r, err := s.Ref(t.Context(), till)
	require.NoError(t, err)
	require.Equal(t, 7*stock.Unit, r.Level)
}

// Sessions that the server ends, and transactions that it takes back because they met others, are tried again.
func TestTriesAgain(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	s := seeded(t, db)
	for i := range 5 {
		_, err := db.Super.Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1`, db.AppName())
		require.NoError(t, err)
		if i%2 == 0 {
			_, err = s.Apply(t.Context(), ledgertest.Step, ledger.Batch{At: noon, Inputs: []ledger.Input{ledgertest.Read(till, stock.Units(int64(i)), noon)}})
		} else {
			_, err = s.Summary(t.Context())
		}
		require.NoError(t, err)
	}
	_, err := db.Super.Exec(t.Context(), `CREATE SEQUENCE meetings; GRANT USAGE ON meetings TO evenstock_app;
		CREATE FUNCTION meet() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN
			CASE nextval('meetings')
				WHEN 1 THEN RAISE EXCEPTION 'met' USING ERRCODE = '40001';
				WHEN 2 THEN RAISE EXCEPTION 'met' USING ERRCODE = '40P01';
				ELSE RETURN NULL;
			END CASE;
		END $$;
		CREATE TRIGGER meet AFTER INSERT ON entries FOR EACH STATEMENT EXECUTE FUNCTION meet()`)
	require.NoError(t, err)
	runs := 0
	receipt, err := s.Apply(t.Context(), counted(&runs), ledger.Batch{At: noon, Inputs: []ledger.Input{ledgertest.Read(till, 7*stock.Unit, noon)}})
	require.NoError(t, err)
	require.Equal(t, 3, runs)
	require.EqualValues(t, 7, receipt.LastSeq)
	report, err := s.Verify(t.Context(), nil)
	require.NoError(t, err)
	require.True(t, report.Clean(), "%v", report.Faults)
}
