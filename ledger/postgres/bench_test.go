package postgres_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/ledgertest"
	"github.com/evenstock/evenstock/ledger/postgres"
	"github.com/evenstock/evenstock/ledger/postgres/postgrestest"
)

// bareInserts writes entries and postings and nothing else: one statement a table, one transaction and one round trip a batch, into tables
// with the same columns, keys and indexes, but without triggers and row-level security.
type bareInserts struct {
	conn     *pgxpool.Conn
	merchant string
	seq      int64
}

const (
	bareTables = `CREATE TABLE IF NOT EXISTS bare_entries (LIKE entries INCLUDING ALL); CREATE TABLE IF NOT EXISTS bare_postings (LIKE postings INCLUDING ALL)`
	bareEntry  = `INSERT INTO bare_entries SELECT $1, * FROM unnest($2::bigint[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
		$11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[], $16::boolean[], $17::text[], $18::text[], $19::text[])`
	barePosting = `INSERT INTO bare_postings SELECT $1, * FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::bigint[], $7::text[], $8::bigint[])`
)

func (bare *bareInserts) write(ctx context.Context, entries []ledger.Entry) error {
	for i := range entries {
		bare.seq++
		entries[i].Seq = bare.seq
	}
	added, postings, err := postgres.EntryColumns(entries)
	if err != nil {
		return err
	}
	b := &pgx.Batch{}
	b.Queue("begin")
	b.Queue(bareEntry, append([]any{bare.merchant}, added...)...)
	b.Queue(barePosting, append([]any{bare.merchant}, postings...)...)
	b.Queue("commit")
	return bare.conn.SendBatch(ctx, b).Close()
}

// BenchmarkApply applies batches of readings, each with the offset it moves, and writes the rows of their entries and postings
// with bare inserts, in turns; by one writer, or by one for each of four merchants. An iteration is one round of a turn each. The ratio
// is the median of the rounds' ratios: apply rate by insert rate. Seven rounds (-benchtime 7x) or more give a figure worth quoting.
func BenchmarkApply(b *testing.B) {
	db := postgrestest.New(b)
	_, err := db.Super.Exec(b.Context(), bareTables)
	require.NoError(b, err)
	for _, c := range []struct {
		merchants, size, batches int
		spread                   bool
	}{{1, 1, 1000, false}, {1, 100, 100, false}, {1, 1000, 20, false}, {1, 1000, 20, true}, {4, 1000, 10, false}} {
		b.Run(fmt.Sprintf("merchants=%d/batch=%d/spread=%t", c.merchants, c.size, c.spread), func(b *testing.B) {
			lanes := make([]*lane, c.merchants)
			for i := range lanes {
				lanes[i] = newLane(b, db, uint64(i), c.spread)
			}
			var ratios []float64
			var applied, inserted time.Duration
			for b.Loop() {
				for _, l := range lanes {
					l.draw(c.batches, c.size)
				}
				took := ledgertest.Timed(func() { all(b, lanes, (*lane).apply) })
				bareTook := ledgertest.Timed(func() { all(b, lanes, (*lane).insert) })
				applied, inserted = applied+took, inserted+bareTook
				ratios = append(ratios, bareTook.Seconds()/took.Seconds())
			}
			slices.Sort(ratios)
			total := float64(len(ratios) * c.merchants * c.batches * c.size)
			b.ReportMetric(total/applied.Seconds(), "applied/s")
			b.ReportMetric(total/inserted.Seconds(), "inserted/s")
			b.ReportMetric(ratios[len(ratios)/2], "ratio")
			for _, l := range lanes {
				report, err := l.store.Verify(b.Context(), nil)
				require.NoError(b, err)
				require.True(b, report.Clean(), "no speed is bought with a wrong ledger: %v", report.Faults)
			}
		})
	}
}

// lane is one merchant's writer.
type lane struct {
	store   opened
	bare    *bareInserts
	random  *rand.Rand
	pick    func() int
	next    int64
	batches []ledger.Batch
	entries [][]ledger.Entry
}

func newLane(b *testing.B, db *postgrestest.Database, seed uint64, spread bool) *lane {
	b.Helper()
	l := &lane{store: open(b, db), random: rand.New(rand.NewPCG(1, seed))}
	l.pick = ledgertest.Crowd(l.random, spread)
	_, err := l.store.Apply(b.Context(), ledgertest.LoadStep, ledgertest.LoadLinks(noon))
	require.NoError(b, err)
	conn, err := db.Super.Acquire(b.Context())
	require.NoError(b, err)
	b.Cleanup(conn.Release)
	l.bare = &bareInserts{conn: conn, merchant: l.store.merchant}
	return l
}

func (l *lane) draw(batches, size int) {
	l.batches, l.entries = nil, nil
	for range batches {
		batch := ledgertest.LoadReadings(l.random, l.pick, size, noon.Add(time.Duration(l.next+1)*time.Second))
		batch.Cursor = &ledger.Cursor{Topic: "events", From: l.next, Next: l.next + 1}
		l.next++
		l.batches = append(l.batches, batch)
	}
}

func (l *lane) apply(ctx context.Context) error {
	for _, batch := range l.batches {
		receipt, err := l.store.Apply(ctx, ledgertest.LoadStep, batch)
		if err != nil {
			return err
		}
		l.entries = append(l.entries, receipt.Entries)
	}
	return nil
}

func (l *lane) insert(ctx context.Context) error {
	for _, entries := range l.entries {
		if err := l.bare.write(ctx, entries); err != nil {
			return err
		}
	}
	return nil
}

func all(b *testing.B, lanes []*lane, work func(l *lane, ctx context.Context) error) {
	var group sync.WaitGroup
	errs := make([]error, len(lanes))
	for i, l := range lanes {
		group.Go(func() { errs[i] = work(l, b.Context()) })
	}
	group.Wait()
	for _, err := range errs {
		require.NoError(b, err)
	}
}
