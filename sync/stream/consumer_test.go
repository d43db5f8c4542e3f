package stream_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/ledgertest"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/stream"
)

// bench is a consumer over a model ledger whose rules are hints that say what is to become of them: "order/refuse" is refused
// by name, "order/permanent" fails without a name, "order/full" is a disk that is full.
type bench struct {
	*stream.Consumer
	model     *ledgertest.Model
	publisher *publisher
	// applied are the resources of committed batches in order, full says that the disk is full.
	applied []string
	full    bool
	points  []string
	woken   []stock.Channel
	// failing is the Apply that fails, counted from 0; it is committed before when lost is set. Negative: none.
	failing int
	lost    bool
	// killed is called with the failure; nil: it was none.
	killed func()
}

// topic is the one that the tests write to and read.
const topic = "evenstock.events"

var errFull = errors.New("disk full")

func newBench() *bench {
	b := &bench{publisher: &publisher{}, model: ledgertest.NewModel(), failing: -1}
	now := func() time.Time { return noon }
	b.Consumer = &stream.Consumer{
		Ledger: b, Step: b.step, DeadLetters: stream.NewDeadLetters(b.publisher, now), Now: now, Logger: slog.New(slog.DiscardHandler),
		Wake:      func(channels ...stock.Channel) { b.woken = append(b.woken, channels...) },
		Failpoint: func(name string) { b.points = append(b.points, name) },
	}
	return b
}

func (b *bench) step(_ *ledger.Snapshot, at time.Time, inputs []ledger.Input) (ledger.Changes, error) {
	var changes ledger.Changes
	for i, input := range inputs {
		event := input.(ledger.Delivered).Event
		switch event.Hint.Resource {
		case "order/refuse":
			return changes, &ledger.InputError{Index: i, Err: ledger.ErrKeyReused}
		case "order/permanent":
			return changes, fmt.Errorf("writing: %w", ledger.ErrOverflow)
		case "order/full":
			if b.full {
				return changes, errFull
			}
		}
		changes.Dispositions = append(changes.Dispositions, ledger.Disposition{Ending: ledger.Done, Channel: event.Channel, Reason: "test"})
		changes.Resources = append(changes.Resources, ledger.ResourceWish{Channel: event.Channel, Resource: event.Hint.Resource, Due: at})
	}
	return changes, nil
}

// Apply is the model's, noting what was committed.
func (b *bench) Apply(ctx context.Context, step ledger.Step, batch ledger.Batch) (ledger.Receipt, error) {
	if ctx.Err() != nil {
		return ledger.Receipt{}, ctx.Err()
	}
	b.publisher.log = append(b.publisher.log, "apply")
	fails := b.failing == 0
	b.failing--
	if fails && b.killed != nil {
		defer b.killed()
	}
	if fails && !b.lost {
		return ledger.Receipt{}, errFull
	}
	receipt, err := b.model.Apply(ctx, step, batch)
	if err == nil {
		for _, input := range batch.Inputs {
			b.applied = append(b.applied, input.(ledger.Delivered).Event.Hint.Resource)
		}
		if fails {
			return ledger.Receipt{}, errFull
		}
	}
	return receipt, err
}

func (b *bench) Cursors(ctx context.Context, topic string) (map[int]int64, error) {
	return b.model.Cursors(ctx, topic)
}

func (b *bench) Mark(ctx context.Context, name string) (string, error) {
	return b.model.Mark(ctx, name)
}

func (b *bench) cursor(t *testing.T) int64 {
	t.Helper()
	offsets, err := b.model.Cursors(t.Context(), topic)
	require.NoError(t, err)
	return offsets[2]
}

func (b *bench) reasons() (reasons []string) {
	for _, letter := range stream.Letters(b.publisher.values(stream.DeadLettersTopic)) {
		reasons = append(reasons, letter.Source+": "+letter.Reason)
	}
	return reasons
}

// batch is a run of records from offset 10 on; "!" is a record that is none of ours, anything else names an order.
func batch(t *testing.T, names ...string) stream.Batch {
	t.Helper()
	b := stream.Batch{Topic: topic, Partition: 2, From: 10, Next: 10 + int64(len(names))}
	for i, name := range names {
		value := []byte("not ours: anna@example.com")
		if name != "!" {
			var err error
			value, err = stream.Encode(stock.Event{ID: name, Channel: "web", Topic: "orders", Hint: &stock.Hint{Resource: "order/" + name}})
			require.NoError(t, err)
		}
		b.Records = append(b.Records, stream.Record{Offset: 10 + int64(i), Value: value})
	}
	return b
}

