package stream_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/stream"
)

func TestLetters(t *testing.T) {
	t.Parallel()
	p, now := &publisher{}, noon
	letters := stream.NewDeadLetters(p, func() time.Time { return now })
	event := stock.Event{ID: "e", Channel: "web", Hint: &stock.Hint{Resource: "order/1"}}
	require.NoError(t, letters.Put(t.Context(), stream.DeadLetter{ID: "first", Reason: "no rule", Event: &event}))
	require.NoError(t, letters.Put(t.Context(), stream.DeadLetter{Reason: "unsigned", Channel: "web", Topic: "orders/create", Size: 7, SHA256: "ab"}))
	now = now.Add(time.Hour)
	require.NoError(t, letters.MarkRetried(t.Context(), "first"))
	require.NoError(t, letters.MarkRetried(t.Context(), "nobody"))
	again := stream.NewDeadLetters(p, func() time.Time { return now }) // of the process after a crash
	require.NoError(t, again.Put(t.Context(), stream.DeadLetter{ID: "first", Reason: "no rule, again"}))
	values := p.values(stream.DeadLettersTopic)
	for _, garbage := range []string{"", "hello", "{}", "null", "[]", `{"letter":null}`, `{"retried":7}`} {
		values = append(values, []byte(garbage))
	}
	listed := stream.Letters(values)
	require.Len(t, listed, 2+7)
	require.Equal(t, stream.DeadLetter{ID: "first", At: noon, Reason: "no rule", Event: &event, RetriedAt: noon.Add(time.Hour)}, listed[0])
	require.NotEmpty(t, listed[1].ID)
	require.Equal(t, "unsigned", listed[1].Reason)
	require.Zero(t, listed[1].RetriedAt)
	seen := map[string]bool{}
	for _, letter := range listed {
		require.False(t, seen[letter.ID], "ids are unique: %s", letter.ID)
		seen[letter.ID] = true
	}
	require.Equal(t, "the dead letter itself cannot be read", listed[2].Reason)
	for i, m := range p.published[stream.DeadLettersTopic] {
		require.NotEmpty(t, m.Metadata.Get(stream.KeyHeader), "message %d", i)
	}
	require.Empty(t, stream.Letters(nil))
	require.Len(t, stream.Letters([][]byte{[]byte(`{"letter":{}}`), []byte(`{"letter":{}}`)}), 2, "letters without an id are not one")
}

// A letter that does not fit into a record would stop its partition for ever.
func TestLetterAlwaysFits(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("<é", 400_000)
	fits := stock.Event{ID: strings.Repeat("x", 799_000), Channel: "web", Topic: "t"}
	_, err := stream.Encode(fits)
	require.NoError(t, err)
	for name, c := range map[string]struct {
		letter stream.DeadLetter
		kept   bool
	}{
		"the largest event":    {stream.DeadLetter{ID: "a", Event: &fits, Reason: long, Topic: long, Channel: stock.Channel(long)}, true},
		"an event of others":   {stream.DeadLetter{ID: "b", Event: &stock.Event{ID: long, Channel: "web"}, Reason: "no rule"}, false},
		"one JSON cannot hold": {stream.DeadLetter{ID: "c", Event: &stock.Event{ObservedAt: time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)}}, false},
	} {
		p := &publisher{}
		require.NoError(t, stream.NewDeadLetters(p, func() time.Time { return noon }).Put(t.Context(), c.letter), name)
		m := p.published[stream.DeadLettersTopic][0]
		require.Less(t, len(m.Payload)+len(m.Metadata.Get(stream.KeyHeader)), 890_000, name)
		letter := stream.Letters(p.values(stream.DeadLettersTopic))[0]
		require.Equal(t, c.letter.ID, letter.ID, name)
		require.Equal(t, c.kept, letter.Event != nil, name)
		require.Equal(t, c.kept, letter.SHA256 == "", name)
		require.True(t, strings.HasPrefix(c.letter.Reason, letter.Reason), "cut between characters")
	}
}

// A batch that is tried for hours must not fill the disk with one letter.
func TestLetterIsWrittenOnce(t *testing.T) {
	t.Parallel()
	p := &publisher{}
	letters := stream.NewDeadLetters(p, func() time.Time { return noon })
	p.Fail = func(string) error { return errFull }
	require.ErrorIs(t, letters.Put(t.Context(), stream.DeadLetter{ID: "a"}), errFull)
	p.Fail = nil
	for range 3 {
		require.NoError(t, letters.Put(t.Context(), stream.DeadLetter{ID: "a"}))
	}
	require.Len(t, p.published[stream.DeadLettersTopic], 1, "what failed is not taken for written")
	for i := range 5_000 {
		require.NoError(t, letters.Put(t.Context(), stream.DeadLetter{ID: strconv.Itoa(i)}))
		require.NoError(t, letters.Put(t.Context(), stream.DeadLetter{}))
	}
	require.Len(t, p.published[stream.DeadLettersTopic], 10_001, "letters without an id are never one")
	require.NoError(t, letters.Put(t.Context(), stream.DeadLetter{ID: "a"}))
	require.Len(t, p.published[stream.DeadLettersTopic], 10_002, "the memory is bounded")
}

// What is stored of a delivery that cannot be decoded names no person.
func TestLetterHasNoPlaceForABody(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(stream.DeadLetter{})
	require.NoError(t, err)
	var fields map[string]any
	require.NoError(t, json.Unmarshal(text, &fields))
	for _, name := range []string{"body", "raw", "payload", "value"} {
		require.NotContains(t, fields, name)
	}
}
