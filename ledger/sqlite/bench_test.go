package sqlite_test

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/ledgertest"
	"github.com/evenstock/evenstock/ledger/sqlite"
)

// shop is a ledger with ledgertest.LoadItems linked items.
func shop(b *testing.B, folder string) *sqlite.Store {
	b.Helper()
	s, err := sqlite.Open(b.Context(), sqlite.Options{Folder: folder})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, s.Close()) })
	_, err = s.Apply(b.Context(), ledgertest.LoadStep, ledgertest.LoadLinks(noon))
	require.NoError(b, err)
	return s
}

// bareInserts writes entries and postings and nothing else, with the store's own statements and settings.
type bareInserts struct {
	conn           *sql.Conn
	entry, posting *sql.Stmt
	seq            int64
}

func newBareInserts(b *testing.B) *bareInserts {
	b.Helper()
	folder := b.TempDir()
	s := shop(b, folder)
	db, err := sql.Open("sqlite", "file:"+sqlite.File(folder)+"?_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&_pragma=cache_size(-8192)&_pragma=wal_autocheckpoint(4096)")
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, db.Close()) })
	bare := &bareInserts{seq: 2 * ledgertest.LoadItems}
	bare.conn, err = db.Conn(b.Context())
	require.NoError(b, err)
	bare.entry, err = bare.conn.PrepareContext(b.Context(), `INSERT INTO entries VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)`)
	require.NoError(b, err)
	bare.posting, err = bare.conn.PrepareContext(b.Context(), `INSERT INTO postings VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)`)
	require.NoError(b, err)
	require.NotNil(b, s)
	return bare
}

func (bare *bareInserts) write(b *testing.B, entries []ledger.Entry) {
	ctx := context.WithoutCancel(b.Context())
	exec := func(_ sql.Result, err error) { require.NoError(b, err) }
	exec(bare.conn.ExecContext(ctx, "BEGIN IMMEDIATE"))
	for _, e := range entries {
		bare.seq++
		exec(bare.entry.ExecContext(ctx, bare.seq, e.Key, e.Fingerprint, int64(e.Kind), e.Shelf.Item, e.Shelf.Location, e.Ref.Channel, e.Ref.Item,
			e.Ref.Location, e.OccurredAt.UnixNano(), e.ObservedAt.UnixNano(), e.RecordedAt.UnixNano(), int64(e.ExpectedDelta), int64(e.Status), 0,
			nil, nil, `{"event":"b3c7a4a2-2f3e-4a1d-9f77-000000000000"}`))
		for row, p := range e.Postings {
			exec(bare.posting.ExecContext(ctx, bare.seq, row, int64(p.From.Kind), p.From.Name, int64(p.To.Kind), p.To.Name, int64(p.Quantity)))
		}
	}
	exec(bare.conn.ExecContext(ctx, "COMMIT"))
}

// BenchmarkApply applies batches of readings, each with the offset it moves, and writes the rows of their entries and postings
// into a second file with bare inserts, in turns. An iteration is one round of a turn each, long enough to contain
// checkpoints. The ratio is the median of the rounds' ratios: apply rate by insert rate. Seven rounds (-benchtime 7x) or more
// give a figure worth quoting.
func BenchmarkApply(b *testing.B) {
	for _, c := range []struct {
		size, batches int
		spread        bool
	}{{1, 2000, false}, {100, 100, false}, {1000, 20, false}, {1000, 20, true}} {
		b.Run(fmt.Sprintf("batch=%d/spread=%t", c.size, c.spread), func(b *testing.B) {
			s, bare := shop(b, b.TempDir()), newBareInserts(b)
			random := rand.New(rand.NewPCG(1, 2))
			draw := ledgertest.Crowd(random, c.spread)
			var ratios []float64
			var applied, inserted time.Duration
			next := int64(0)
			for b.Loop() {
				batches := make([]ledger.Batch, c.batches)
				for i := range batches {
					batches[i] = ledgertest.LoadReadings(random, draw, c.size, noon.Add(time.Duration(next+1)*time.Second))
					batches[i].Cursor = &ledger.Cursor{Topic: "events", From: next, Next: next + 1}
					next++
				}
				entries := make([][]ledger.Entry, c.batches)
				took := ledgertest.Timed(func() {
					for i, batch := range batches {
						receipt, err := s.Apply(b.Context(), ledgertest.LoadStep, batch)
						require.NoError(b, err)
						entries[i] = receipt.Entries
					}
				})
				bareTook := ledgertest.Timed(func() {
					for _, list := range entries {
						require.Len(b, list, c.size)
						bare.write(b, list)
					}
				})
				applied, inserted = applied+took, inserted+bareTook
				ratios = append(ratios, bareTook.Seconds()/took.Seconds())
			}
			slices.Sort(ratios)
			total := float64(next * int64(c.size))
			b.ReportMetric(total/applied.Seconds(), "applied/s")
			b.ReportMetric(total/inserted.Seconds(), "inserted/s")
			b.ReportMetric(ratios[len(ratios)/2], "ratio")
			report, err := s.Verify(b.Context(), nil)
			require.NoError(b, err)
			require.True(b, report.Clean(), "no speed is bought with a wrong ledger: %v", report.Faults)
		})
	}
}

func BenchmarkVerify(b *testing.B) {
	s := shop(b, b.TempDir())
	random := rand.New(rand.NewPCG(1, 2))
	for n := range 100 {
		_, err := s.Apply(b.Context(), ledgertest.LoadStep, ledgertest.LoadReadings(random, ledgertest.Crowd(random, true), 1000, noon.Add(time.Duration(n)*time.Second)))
		require.NoError(b, err)
	}
	var rows int64
	for b.Loop() {
		report, err := s.Verify(b.Context(), nil)
		require.NoError(b, err)
		require.True(b, report.Clean())
		rows += report.Entries + report.Postings
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}
