package converge

import (
	"context"

	"github.com/evenstock/evenstock/ledger/stock"
)

// turn is the turn of a request that may not be chosen yet: it is made with its context.
type turn struct {
	ctx      context.Context
	giveBack func()
}

// noTurn is none: the request waits for its turn itself.
func noTurn(ctx context.Context) turn { return turn{ctx, func() {}} }

// turnNow takes a turn that can be had without waiting; of a platform without turns that is always so.
func (w *Worker) turnNow(ctx context.Context, lane stock.Lane) (turn, bool) {
	turner, turns := w.Platform.(Turner)
	if !turns {
		return noTurn(ctx), true
	}
	ctx, giveBack, ok := turner.Turn(stock.InLane(ctx, lane), false)
	return turn{ctx, giveBack}, ok
}

// waitTurn waits for a turn. Where it does not come the request that is made without one says why.
func (w *Worker) waitTurn(ctx context.Context, lane stock.Lane) turn {
	turner, turns := w.Platform.(Turner)
	if !turns {
		return noTurn(ctx)
	}
	withTurn, giveBack, ok := turner.Turn(stock.InLane(ctx, lane), true)
	if !ok {
		return noTurn(ctx)
	}
	return turn{withTurn, giveBack}
}
