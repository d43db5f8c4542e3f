package converge

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
)

// errNoReading: a page leaves out a ref that was asked for. That is an adapter's bug and never means zero.
var errNoReading = errors.New("page lacks a reading that was asked for")

// readRequest is a request for readings, whose refs are claimed.
type readRequest struct {
	due   []ledger.DueRef
	claim *claim
	lane  stock.Lane
}

// read makes requests for the readings that are most urgent, until one is answered. What nobody waits for is handed over to the loop
// that explains.
func (w *Worker) read(ctx context.Context) (progress bool, err error) {
	w.wakeWhenDue()
	for {
		request, turn, err := w.readTurn(ctx)
		if err != nil {
			return false, err
		}
		if request == nil {
			w.skips.answer(nil)
			return false, nil
		}
		if request.lane == stock.Causes {
			w.reader.free.Store(false)
			w.reader.handed <- *request
			continue
		}
		answered, err := w.readSome(ctx, turn.ctx, *request)
		turn.giveBack()
		if answered || err != nil {
			return true, err
		}
	}
}

// readTurn claims the refs of the next request and has its turn, but for one that nobody waits for. Nothing is claimed while it waits for
// that.
func (w *Worker) readTurn(ctx context.Context) (*readRequest, turn, error) {
	before := w.reader.kind
	request, err := w.nextRead(ctx)
	if err != nil || request == nil || request.lane == stock.Causes {
		return request, noTurn(ctx), err
	}
	turn, now := w.turnNow(ctx, request.lane)
	if now {
		return request, turn, nil
	}
	w.release(request.claim)
	w.reader.kind = before
	turn = w.waitTurn(ctx, request.lane)
	request, err = w.nextRead(ctx)
	if err != nil || request == nil || request.lane == stock.Causes {
		turn.giveBack()
		turn = noTurn(ctx)
	}
	return request, turn, err
}

// explain makes requests that nobody waits for, until one is answered.
func (w *Worker) explain(ctx context.Context) (progress bool, err error) {
	for {
		w.reader.free.Store(true)
		w.wake(reading)
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case request := <-w.reader.handed:
			if answered, err := w.explainSome(ctx, request); answered || err != nil {
				return true, err
			}
		}
	}
}

// explainSome makes a request that may wait for long. As soon as somebody needs a ref of it, it gives way, and is no failure: once, for
// then somebody waits for what is read next.
func (w *Worker) explainSome(ctx context.Context, request readRequest) (answered bool, err error) {
	asking, giveWay := context.WithCancel(ctx)
	defer giveWay()
	if w.reader.gaveWay {
		request.lane = stock.ConfirmingReads
	} else {
		w.claims.givesWay(request.claim, giveWay)
	}
	answered, err = w.readSome(ctx, asking, request)
	if w.reader.gaveWay = err != nil && asking.Err() != nil; w.reader.gaveWay {
		return false, nil
	}
	return answered, err
}

// deepHistory is how much history a read brings at most that is asked together with any others: a request brings that of all its refs
// from the earliest time that one of them needs.
const deepHistory = time.Hour

func (w *Worker) isDeep(ref ledger.DueRef) bool {
	since := reconcile.FeedSince(ref.Ref)
	return w.Platform.Traits().History && !since.IsZero() && since.Before(w.Now().Add(-deepHistory))
}

// readRefusalsMax is how many requests in a row may be refused before the channel counts as failing: so many refusals are most
// likely not about the refs.
const readRefusalsMax = 8

// readSome makes a request and gives its refs up. asking ends the request, ctx what is done with the answer. When the platform refuses
// it for what it asks, the same refs are asked for in smaller requests next time, until the ref at fault has a request of its own; then
// it is skipped for a while.
func (w *Worker) readSome(ctx, asking context.Context, request readRequest) (answered bool, err error) {
	defer w.release(request.claim)
	err = w.ask(ctx, stock.InLane(asking, request.lane), request)
	if err == nil {
		w.skips.answer(request.claim.refs)
		return true, nil
	}
	if !refusesRequest(err) {
		return false, err
	}
	tooMany := w.skips.refuse(request.claim.refs)
	if len(request.due) == 1 {
		ref := request.due[0]
		w.Logger.Error("read refused", "channel", w.Channel, "ref", ref.State.Ref, "error", err)
		w.skips.skip(skippedRef{ref: ref.State.Ref})
		if err := w.unreadable(ctx, ref); err != nil {
			return false, err
		}
	}
	if tooMany {
		return false, err
	}
	return false, nil
}

