package converge_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/converge"
)

// crowd is a store and a platform with more to do than a page of the ledger holds. A brake holds the pushes it names.
type crowd struct {
	fakeStore
	fakePlatform
	reads  []ledger.DueRef
	pushes []ledger.DuePush
	braked map[stock.Ref]bool
	log    []string
	// afterRead is called after each request for readings, with its number.
	afterRead func(n int)
	requests  int
}

func (c *crowd) DueReads(_ context.Context, _ stock.Channel, _ time.Time, limit int) ([]ledger.DueRef, error) {
	return slices.Clone(c.reads[:min(len(c.reads), ledger.PageSize(limit))]), nil
}

func (c *crowd) DuePushes(_ context.Context, _ stock.Channel, _ time.Time, after ledger.DuePush, limit int) ([]ledger.DuePush, error) {
	from, found := slices.BinarySearchFunc(c.pushes, after, ledger.DuePush.Compare)
	if found {
		from++
	}
	rest := c.pushes[from:]
	return slices.Clone(rest[:min(len(rest), ledger.PageSize(limit))]), nil
}

func (c *crowd) Apply(_ context.Context, _ ledger.Step, batch ledger.Batch) (receipt ledger.Receipt, err error) {
	read := map[stock.Ref]bool{}
	for _, input := range batch.Inputs {
		switch in := input.(type) {
		case ledger.PlanCall:
			call := ledger.Call{Key: in.Key, Attempts: 1}
			for _, ref := range in.Refs {
				if !c.braked[ref] {
					call.Rows = append(call.Rows, ledger.CallRow{PushRow: stock.PushRow{Ref: ref}})
				}
			}
			if len(call.Rows) > 0 {
				receipt.Calls = append(receipt.Calls, call)
				c.log = append(c.log, fmt.Sprint("push ", call.Rows[0].Ref.Item, " of ", len(call.Rows)))
			}
			c.pushes = slices.DeleteFunc(c.pushes, func(push ledger.DuePush) bool { return !c.braked[push.Ref] && slices.Contains(in.Refs, push.Ref) })
		case ledger.OwnRead:
			read[in.Reading.Ref] = true
		case ledger.CallAnswered:
		default:
			return receipt, fmt.Errorf("applying %T", input)
		}
	}
	c.reads = slices.DeleteFunc(c.reads, func(ref ledger.DueRef) bool { return read[ref.State.Ref] })
	return receipt, nil
}

func (c *crowd) MaxReads() int          { return 2000 }
func (c *crowd) MaxRows() int           { return 2000 }
func (c *crowd) PlatformNow() time.Time { return c.now }

func (c *crowd) ReadRefs(_ context.Context, refs []stock.Ref, _ time.Time) (page stock.Page, err error) {
	c.log = append(c.log, fmt.Sprint("read ", refs[0].Item, " of ", len(refs)))
	for _, ref := range refs {
		page.Readings = append(page.Readings, stock.Reading{Ref: ref, Status: stock.Counted})
	}
	c.requests++
	c.afterRead(c.requests)
	return page, nil
}

// TestMoreDueThanAPage: whatever a brake holds near zero, pushes farther away are sent; what is nearest to zero goes first; and a
// push that becomes wanted goes before the next request for readings.
func TestMoreDueThanAPage(t *testing.T) {
	t.Parallel()
	const many = ledger.MaxPage + 2500
	ctx, stop := context.WithCancel(t.Context())
	c := &crowd{fakeStore: fakeStore{now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC), stop: stop}, fakePlatform: fakePlatform{outcome: stock.Applied}, braked: map[stock.Ref]bool{}}
	name := func(kind string, i int) stock.Ref {
		return stock.Ref{Channel: "web", Item: fmt.Sprintf("%s%05d", kind, i), Location: "77"}
	}
	for i := range many {
		ref := name("braked", i)
		c.braked[ref] = true
		c.pushes = append(c.pushes, ledger.DuePush{Ref: ref, Level: stock.Units(int64(i + 1))})
		c.reads = append(c.reads, ledger.DueRef{Ref: ledger.Ref{State: ledger.RefState{Ref: name("ref", i)}}})
	}
	for i := range 3 {
		c.pushes = append(c.pushes, ledger.DuePush{Ref: name("far", i), Level: stock.Units(int64(many + 10))})
	}
	c.afterRead = func(n int) {
		if n == 2 {
			c.pushes = slices.Insert(c.pushes, 0, ledger.DuePush{Ref: name("sold out", 0)})
		}
	}
	keys := 0
	worker := converge.New(converge.Options{Channel: "web", Platform: c, Ledger: c, Waker: converge.NewWaker(), Now: func() time.Time { return c.now },
		Logger: slog.New(slog.DiscardHandler), NewKey: func() string { keys++; return fmt.Sprint("key", keys) }})
	require.NoError(t, worker.Run(ctx))
	require.Equal(t, []string{
		"push far00000 of 3", "read ref00000 of 2000", "read ref02000 of 2000", "push sold out00000 of 1", "read ref04000 of 2000",
		"read ref06000 of 2000", "read ref08000 of 2000", "read ref10000 of 2000", "read ref12000 of 500",
	}, c.log)
	require.Len(t, c.pushes, many, "what a brake holds stays wanted")
}
