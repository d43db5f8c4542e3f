package converge

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
)

// nextRead lists what is to be read and claims the refs of one request: only as many as it takes, for what becomes urgent meanwhile
// goes into the next one. Nil: there is none.
func (w *Worker) nextRead(ctx context.Context) (*readRequest, error) {
	w.claims.mu.Lock()
	defer w.claims.mu.Unlock()
	w.reader.again = time.Time{}
	// What cannot be read now is listed too.
	limit := w.Platform.MaxReads() + w.skips.count() + len(w.claims.held) + len(w.claims.promised)
	for until := w.reader.hurry.until(w); ; limit *= 2 {
		due, err := w.Ledger.DueReads(ctx, w.Channel, until, limit)
		if err != nil {
			return nil, fmt.Errorf("listing wanted reads: %w", err)
		}
		baselines, err := w.Ledger.DueBaselines(ctx, w.Channel, w.Now(), limit)
		if err != nil {
			return nil, fmt.Errorf("listing wanted baselines: %w", err)
		}
		page := ledger.PageSize(limit)
		all := len(due) < page && len(baselines) < page
		if request := w.choose(append(due, baselines...)); request != nil || all || limit >= ledger.MaxPage {
			return request, nil
		}
	}
}

// readKinds is how many kinds of refs are read apart: those that need history from long ago, baselines, and all others.
const readKinds = 3

// choose claims the refs of a request. Each kind of refs has its turn; of a kind, refs that somebody waits for go first, and take along
// as many others as the request has room for. The lock of the claims is held.
func (w *Worker) choose(due []ledger.DueRef) *readRequest {
	var kinds [readKinds][]ledger.DueRef
	for _, ref := range due {
		if ref.Work.ReadDue.After(w.Now()) && !reconcile.Gathered(ref.Ref) {
			continue
		}
		if until := w.pushedFirst(ref); until.After(w.Now()) {
			w.reader.wait(until)
			continue
		}
		if w.skips.skipped(skippedRef{ref: ref.State.Ref}) || !w.claims.readable(ref.State.Ref, readLane(ref) != stock.Causes) {
			continue
		}
		kind := 0
		switch {
		case ref.Work.Baseline != nil:
			kind = 2
		case w.isDeep(ref):
			kind = 1
		}
		kinds[kind] = append(kinds[kind], ref)
	}
	for i := range kinds {
		kind := (w.reader.kind + 1 + i) % readKinds
		if len(kinds[kind]) == 0 {
			continue
		}
		request := w.requestOf(kinds[kind])
		if request.lane == stock.Causes && !w.reader.free.Load() {
			continue
		}
		w.reader.kind = kind
		request.claim = w.claims.take(reading, refsOf(request.due))
		return &request
	}
	return nil
}

// pushFirst is how long a read waits for the push of its ref near zero: the loop that pushes is about to send it, or busy with another one.
// A read would hold it up for as long, and shows what the push did if it goes after it.
const pushFirst = 100 * time.Millisecond

// pushedFirst is until when a push of a ref goes before its read; zero or past: the read need not wait.
func (w *Worker) pushedFirst(ref ledger.DueRef) time.Time {
	wanted := ref.Work.Push && !ref.Work.PushDue.After(w.Now()) && ref.Opened && ref.State.Status == ledger.Live && !ref.Work.Doubted()
	if !wanted || ref.Level.Abs() > nearZero {
		return time.Time{}
	}
	return ref.Work.ReadDue.Add(pushFirst)
}

// wait has the loop look again at a time, or earlier if it has to anyway.
func (r *reader) wait(until time.Time) {
	if r.again.IsZero() || until.Before(r.again) {
		r.again = until
	}
}

// requestOf makes a request of the most urgent of some refs. Refs whose reads were refused get smaller requests.
func (w *Worker) requestOf(due []ledger.DueRef) readRequest {
	slices.SortStableFunc(due, func(a, b ledger.DueRef) int { return int(readLane(a)) - int(readLane(b)) })
	request := deal(due, w.Platform.MaxReads(), func(ref ledger.DueRef) int { return w.skips.refusals(ref.State.Ref) })[0]
	return readRequest{due: request, lane: readLane(request[0])}
}

func refsOf(due []ledger.DueRef) []stock.Ref {
	refs := make([]stock.Ref, len(due))
	for i, ref := range due {
		refs[i] = ref.State.Ref
	}
	return refs
}

// untilDue is how long the loop that reads rests: until something of the channel becomes due. It wakes the other loops then.
func (w *Worker) untilDue(ctx context.Context) time.Duration {
	due, err := w.Ledger.NextDue(ctx, w.Channel, w.Now())
	if err == nil && !due.IsZero() {
		w.reader.due = due
		w.reader.wait(due)
	}
	if w.reader.again.IsZero() {
		return pollPause
	}
	return min(max(w.reader.again.Sub(w.Now()), time.Millisecond), pollPause)
}

func (w *Worker) wakeWhenDue() {
	if !w.reader.due.IsZero() && !w.reader.due.After(w.Now()) {
		w.reader.due = time.Time{}
		w.wake(pushing, ordering)
	}
}

// untilRepeat is how long the loop that pushes rests: until an open call is due.
func (w *Worker) untilRepeat(context.Context) time.Duration {
	if w.pusher.repeat.IsZero() {
		return pollPause
	}
	return min(max(w.pusher.repeat.Sub(w.Now()), time.Millisecond), pollPause)
}
