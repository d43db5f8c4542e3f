package ledgertest

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// LoadItems is how many items a shop has, each with a ref on two channels.
const LoadItems = 10_000

// LoadStep decides what the real rules mostly decide: a reading that differs is posted, explained later, and pushed to the
// other refs of its shelf.
func LoadStep(s *ledger.Snapshot, _ time.Time, inputs []ledger.Input) (ledger.Changes, error) {
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

// LoadRef is a ref of the nth item.
func LoadRef(channel stock.Channel, n int) stock.Ref {
	return stock.Ref{Channel: channel, Item: fmt.Sprintf("FWE2XKEBMNQVK4AJH%07d", n), Location: "L8A1XYZ4T2"}
}

// LoadLinks links the items of a shop.
func LoadLinks(at time.Time) ledger.Batch {
	batch := ledger.Batch{At: at}
	for n := range LoadItems {
		place := stock.Shelf{Item: stock.ItemID(fmt.Sprintf("itm_%07d", n)), Location: "main"}
		batch.Inputs = append(batch.Inputs, ledger.LinkRef{Ref: LoadRef("till", n), Shelf: place}, ledger.LinkRef{Ref: LoadRef("web", n), Shelf: place})
	}
	return batch
}

// Crowd draws the items that customers pick: a few are picked often (Zipf, s = 1.1), or each as often as any other.
func Crowd(random *rand.Rand, spread bool) func() int {
	if spread {
		return func() int { return random.IntN(LoadItems) }
	}
	zipf := rand.NewZipf(random, 1.1, 1, LoadItems-1)
	return func() int { return int(zipf.Uint64()) }
}

// LoadReadings draws a batch of readings.
func LoadReadings(random *rand.Rand, draw func() int, size int, at time.Time) ledger.Batch {
	batch := ledger.Batch{At: at}
	for range size {
		reading := stock.Reading{Ref: LoadRef("till", draw()), Status: stock.Counted, Quantity: stock.Units(random.Int64N(1 << 30)), Version: at}
		batch.Inputs = append(batch.Inputs, ledger.Delivered{Event: stock.Event{Reading: &reading}})
	}
	return batch
}

// Timed is how long work takes.
func Timed(work func()) time.Duration {
	begin := time.Now()
	work()
	return time.Since(begin)
}
