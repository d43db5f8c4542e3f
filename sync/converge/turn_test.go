package converge_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/stock"
)

// turning is a platform that gives out one turn a second.
type turning struct {
	*platform
	next  time.Time
	lanes []stock.Lane
	given int
}

func (p *turning) Turn(ctx context.Context, wait bool) (withTurn context.Context, giveBack func(), ok bool) {
	pause := time.Until(p.next)
	if pause > 0 && !wait {
		return ctx, func() {}, false
	}
	time.Sleep(max(pause, 0))
	p.next = time.Now().Add(time.Second)
	p.lanes = append(p.lanes, stock.LaneOf(ctx))
	p.given++
	return ctx, func() { p.given-- }, true
}

// What becomes due while a request waits for its turn shares the request.
func TestWhatIsDueWhenItsTurnComesSharesARequest(t *testing.T) {
	t.Parallel()
	levels := []int64{20, 20, 20, 20, 20}
	inBubble(t, "web", levels, func(s *stage) {
		p := &turning{platform: s.platform, next: time.Now().Add(2 * time.Second)}
		s.worker = s.newWorker("web", p)
		s.run()
		for i := range levels {
			s.after(100 * time.Millisecond)
			s.shows(tillRef(i), 7-int64(i))
		}
		s.after(10 * time.Second)
		require.Len(t, s.calls, 1)
		require.Len(t, s.calls[0].rows(), len(levels))
		require.Equal(t, []stock.Lane{stock.Pushes}, p.lanes)
		for i := range levels {
			require.Equal(t, stock.Units(7-int64(i)), s.counters[webRef(i)])
		}
	})
	inBubble(t, "web", levels, func(s *stage) {
		p := &turning{platform: s.platform, next: time.Now().Add(2 * time.Second)}
		s.worker = s.newWorker("web", p)
		s.run()
		for i := range levels {
			s.after(100 * time.Millisecond)
			s.wantRead(webRef(i))
		}
		s.after(10 * time.Second)
		require.Len(t, s.reads, 1)
		require.Len(t, s.reads[0], len(levels))
		require.Equal(t, []stock.Lane{stock.ConfirmingReads}, p.lanes)
	})
}

// A turn that came for nothing is given back: what it was for was done without it.
func TestTurnThatIsNotNeeded(t *testing.T) {
	t.Parallel()
	inBubble(t, "web", []int64{20}, func(s *stage) {
		p := &turning{platform: s.platform, next: time.Now().Add(2 * time.Second)}
		s.worker = s.newWorker("web", p)
		s.run()
		s.shows(tillRef(0), 7)
		s.after(time.Second)
		s.shows(webRef(0), 7) // somebody typed the same in there
		s.shows(tillRef(0), 20)
		s.after(10 * time.Second)
		require.Empty(t, s.calls)
		require.Zero(t, p.given)
	})
}
