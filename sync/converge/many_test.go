package converge_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
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
	waker *converge.Waker

	mu           sync.Mutex
	reads        []ledger.DueRef
	pushes       []ledger.DuePush
	braked       map[stock.Ref]bool
	read, pushed []string
	requests     int
	// during is called in each request for readings, with its number.
	during func(n int)
}

func (c *crowd) DueReads(_ context.Context, _ stock.Channel, _ time.Time, limit int) ([]ledger.DueRef, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.reads[:min(len(c.reads), ledger.PageSize(limit))]), nil
}

func (c *crowd) DuePushes(_ context.Context, _ stock.Channel, _ time.Time, after ledger.DuePush, limit int) ([]ledger.DuePush, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	from, found := slices.BinarySearchFunc(c.pushes, after, ledger.DuePush.Compare)
	if found {
		from++
	}
	rest := c.pushes[from:]
	return slices.Clone(rest[:min(len(rest), ledger.PageSize(limit))]), nil
}

func (c *crowd) Apply(_ context.Context, _ ledger.Step, batch ledger.Batch) (receipt ledger.Receipt, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
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
				c.pushed = append(c.pushed, fmt.Sprint(call.Rows[0].Ref.Item, " of ", len(call.Rows)))
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
func (c *crowd) PlatformNow() time.Time { return time.Now() }

func (c *crowd) ReadRefs(_ context.Context, refs []stock.Ref, _ time.Time) (page stock.Page, err error) {
	c.mu.Lock()
	c.read = append(c.read, fmt.Sprint(refs[0].Item, " of ", len(refs)))
	for _, ref := range refs {
		page.Readings = append(page.Readings, stock.Reading{Ref: ref, Status: stock.Counted})
	}
	c.requests++
	c.mu.Unlock()
	c.during(c.requests)
	return page, nil
}

// TestMoreDueThanAPage: whatever a brake holds near zero, pushes farther away are sent; what is nearest to zero goes first; and a
// push that becomes wanted waits for no request for readings of others.
func TestMoreDueThanAPage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const many = ledger.MaxPage + 2500
		c := &crowd{fakePlatform: fakePlatform{outcome: stock.Applied}, waker: converge.NewWaker(), braked: map[stock.Ref]bool{}}
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
		c.during = func(n int) {
			time.Sleep(10 * time.Millisecond)
			if n != 2 {
				return
			}
			c.mu.Lock()
			c.pushes = slices.Insert(c.pushes, 0, ledger.DuePush{Ref: name("sold out", 0)})
			c.mu.Unlock()
			c.waker.Wake("web")
			time.Sleep(10 * time.Millisecond)
			c.mu.Lock()
			defer c.mu.Unlock()
			require.Len(t, c.pushed, 2)
		}
		keys := 0
		run(t, converge.New(converge.Options{Channel: "web", Platform: c, Ledger: c, Waker: c.waker, Now: time.Now,
			Logger: slog.New(slog.DiscardHandler), NewKey: func() string { keys++; return fmt.Sprint("key", keys) }}), time.Second)
		require.Equal(t, []string{"far00000 of 3", "sold out00000 of 1"}, c.pushed)
		require.Equal(t, []string{"ref00000 of 2000", "ref02000 of 2000", "ref04000 of 2000", "ref06000 of 2000", "ref08000 of 2000",
			"ref10000 of 2000", "ref12000 of 500"}, c.read)
		require.Len(t, c.pushes, many, "what a brake holds stays wanted")
	})
}
