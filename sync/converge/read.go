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

// read reads the most urgent refs that are due: only as many as one request takes, for pushes come before the next request, and a
// push must not wait until a whole channel is read. Skipped refs are listed too, so it asks for that many more.
func (w *Worker) read(ctx context.Context) (progress bool, err error) {
	due, err := w.Ledger.DueReads(ctx, w.Channel, w.Now(), w.Platform.MaxReads()+len(w.skipped))
	if err != nil {
		return false, fmt.Errorf("listing wanted reads: %w", err)
	}
	var plain, deep, baselines []ledger.DueRef
	for _, ref := range due {
		switch {
		case w.isSkipped(skippedRef{ref: ref.State.Ref}):
		case ref.Work.Baseline != nil:
			baselines = append(baselines, ref)
		case w.isDeep(ref):
			deep = append(deep, ref)
		default:
			plain = append(plain, ref)
		}
	}
	return w.readEach(ctx, slices.Concat(w.readsOf(plain), w.readsOf(deep), w.readsOf(baselines)))
}

// deepHistory is how much history a read brings at most that is asked together with any others: a request brings that of all its refs
// from the earliest time that one of them needs.
const deepHistory = time.Hour

func (w *Worker) isDeep(ref ledger.DueRef) bool {
	since := reconcile.FeedSince(ref.Ref)
	return w.Platform.Traits().History && !since.IsZero() && since.Before(w.Now().Add(-deepHistory))
}

// readsOf deals refs out to requests, the most urgent first. Refs whose reads were refused get smaller requests.
func (w *Worker) readsOf(due []ledger.DueRef) [][]ledger.DueRef {
	return deal(due, w.Platform.MaxReads(), func(ref ledger.DueRef) int { return w.refused[ref.State.Ref] })
}

// readRefusalsMax is how many requests of one round may be refused before the channel counts as failing: so many refusals are most
// likely not about the refs.
const readRefusalsMax = 8

// readEach makes the requests of a round. When the platform refuses one for what it asks, the next round asks for the same refs in
// smaller requests, until the ref at fault has a request of its own; then it is skipped for a while.
func (w *Worker) readEach(ctx context.Context, requests [][]ledger.DueRef) (progress bool, err error) {
	var lacking error
	refusals := 0
	for _, due := range requests {
		err := w.readSome(ctx, due)
		switch {
		case errors.Is(err, errNoReading):
			lacking = errors.Join(lacking, err)
		case refusesRequest(err):
			if err := w.readRefused(ctx, due, err); err != nil {
				return progress, err
			}
			if refusals++; refusals == readRefusalsMax {
				return progress, err
			}
		case err != nil:
			return progress, err
		default:
			for _, ref := range due {
				delete(w.refused, ref.State.Ref)
			}
		}
		progress = true
	}
	return progress, lacking
}

func (w *Worker) readRefused(ctx context.Context, due []ledger.DueRef, reason error) error {
	for _, ref := range due {
		w.refused[ref.State.Ref]++
	}
	if len(due) == 1 {
		w.Logger.Error("read refused", "channel", w.Channel, "ref", due[0].State.Ref, "error", reason)
		w.skip(skippedRef{ref: due[0].State.Ref})
		return w.unreadable(ctx, due[0])
	}
	return nil
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

// readSome reads some refs with one request. If the page lacks one of them, the others are applied all the same.
func (w *Worker) readSome(ctx context.Context, due []ledger.DueRef) error {
	refs := make([]stock.Ref, len(due))
	for i, ref := range due {
		refs[i] = ref.State.Ref
	}
	since, asked := w.since(due), w.Now()
	page, err := w.Platform.ReadRefs(ctx, refs, since)
	w.Door.Heard(err)
	if err != nil {
		return fmt.Errorf("reading %d refs: %w", len(refs), err)
	}
	page.AskedAt = asked
	inputs, lacks := ownReads(due, page, since)
	var lacking error
	for _, ref := range lacks {
		w.skip(skippedRef{ref: ref})
		lacking = errors.Join(lacking, fmt.Errorf("%w: %s", errNoReading, ref))
	}
	err = w.applyEach(ctx, inputs, func(input ledger.Input, reason error) {
		ref := input.(ledger.OwnRead).Reading.Ref
		w.Logger.Error("read refused", "channel", w.Channel, "ref", ref, "error", reason)
		w.skip(skippedRef{ref: ref})
	})
	return errors.Join(err, lacking)
}

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

// skipPause is how long a ref is skipped whose read or push could not be applied: tried again at once, it would most likely fail
// in the same way.
const skipPause = time.Minute

// skippedRef names what is skipped of a ref: its pushes, or else its reads.
type skippedRef struct {
	ref  stock.Ref
	push bool
}

func (w *Worker) skip(ref skippedRef) { w.skipped[ref] = w.Now().Add(skipPause) }

func (w *Worker) isSkipped(ref skippedRef) bool {
	until, skipped := w.skipped[ref]
	if skipped && !until.After(w.Now()) {
		delete(w.skipped, ref)
		return false
	}
	return skipped
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

// ownReads makes of a page one input for each ref that was asked for, and names the refs that it lacks.
func ownReads(due []ledger.DueRef, page stock.Page, since time.Time) (inputs []ledger.Input, lacks []stock.Ref) {
	reads := make(map[stock.Ref]*ledger.OwnRead, len(due))
	for _, reading := range page.Readings {
		reads[reading.Ref] = &ledger.OwnRead{Reading: reading, ReadAt: page.ReadAt, AskedAt: page.AskedAt, FeedFrom: since}
	}
	for _, movement := range page.Movements {
		if read := reads[movement.Ref]; read != nil {
			read.Movements = append(read.Movements, movement)
		}
	}
	for _, recount := range page.Recounts {
		if read := reads[recount.Ref]; read != nil {
			read.Recounts = append(read.Recounts, recount)
		}
	}
	for _, ref := range due {
		read := reads[ref.State.Ref]
		if read == nil {
			lacks = append(lacks, ref.State.Ref)
			continue
		}
		read.Mark = ref.Work.Seq
		read.Orders = ordersOf(page.Orders, ref.State.SoldAs)
		inputs = append(inputs, *read)
	}
	return inputs, lacks
}

func ordersOf(orders []stock.Order, soldAs string) (list []stock.Order) {
	for _, order := range orders {
		for _, line := range order.Lines {
			if line.SoldAs == soldAs {
				list = append(list, order)
				break
			}
		}
	}
	return list
}
