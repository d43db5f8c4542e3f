package stream_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/stream"
)

// order is the record of an event about an order; what has the key k begins with "k-".
func order(t *testing.T, name string) []byte {
	t.Helper()
	value, err := stream.Encode(stock.Event{ID: name, Channel: "web", Topic: "orders", Hint: &stock.Hint{Resource: "order/" + name}})
	require.NoError(t, err)
	return value
}

// readers is a reader on a log in memory and the bench's ledger. What it knows beside them is lost with each run.
type readers struct {
	*testing.T
	*bench
	log    *memoryLog
	topics stream.Topics
	losses int
	// unstorable is what storing a loss says.
	unstorable error
}

func newReaders(t *testing.T, topics ...string) *readers {
	r := &readers{T: t, bench: newBench(), log: &memoryLog{id: "log 1", topics: map[string][]part{}}}
	for i, topic := range topics {
		r.log.topics[topic] = make([]part, 2+i)
	}
	last := len(topics) - 1
	r.topics = stream.Topics{Older: topics[:last], Events: topics[last]}
	return r
}

func (r *readers) put(topic string, partition int, names ...string) {
	r.Helper()
	for _, name := range names {
		r.log.append(topic, partition, order(r.T, name))
	}
}

// run reads until everything on the youngest topic is applied, or until a kill ends it.
func (r *readers) run() error {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	r.killed = cancel
	r.log.idle = func(topic string) {
		if topic == r.topics.Events {
			cancel()
		}
	}
	reader := &stream.Reader{Log: r.log, Topics: r.topics, Ledger: r.bench, Consumer: r.Consumer, Logger: slog.New(slog.DiscardHandler),
		Lost: func(ctx context.Context, marks map[string]string) error {
			if r.unstorable != nil {
				return r.unstorable
			}
			marks["test/lost"] = "yes"
			_, err := r.Apply(ctx, nil, ledger.Batch{At: noon, Marks: marks})
			if err == nil {
				r.losses++
			}
			return err
		}}
	return reader.Run(ctx)
}

// runs runs several times; a kill may end one while it still prepares.
func (r *readers) runs(times int) {
	r.Helper()
	for range times {
		err := r.run()
		require.True(r, errors.Is(err, context.Canceled) || errors.Is(err, errFull), "%v", err)
	}
}

func (r *readers) mark(name string) string {
	r.Helper()
	mark, err := r.model.Mark(r.Context(), name)
	require.NoError(r, err)
	return mark
}

func (r *readers) offsets(topic string) map[int]int64 {
	r.Helper()
	offsets, err := r.model.Cursors(r.Context(), topic)
	require.NoError(r, err)
	return offsets
}

// requireInOrder sees that everything of each key was applied once and in order; a name is a key, a dash and a number from 1.
func (r *readers) requireInOrder(want map[string]int) {
	r.Helper()
	got := map[string]int{}
	for _, name := range r.applied {
		key, number, _ := strings.Cut(strings.TrimPrefix(name, "order/"), "-")
		got[key]++
		require.Equal(r, fmt.Sprint(got[key]), number, "%v", r.applied)
	}
	require.Equal(r, want, got)
}

func TestReaderGoesOnWhereTheLedgerIs(t *testing.T) {
	t.Parallel()
	r := newReaders(t, topic)
	r.log.topics[topic][1].first = 7 // trimmed: where the first reader ever begins is no loss
	r.put(topic, 0, "a-1", "a-2", "a-3")
	r.put(topic, 1, "b-1")
	r.runs(1)
	r.put(topic, 1, "b-2", "b-3")
	r.runs(1)
	r.requireInOrder(map[string]int{"a": 3, "b": 3})
	require.Equal(t, map[int]int64{0: 3, 1: 10}, r.offsets(topic))
	require.Zero(t, r.losses)
	require.Equal(t, "log 1", r.mark("stream/cluster"))
}

// With another number of partitions the keys stand in other ones. Wherever the readers are killed, before or after a commit, what
// the older generations hold is applied before the youngest, and everything once.
func TestReaderAppliesOlderGenerationsFirst(t *testing.T) {
	t.Parallel()
	const second, third = topic + ".2", topic + ".3"
	for kill := 0; ; kill++ {
		reached := false
		for _, committed := range []bool{false, true} {
			r := newReaders(t, topic, second, third)
			r.put(topic, 0, "a-1", "a-2", "a-3", "a-4")
			r.put(topic, 1, "b-1")
			_, err := r.model.Apply(t.Context(), r.Step, ledger.Batch{At: noon, Cursor: &ledger.Cursor{Topic: topic, Partition: 0, Next: 1}})
			require.NoError(t, err)
			r.applied = append(r.applied, "order/a-1") // before the second generation began
			r.put(second, 2, "b-2", "b-3", "b-4", "a-5")
			r.put(second, 1, "c-1")
			r.put(third, 3, "a-6", "b-5", "a-7")
			r.put(third, 0, "c-2", "c-3")
			r.failing, r.lost = kill, committed
			r.runs(3)
			r.requireInOrder(map[string]int{"a": 7, "b": 5, "c": 3})
			require.Zero(t, r.losses)
			require.Empty(t, r.reasons())
			reached = reached || r.failing < 0
		}
		if !reached {
			require.Greater(t, kill, 8, "every commit was killed")
			return
		}
	}
}

