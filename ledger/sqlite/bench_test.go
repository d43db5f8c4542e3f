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
	"github.com/evenstock/evenstock/ledger/sqlite"
	"github.com/evenstock/evenstock/ledger/stock"
)

// benchItems is how many items a shop has, each with a ref on two channels.
const benchItems = 10_000

// benchStep decides what the real rules mostly decide: a reading that differs is posted, explained later, and pushed to the
// other refs of its shelf.
func benchStep(s *ledger.Snapshot, _ time.Time, inputs []ledger.Input) (ledger.Changes, error) {
	var c ledger.Changes
	worked := map[stock.Ref]struct{}{}
	siblings := map[stock.Shelf][]stock.Ref{}
	for ref, r := range s.Refs {
		siblings[r.State.Shelf] = append(siblings[r.State.Shelf], ref)
	}
	for _, input := range inputs {
		c.Dispositions = append(c.Dispositions, ledger.Disposition{Ending: ledger.Done, Channel: "till"})
		if link, ok := input.(ledger.LinkRef); ok {
			c.Entries = append(c.Entries, ledger.Entry{
				Key: "link:" + link.Ref.String(), Kind: ledger.KindBaseline, Shelf: link.Shelf, Ref: link.Ref, Status: ledger.Live, Opens: true,
			})
			continue
		}
		reading := input.(ledger.Delivered).Event.Reading
		r := s.Refs[reading.Ref]
		shelf := r.State.Shelf
		d := reading.Quantity - r.State.Expected
		e := ledger.Entry{
			Key: fmt.Sprintf("%s:%d", reading.Ref, r.State.Entries), Kind: ledger.KindReading, Shelf: shelf, Ref: reading.Ref, OccurredAt: reading.Version,
			ObservedAt: reading.Version, ExpectedDelta: d, Postings: ledger.Post(ledger.UnexplainedBy(shelf.Item, reading.Ref), ledger.AvailableOn(shelf), d),
			Evidence: stock.Evidence{"event": "b3c7a4a2-2f3e-4a1d-9f77-000000000000"},
		}
		e.Fingerprint = ledger.Fingerprint(e.Key, d.String())
		c.Entries = append(c.Entries, e)
		r.State = r.State.After(e)
		s.Refs[reading.Ref] = r
		for _, ref := range siblings[shelf] {
			other := s.Refs[ref]
			other.Work.Seq++
			if other.Work.Push = true; ref == reading.Ref {
				other.Work.Push, other.Work.Read, other.Work.ReadReason = false, other.Work.Seq, "explain"
			}
			s.Refs[ref] = other
			worked[ref] = struct{}{}
		}
	}
	for ref := range worked {
		c.Work = append(c.Work, s.Refs[ref].Work)
	}
	return c, nil
}

func benchRef(channel stock.Channel, n int) stock.Ref {
	return stock.Ref{Channel: channel, Item: fmt.Sprintf("FWE2XKEBMNQVK4AJH%07d", n), Location: "L8A1XYZ4T2"}
}

// shop is a ledger with benchItems linked items.
func shop(b *testing.B, folder string) *sqlite.Store {
	b.Helper()
	s, err := sqlite.Open(b.Context(), sqlite.Options{Folder: folder})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, s.Close()) })
	batch := ledger.Batch{At: noon}
	for n := range benchItems {
		place := stock.Shelf{Item: stock.ItemID(fmt.Sprintf("itm_%07d", n)), Location: "main"}
		batch.Inputs = append(batch.Inputs, ledger.LinkRef{Ref: benchRef("till", n), Shelf: place}, ledger.LinkRef{Ref: benchRef("web", n), Shelf: place})
	}
	_, err = s.Apply(b.Context(), benchStep, batch)
	require.NoError(b, err)
	return s
}

// crowd draws the items that customers pick: a few are picked often (Zipf, s = 1.1), or each as often as any other.
func crowd(random *rand.Rand, spread bool) func() int {
	if spread {
		return func() int { return random.IntN(benchItems) }
	}
	zipf := rand.NewZipf(random, 1.1, 1, benchItems-1)
	return func() int { return int(zipf.Uint64()) }
}

// readings draws a batch of readings.
func readings(random *rand.Rand, draw func() int, size int, at time.Time) ledger.Batch {
	batch := ledger.Batch{At: at}
	for range size {
		reading := stock.Reading{Ref: benchRef("till", draw()), Status: stock.Counted, Quantity: stock.Units(random.Int64N(1 << 30)), Version: at}
		batch.Inputs = append(batch.Inputs, ledger.Delivered{Event: stock.Event{Reading: &reading}})
	}
	return batch
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
	bare := &bareInserts{seq: 2 * benchItems}
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
			draw := crowd(random, c.spread)
			var ratios []float64
			var applied, inserted time.Duration
			next := int64(0)
			for b.Loop() {
				batches := make([]ledger.Batch, c.batches)
				for i := range batches {
					batches[i] = readings(random, draw, c.size, noon.Add(time.Duration(next+1)*time.Second))
					batches[i].Cursor = &ledger.Cursor{Topic: "events", From: next, Next: next + 1}
					next++
				}
				entries := make([][]ledger.Entry, c.batches)
				took := timed(func() {
					for i, batch := range batches {
						receipt, err := s.Apply(b.Context(), benchStep, batch)
						require.NoError(b, err)
						entries[i] = receipt.Entries
					}
				})
				bareTook := timed(func() {
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

func timed(work func()) time.Duration {
	begin := time.Now()
	work()
	return time.Since(begin)
}

func BenchmarkVerify(b *testing.B) {
	s := shop(b, b.TempDir())
	random := rand.New(rand.NewPCG(1, 2))
	for n := range 100 {
		_, err := s.Apply(b.Context(), benchStep, readings(random, crowd(random, true), 1000, noon.Add(time.Duration(n)*time.Second)))
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
