package converge_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/converge"
)

// fakeStore holds one open call and notes what is applied. A real one would set the call aside when its time is over; this one
// drops it.
type fakeStore struct {
	call    *ledger.Call
	keys    time.Duration
	clock   func() time.Time
	applied []string
}

func (f *fakeStore) Apply(_ context.Context, _ ledger.Step, batch ledger.Batch) (receipt ledger.Receipt, err error) {
	for _, input := range batch.Inputs {
		switch in := input.(type) {
		case ledger.CallSending:
			f.applied = append(f.applied, "sending")
			f.call.Attempts++
			receipt.Calls = append(receipt.Calls, *f.call)
		case ledger.CallAnswered:
			f.applied = append(f.applied, []string{stock.Applied: "applied", stock.Refused: "refused", stock.NotProcessed: "not processed", stock.Unknown: "unknown"}[in.Answer.Outcome])
			f.call.Due = in.Due
			f.call.MaybeApplied = f.call.MaybeApplied || in.Answer.Outcome == stock.Unknown
			old := f.keys > 0 && f.clock().Sub(f.call.CreatedAt) >= f.keys
			if in.Answer.Outcome == stock.Applied || in.Answer.Outcome == stock.Refused || old {
				f.call = nil
			}
		default:
			return receipt, fmt.Errorf("applying %T", input)
		}
	}
	return receipt, nil
}

func (f *fakeStore) OpenCalls(context.Context, stock.Channel) ([]ledger.Call, error) {
	if f.call == nil {
		return nil, nil
	}
	return []ledger.Call{*f.call}, nil
}

func (f *fakeStore) DueReads(context.Context, stock.Channel, time.Time, int) ([]ledger.DueRef, error) {
	return nil, nil
}

func (f *fakeStore) DueBaselines(context.Context, stock.Channel, time.Time, int) ([]ledger.DueRef, error) {
	return nil, nil
}

func (f *fakeStore) DuePushes(context.Context, stock.Channel, time.Time, ledger.DuePush, int) ([]ledger.DuePush, error) {
	return nil, nil
}

func (f *fakeStore) NextDue(context.Context, stock.Channel, time.Time) (time.Time, error) {
	return time.Time{}, nil
}

func (f *fakeStore) DueResources(context.Context, stock.Channel, time.Time, int) ([]ledger.ResourceWish, error) {
	return nil, nil
}

func (f *fakeStore) Uncaused(context.Context, stock.Channel, time.Time) ([]ledger.DueRef, error) {
	return nil, nil
}
func (f *fakeStore) UnitsBefore(context.Context, stock.Channel, time.Time) (ledger.PushLoad, error) {
	return ledger.PushLoad{}, nil
}
func (f *fakeStore) StoredBrakes(context.Context) ([]ledger.Brake, error) { return nil, nil }

// fakePlatform answers every call in one way. Its history, if it has one, holds these references.
type fakePlatform struct {
	converge.Platform
	traits  stock.Traits
	outcome stock.Outcome
	history []string
	sent    int
}

func (f *fakePlatform) Traits() stock.Traits { return f.traits }
func (f *fakePlatform) MaxReads() int        { return 1 }
func (f *fakePlatform) MaxRows() int         { return 1 }

func (f *fakePlatform) SendCall(context.Context, string, []byte) stock.Answer {
	f.sent++
	return stock.Answer{Outcome: f.outcome}
}

func (f *fakePlatform) FindReferences(_ context.Context, _ []stock.Ref, _ time.Time, references []string) (map[string]stock.Movement, error) {
	found := map[string]stock.Movement{}
	for _, reference := range references {
		if slices.Contains(f.history, reference) {
			found[reference] = stock.Movement{}
		}
	}
	return found, nil
}

// run lets a worker work for so long, and do whatever it can do without waiting.
func run(t *testing.T, worker *converge.Worker, d time.Duration) {
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- worker.Run(ctx) }()
	time.Sleep(d)
	synctest.Wait()
	stop()
	require.NoError(t, <-ended)
}

// TestCallOfAnEarlierProcess is R7 over a crash: serve was killed after it had sent a call and before it recorded the answer.
func TestCallOfAnEarlierProcess(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		keys    int // hours
		age     time.Duration
		outcome stock.Outcome
		history []string
		sent    int
		want    []string
	}{
		"sent again with its key":                {20, time.Minute, stock.Applied, nil, 1, []string{"unknown", "sending", "applied"}},
		"not after the key is forgotten":         {20, 21 * time.Hour, stock.Applied, nil, 0, []string{"unknown"}},
		"refused now, but applied then":          {0, 25 * time.Hour, stock.Refused, []string{"r"}, 1, []string{"unknown", "sending", "applied"}},
		"refused now, and never applied":         {0, 25 * time.Hour, stock.Refused, nil, 1, []string{"unknown", "sending", "refused"}},
		"a platform that never forgets is asked": {0, 1000 * time.Hour, stock.Applied, nil, 1, []string{"unknown", "sending", "applied"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				store := &fakeStore{keys: time.Duration(c.keys) * time.Hour, clock: func() time.Time { return now }, call: &ledger.Call{
					Key: "k", Channel: "web", State: ledger.CallOpen, CreatedAt: now.Add(-c.age), Due: now.Add(-c.age), Attempts: 1,
					Rows: []ledger.CallRow{{PushRow: stock.PushRow{Reference: "r"}}},
				}}
				platform := &fakePlatform{traits: stock.Traits{ForgetsKeysAfterHours: c.keys}, outcome: c.outcome, history: c.history}
				run(t, converge.New(converge.Options{Channel: "web", Platform: platform, Ledger: store, Waker: converge.NewWaker(),
					Now: store.clock, Logger: slog.New(slog.DiscardHandler)}), 0)
				require.Equal(t, c.want, store.applied)
				require.Equal(t, c.sent, platform.sent)
			})
		})
	}
}

// TestCallTooOldToRepeat is a machine that slept: the call is this process's own, and nobody sent it for a day.
func TestCallTooOldToRepeat(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		store := &fakeStore{keys: 20 * time.Hour, call: &ledger.Call{Key: "k", Channel: "web", CreatedAt: began, Due: began, Attempts: 1}}
		clock := func() time.Time { // it goes on while nobody sends anything
			if time.Since(began) > 100*time.Millisecond {
				return began.Add(20 * time.Hour)
			}
			return began
		}
		store.clock = clock
		platform := &fakePlatform{traits: stock.Traits{ForgetsKeysAfterHours: 20}, outcome: stock.NotProcessed}
		worker := converge.New(converge.Options{Channel: "web", Platform: platform, Ledger: store, Waker: converge.NewWaker(),
			Now: clock, Logger: slog.New(slog.DiscardHandler)})
		run(t, worker, 2*time.Second)
		require.Equal(t, []string{"unknown", "sending", "not processed", "not processed"}, store.applied)
		require.Equal(t, 1, platform.sent)
	})
}
