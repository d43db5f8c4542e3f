package simulator

import (
	"context"
	"errors"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/ledgertest"
	"github.com/evenstock/evenstock/ledger/stock"
)

// errCrashedBefore and errCrashedAfter say that our process died around a transaction: nothing was written, or everything
// was and nobody knows.
var (
	errCrashedBefore = errors.New("crashed before the transaction")
	errCrashedAfter  = errors.New("crashed after the transaction")
)

// book is the stored state of our side: what survives a crash.
type book struct {
	model *ledgertest.Model
	step  ledger.Step
	// next is the stored offset of the stream.
	next int
	// keys numbers call keys; a key is never given twice.
	keys int
	// swept is the platform's time at the start of the last complete sweep of a channel.
	swept map[stock.Channel]time.Time
}

func (b *book) offset() int { return b.next }

// skipTo is the planted bug of storing an offset before what it stands for.
func (b *book) skipTo(next int) { b.next = max(b.next, next) }

func (b *book) dueReads(ch *channel, at time.Time) []ledger.DueRef {
	refs, _ := b.model.DueReads(context.Background(), ch.name, at, 0) // the model cannot fail
	baselines, _ := b.model.DueBaselines(context.Background(), ch.name, at, 0)
	return append(refs, baselines...)
}

func (b *book) duePushes(ch *channel, at time.Time) (names []stock.Ref) {
	pushes, _ := b.model.DuePushes(context.Background(), ch.name, at, ledger.DuePush{}, 0)
	for _, push := range pushes {
		names = append(names, push.Ref)
	}
	return names
}

func (b *book) refs() []ledger.DueRef {
	refs, _ := b.model.Refs(context.Background(), ledger.RefFilter{})
	return refs
}

func (b *book) ref(ref stock.Ref) ledger.Ref { return b.model.Ref(ref) }

// apply is one transaction of our side. A crash may come before or after it.
func (w *world) apply(batch ledger.Batch, facts []told) (ledger.Receipt, error) {
	if w.faulty() && w.dice.chance(w.weights.crash) {
		w.crash()
		return ledger.Receipt{}, errCrashedBefore
	}
	batch.At = w.ours()
	for _, fact := range facts {
		batch.Inputs = append(batch.Inputs, fact.input)
	}
	w.applies++
	receipt, err := w.ledger.model.Apply(context.Background(), w.ledger.step, batch)
	if err != nil {
		if w.tracing {
			w.tracef("ledger  %v", err)
		}
		return receipt, err
	}
	if batch.Cursor != nil {
		w.ledger.next = int(batch.Cursor.Next)
	}
	w.judge.receipt(facts, receipt)
	w.strange.receipt(receipt)
	for _, name := range receipt.Wanted {
		w.byName[name].worker.wake(0)
	}
	if w.faulty() && w.dice.chance(w.weights.crash) {
		w.crash()
		return ledger.Receipt{}, errCrashedAfter
	}
	return receipt, nil
}

// decide applies inputs that carry no reading.
func (w *world) decide(inputs ...ledger.Input) (ledger.Receipt, error) {
	facts := make([]told, len(inputs))
	for i, input := range inputs {
		facts[i] = told{input: input}
	}
	return w.apply(ledger.Batch{}, facts)
}