// Generations that are read to their end are left alone.
func TestReaderLeavesDrainedGenerationsAlone(t *testing.T) {
	t.Parallel()
	r := newReaders(t, topic, topic+".2", topic+".3")
	r.put(topic, 0, "a-1")
	r.put(topic+".3", 0, "a-2")
	r.runs(1)
	require.Equal(t, []string{topic, topic + ".3"}, r.log.read)
	r.put(topic+".3", 0, "a-3")
	r.runs(1)
	require.Equal(t, []string{topic, topic + ".3", topic + ".3"}, r.log.read)
	r.requireInOrder(map[string]int{"a": 3})
}

// An offset of the ledger that the log does not have is a loss, in whichever generation; it is noted once, and reading goes on
// with what there is.
func TestReaderNotesALoss(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		offset, first int64
		records       []string
		want          int64
	}{
		"the log ends before":        {offset: 9, records: []string{"a-1", "a-2"}, want: 2},
		"the log begins after":       {offset: 1, first: 4, records: []string{"a-1", "a-2"}, want: 6},
		"the log is empty":           {offset: 9, want: 0},
		"the log is empty but begun": {offset: 1, first: 4, want: 4},
	} {
		for _, where := range []string{topic, topic + ".2"} {
			r := newReaders(t, topic, topic+".2")
			_, err := r.model.Apply(t.Context(), nil, ledger.Batch{At: noon, Cursor: &ledger.Cursor{Topic: where, Next: c.offset}})
			require.NoError(t, err)
			r.log.topics[where][0].first = c.first
			r.put(where, 0, c.records...)
			r.runs(1)
			require.Equal(t, 1, r.losses, "%s: %s", where, name)
			require.Equal(t, "yes", r.mark("test/lost"))
			r.runs(1)
			require.Equal(t, 1, r.losses, "%s: %s: it is noted once", where, name)
			require.Len(t, r.applied, len(c.records))
			require.Equal(t, c.want, r.offsets(where)[0], "%s: %s", where, name)
		}
	}
}

// A log that is cut while it is read: nothing after the gap is applied before the loss is stored.
func TestReaderStoresALossBeforeItGoesOn(t *testing.T) {
	t.Parallel()
	r := newReaders(t, topic)
	r.put(topic, 0, "a-1", "a-2")
	cut := false
	r.Failpoint = func(name string) {
		if name == "after commit" && !cut {
			cut = true
			r.unstorable = errFull
			r.log.topics[topic][0] = part{first: 20}
			r.put(topic, 0, "b-1", "b-2")
		}
	}
	tries := 0
	r.log.failed = func() {
		if tries++; tries == 3 {
			require.Len(t, r.applied, 2)
			r.unstorable = nil
		}
	}
	r.runs(1)
	r.requireInOrder(map[string]int{"a": 2, "b": 2})
	require.Equal(t, 1, r.losses)
	require.EqualValues(t, 22, r.offsets(topic)[0])
}

// Another log, whose offsets happen to be in range: it is read from its beginning, and the loss of the old one is noted. No kill on
// the way makes it be taken for the old one.
func TestReaderRecognisesAnotherLog(t *testing.T) {
	t.Parallel()
	for kill := 0; ; kill++ {
		reached := false
		for _, committed := range []bool{false, true} {
			r := newReaders(t, topic, topic+".2")
			r.put(topic, 0, "x-1", "x-2", "x-3")
			r.put(topic+".2", 0, "x-4", "x-5", "x-6")
			r.runs(1)
			r.applied = nil
			r.log.id, r.log.topics = "log 2", map[string][]part{topic: make([]part, 2), topic + ".2": make([]part, 3)}
			r.put(topic, 0, "a-1", "a-2", "a-3", "a-4")
			r.put(topic, 1, "b-1")
			r.put(topic+".2", 0, "a-5", "b-2", "a-6", "b-3")
			r.failing, r.lost = kill, committed
			r.runs(3)
			r.requireInOrder(map[string]int{"a": 6, "b": 3})
			require.Equal(t, "yes", r.mark("test/lost"))
			require.Equal(t, "log 2", r.mark("stream/cluster"))
			reached = reached || r.failing < 0
		}
		if !reached {
			require.Greater(t, kill, 8, "every commit was killed")
			return
		}
	}
}
