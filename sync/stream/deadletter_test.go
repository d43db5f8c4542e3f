package stream_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/stream"
)

func TestLetters(t *testing.T) {
	t.Parallel()
	p, now := &publisher{}, noon
	morgue := stream.NewMorgue(p, func() time.Time { return now })
	event := stock.Event{ID: "e", Channel: "web", Hint: &stock.Hint{Resource: "order/1"}}
	require.NoError(t, morgue.Bury(t.Context(), stream.DeadLetter{ID: "first", Reason: "no rule", Event: &event}))
	require.NoError(t, morgue.Bury(t.Context(), stream.DeadLetter{Reason: "unsigned", Channel: "web", Topic: "orders/create", Size: 7, SHA256: "ab"}))
	now = now.Add(time.Hour)
	require.NoError(t, morgue.MarkRetried(t.Context(), "first"))
	require.NoError(t, morgue.MarkRetried(t.Context(), "nobody"))
	require.NoError(t, morgue.Bury(t.Context(), stream.DeadLetter{ID: "first", Reason: "no rule, again"}))
	values := p.values(stream.DeadLetters)
	for _, garbage := range []string{"", "hello", "{}", "null", "[]", `{"letter":null}`, `{"retried":7}`} {
		values = append(values, []byte(garbage))
	}
	letters := stream.Letters(values)
	require.Len(t, letters, 2+7)
	require.Equal(t, stream.DeadLetter{ID: "first", At: noon, Reason: "no rule", Event: &event, RetriedAt: noon.Add(time.Hour)}, letters[0])
	require.NotEmpty(t, letters[1].ID)
	require.Equal(t, "unsigned", letters[1].Reason)
	require.Zero(t, letters[1].RetriedAt)
	seen := map[string]bool{}
	for _, letter := range letters {
		require.False(t, seen[letter.ID], "ids are unique: %s", letter.ID)
		seen[letter.ID] = true
	}
	require.Equal(t, "the dead letter itself cannot be read", letters[2].Reason)
	for i, m := range p.published[stream.DeadLetters] {
		require.NotEmpty(t, m.Metadata.Get(stream.KeyHeader), "message %d", i)
	}
	require.Empty(t, stream.Letters(nil))
	require.Len(t, stream.Letters([][]byte{[]byte(`{"letter":{}}`), []byte(`{"letter":{}}`)}), 2, "letters without an id are not one")
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