func TestConsumerAppliesABatchWithItsOffset(t *testing.T) {
	t.Parallel()
	b := newBench()
	require.NoError(t, b.Handle(t.Context(), batch(t, "1", "2", "3")))
	require.Equal(t, []string{"order/1", "order/2", "order/3"}, b.applied)
	require.EqualValues(t, 13, b.cursor(t))
	require.Equal(t, []string{"before commit", "after commit"}, b.points)
	require.Equal(t, []stock.Channel{"web"}, b.woken)
	require.Empty(t, b.publisher.published)
}

func TestConsumerSetsAsideWhatItCannotDecode(t *testing.T) {
	t.Parallel()
	b := newBench()
	require.NoError(t, b.Handle(t.Context(), batch(t, "1", "!", "3")))
	require.Equal(t, []string{"order/1", "order/3"}, b.applied)
	require.Equal(t, []string{"publish " + stream.DeadLettersTopic, "apply"}, b.publisher.log, "the letter is durable before the commit")
	letters := stream.Letters(b.publisher.values(stream.DeadLettersTopic))
	require.Len(t, letters, 1)
	require.Equal(t, "evenstock.events/2@11", letters[0].Source)
	require.Equal(t, len("not ours: anna@example.com"), letters[0].Size)
	require.Len(t, letters[0].SHA256, 64)
	require.NotContains(t, string(b.publisher.values(stream.DeadLettersTopic)[0]), "anna", "the body is never kept")
	require.Equal(t, noon, letters[0].At)
	require.NoError(t, b.Handle(t.Context(), stream.Batch{Topic: topic, Partition: 2, From: 13, Next: 14, Records: []stream.Record{{Offset: 13, Value: []byte("!")}}}))
	require.EqualValues(t, 14, b.cursor(t), "a batch of nothing but poison moves the offset")
	require.NoError(t, b.Handle(t.Context(), stream.Batch{Topic: topic, Partition: 2, From: 14, Next: 16}))
	require.EqualValues(t, 16, b.cursor(t), "and so does a stretch of the log without any records")
}

func TestConsumerIsolatesARefusedEvent(t *testing.T) {
	t.Parallel()
	b := newBench()
	require.NoError(t, b.Handle(t.Context(), batch(t, "1", "refuse", "3", "refuse", "5")))
	require.Equal(t, []string{"order/1", "order/3", "order/5"}, b.applied)
	require.Equal(t, []string{
		"evenstock.events/2@11: " + ledger.ErrKeyReused.Error(), "evenstock.events/2@13: " + ledger.ErrKeyReused.Error(),
	}, b.reasons())
	letters := stream.Letters(b.publisher.values(stream.DeadLettersTopic))
	require.Equal(t, "order/refuse", letters[0].Event.Hint.Resource, "it can be sent again")
	require.EqualValues(t, "web", letters[0].Channel)
	last := len(b.publisher.log) - 1
	require.Equal(t, last, slices.Index(b.publisher.log[2:], "apply")+4, "every letter is durable before the commit: %v", b.publisher.log)
	require.EqualValues(t, 15, b.cursor(t))
}

// A permanent error that names no event is found by halving the batch.
func TestConsumerHalvesOnAPermanentError(t *testing.T) {
	t.Parallel()
	for bad := range 7 {
		names := []string{"0", "1", "2", "3", "4", "5", "6"}
		var want []string
		for i, name := range names {
			if i != bad {
				want = append(want, "order/"+name)
			}
		}
		names[bad] = "permanent"
		b := newBench()
		require.NoError(t, b.Handle(t.Context(), batch(t, names...)))
		require.Equal(t, want, b.applied)
		require.Equal(t, []string{fmt.Sprintf("evenstock.events/2@%d: %s", 10+bad, "deciding: writing: "+ledger.ErrOverflow.Error())}, b.reasons())
		require.EqualValues(t, 17, b.cursor(t))
	}
}

