package health

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
)

func TestStream(t *testing.T) {
	t.Parallel()
	require.Equal(t, Checks{{Code: CodeStream, Result: OK, Detail: "keeps what it is given"}}, Stream(func() error { return nil })(t.Context()))
	full := func() error { return errors.New("the disk is nearly full") }
	require.Equal(t, Checks{{Code: CodeStream, Result: Fail, Detail: "the stream: the disk is nearly full", Remedy: RemedyLog}}, Stream(full)(t.Context()))
}

// consumed is a ledger that says how far it is, or that it cannot.
type consumed struct {
	ledger.Positions
	err   error
	topic string
}

func (c *consumed) Cursors(_ context.Context, topic string) (map[int]int64, error) {
	c.topic = topic
	return nil, c.err
}

func TestConsumed(t *testing.T) {
	t.Parallel()
	store := &consumed{}
	require.Equal(t, Checks{{Code: CodeLedger, Result: OK, Detail: "answers"}}, Consumed(store, "events")(t.Context()))
	require.Equal(t, "events", store.topic)
	store.err = errors.New("disk I/O error")
	require.Equal(t, Checks{{Code: CodeLedger, Result: Fail, Detail: "the ledger: disk I/O error", Remedy: RemedyLog}}, Consumed(store, "events")(t.Context()))
}

func TestBrokers(t *testing.T) {
	t.Parallel()
	brokers := []string{"a:9092", "b:9092"}
	require.Equal(t, Checks{{Code: CodeBrokers, Result: OK, Detail: "a:9092, b:9092 answer"}}, Brokers(brokers, func() ([]string, error) { return nil, nil })(t.Context()))
	refused := func() ([]string, error) { return nil, errors.New("connection refused") }
	require.Equal(t, Checks{{Code: CodeBrokers, Result: Fail, Detail: "connection refused", Remedy: RemedyBrokers, With: brokers}}, Brokers(brokers, refused)(t.Context()))
	compacted := func() ([]string, error) { return []string{"events is compacted"}, nil }
	require.Equal(t, Checks{{Code: CodeBrokers, Result: Warn, Detail: "events is compacted", Remedy: RemedyTopics}, {Code: CodeBrokers, Result: OK, Detail: "a:9092, b:9092 answer"}},
		Brokers(brokers, compacted)(t.Context()))
}

// silent is a ledger that does not answer before its caller has had enough.
type silent struct{ ledger.Positions }

func (silent) Cursors(ctx context.Context, _ string) (map[int]int64, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestConsumedWaitsForNoSilentLedger(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		require.Equal(t, Fail, Consumed(silent{}, "events")(t.Context())[0].Result)
		require.Equal(t, answerTime, time.Since(begun))
	})
}

func TestRole(t *testing.T) {
	t.Parallel()
	require.Equal(t, Checks{{Code: CodeRole, Result: OK, Detail: "works on the ledger"}}, Role(false)(t.Context()))
	require.Equal(t, Checks{{Code: CodeRole, Result: OK, Detail: "stands by: another process works on the ledger"}}, Role(true)(t.Context()))
}