// release gives up what was read, and wakes the loop that pushes if it came for it.
func (w *Worker) release(read *claim) {
	if w.claims.release(read) {
		w.wake(pushing, reading)
	}
}

// unreadable tells the ledger that the count of a ref whose baseline is wanted is not to be had, so that nobody waits for it.
func (w *Worker) unreadable(ctx context.Context, due ledger.DueRef) error {
	if due.Work.Baseline == nil || due.Work.Baseline.Missing {
		return nil
	}
	reading := stock.Reading{Ref: due.State.Ref, Status: stock.Missing}
	_, err := w.apply(ctx, ledger.OwnRead{Reading: reading, Mark: due.Work.Seq, ReadAt: w.Now()})
	return err
}

// ask asks for the readings and applies them. If the page lacks one of them, the others are applied all the same.
func (w *Worker) ask(ctx, asking context.Context, request readRequest) error {
	refs := request.claim.refs
	since, asked := w.since(request.due), w.Now()
	if reader, remembers := w.Platform.(MarkReader); remembers {
		reader.ExpectMarks(marked(request.due))
	}
	page, err := w.Platform.ReadRefs(asking, refs, since)
	if asking.Err() == nil {
		w.Door.Heard(err)
	}
	if err != nil {
		return fmt.Errorf("reading %d refs: %w", len(refs), err)
	}
	page.AskedAt = asked
	inputs, lacks := ownReads(request.due, page, since)
	var lacking error
	for _, ref := range lacks {
		w.skips.skip(skippedRef{ref: ref})
		lacking = errors.Join(lacking, fmt.Errorf("%w: %s", errNoReading, ref))
	}
	refused := func(input ledger.Input, reason error) {
		ref := input.(ledger.OwnRead).Reading.Ref
		w.Logger.Error("read refused", "channel", w.Channel, "ref", ref, "error", reason)
		w.skips.skip(skippedRef{ref: ref})
	}
	for some := range slices.Chunk(inputs, appliedTogether) {
		if err := w.applyEach(ctx, some, refused); err != nil {
			return errors.Join(err, lacking)
		}
	}
	return lacking
}

// marked are the refs whose items the ledger knows to be marked as sold out.
func marked(due []ledger.DueRef) (refs []stock.Ref) {
	for _, ref := range due {
		if !ref.State.SoldOut.IsZero() {
			refs = append(refs, ref.State.Ref)
		}
	}
	return refs
}

// appliedTogether bounds the readings that one transaction takes, so that a push never waits long for its own.
const appliedTogether = 250

// applyEach applies inputs, leaving out those that no rule takes: one bad input must not hold up the others for ever. refused is
// told which were left out.
func (w *Worker) applyEach(ctx context.Context, inputs []ledger.Input, refused func(input ledger.Input, reason error)) error {
	for len(inputs) > 0 {
		_, err := w.apply(ctx, inputs...)
		var refusal *ledger.InputError
		if !errors.As(err, &refusal) || refusal.Index < 0 || refusal.Index >= len(inputs) {
			return err
		}
		refused(inputs[refusal.Index], refusal.Err)
		inputs = slices.Delete(slices.Clone(inputs), refusal.Index, refusal.Index+1)
	}
	return nil
}

// historyFirst is how far back history is read where none was read before. A till may send its offline sales days later, and a
// recount of those days may have absorbed them.
const historyFirst = 7 * 24 * time.Hour

// since returns the time from which the page must bring what happened to the refs: history where the platform keeps one, orders
// for baselines where it does not. Zero: nothing but the readings is needed.
func (w *Worker) since(due []ledger.DueRef) time.Time {
	var earliest time.Time
	history := w.Platform.Traits().History
	for _, ref := range due {
		var since time.Time
		switch {
		case history:
			if since = reconcile.FeedSince(ref.Ref); since.IsZero() {
				since = w.Now().Add(-historyFirst)
			}
		case ref.Work.Baseline != nil:
			since = ref.Work.Baseline.OrdersFrom
		}
		if !since.IsZero() && (earliest.IsZero() || since.Before(earliest)) {
			earliest = since
		}
	}
	return earliest
}