// Whatever mixture of good records and poison a batch is, and whichever of its transactions fails, before or after its commit:
// with another try every good event is applied once and in order, and every bad record has one letter.
func TestConsumerIsolatesAnyMixture(t *testing.T) {
	t.Parallel()
	kinds := []string{"", "!", "refuse", "permanent"}
	const records = 4
	for mixture := range 256 { // kinds to the power of records
		names, good, bad := make([]string, records), []string(nil), 0
		for i, rest := 0, mixture; i < records; i, rest = i+1, rest/len(kinds) {
			if names[i] = kinds[rest%len(kinds)]; names[i] == "" {
				names[i] = fmt.Sprint(i)
				good = append(good, "order/"+names[i])
			} else {
				bad++
			}
		}
		for failing := 0; ; failing++ {
			tried := 0
			for _, lost := range []bool{false, true} {
				b := newBench()
				b.failing, b.lost = failing, lost
				for tries := 0; ; tries++ {
					err := b.Handle(t.Context(), batch(t, names...))
					if err == nil {
						break
					}
					require.ErrorIs(t, err, errFull)
					require.Zero(t, tries, "only one transaction fails")
				}
				require.Equal(t, good, b.applied, "%q, failing %d, lost %v", names, failing, lost)
				require.Len(t, b.publisher.published[stream.DeadLettersTopic], bad, "%q, failing %d, lost %v", names, failing, lost)
				require.EqualValues(t, 10+records, b.cursor(t))
				if b.failing < 0 {
					tried++
				}
			}
			if tried == 0 { // the fault lay beyond the last transaction
				break
			}
		}
	}
}

// A transient error leaves the batch as it was, for another try.
func TestConsumerLeavesTheBatchOnATransientError(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.full = true
	for range 3 {
		require.ErrorIs(t, b.Handle(t.Context(), batch(t, "1", "!", "full")), errFull)
		require.Empty(t, b.applied)
	}
	require.Len(t, stream.Letters(b.publisher.values(stream.DeadLettersTopic)), 1, "the letter is listed once")
	require.Len(t, b.publisher.published[stream.DeadLettersTopic], 1, "and written once")
	b.full = false
	require.NoError(t, b.Handle(t.Context(), batch(t, "1", "!", "full")))
	require.Equal(t, []string{"order/1", "order/full"}, b.applied)
}

func TestConsumerDoesNotCommitWhatItCannotSetAside(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"!", "refuse", "permanent"} {
		b := newBench()
		b.publisher.Fail = func(string) error { return errFull }
		require.ErrorIs(t, b.Handle(t.Context(), batch(t, name, "2")), errFull)
		require.NotContains(t, b.applied, "order/2")
		b.publisher.Fail = nil
		require.NoError(t, b.Handle(t.Context(), batch(t, name, "2")))
		require.Equal(t, []string{"order/2"}, b.applied)
	}
}

func TestConsumerKnowsABatchThatWasAppliedBefore(t *testing.T) {
	t.Parallel()
	b := newBench()
	require.NoError(t, b.Handle(t.Context(), batch(t, "1", "2")))
	require.NoError(t, b.Handle(t.Context(), batch(t, "1", "2")))
	require.Equal(t, []string{"order/1", "order/2"}, b.applied)
}

// A batch was halved; its first half was committed and the second met a full disk. The next try must not skip the rest.
func TestConsumerGoesOnWithinAHalvedBatch(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.full = true
	names := []string{"1", "permanent", "3", "full", "5"}
	require.ErrorIs(t, b.Handle(t.Context(), batch(t, names...)), errFull)
	require.Equal(t, []string{"order/1"}, b.applied)
	require.ErrorIs(t, b.Handle(t.Context(), batch(t, names...)), errFull)
	b.full = false
	require.NoError(t, b.Handle(t.Context(), batch(t, names...)))
	require.Equal(t, []string{"order/1", "order/3", "order/full", "order/5"}, b.applied)
	require.EqualValues(t, 15, b.cursor(t))
	require.Len(t, b.reasons(), 1)
}

// A ledger that expects other records than those that come must not be led past them in silence.
func TestConsumerRefusesAGap(t *testing.T) {
	t.Parallel()
	b := newBench()
	require.NoError(t, b.Handle(t.Context(), batch(t, "1", "2")))
	ahead := batch(t, "7", "8")
	ahead.From, ahead.Next = 14, 16
	require.ErrorIs(t, b.Handle(t.Context(), ahead), ledger.ErrCursorMoved)
	// Another log whose offsets begin anew.
	other := batch(t, "7", "8")
	other.From, other.Next = 12, 2
	require.ErrorIs(t, b.Handle(t.Context(), other), ledger.ErrCursorMoved)
	require.Equal(t, []string{"order/1", "order/2"}, b.applied)
}
