package stream_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/stream"
)

var (
	noon = time.Date(2026, 3, 14, 12, 0, 0, 123456789, time.UTC)
	mug  = stock.Ref{Channel: "till", Item: "V1", Location: "L1"}
)

// events has one event of each kind.
func events() map[string]stock.Event {
	return map[string]stock.Event{
		"till/V1@L1": {ID: "e1", Channel: "till", Topic: "inventory.count.updated", ObservedAt: noon,
			Reading: &stock.Reading{Ref: mug, Status: stock.Counted, Quantity: -250_001, Version: noon}},
		"till/V2@L1": {ID: "e2", Channel: "till", Movement: &stock.Movement{Key: "A1", Ref: stock.Ref{Channel: "till", Item: "V2", Location: "L1"},
			Quantity: stock.Units(-1), Cause: stock.Sold, OccurredAt: noon, ChannelTime: noon, Evidence: stock.Evidence{"payment": "P1"}}},
		"till/V3@L1": {ID: "e3", Channel: "till", Recount: &stock.Recount{Key: "R1", Ref: stock.Ref{Channel: "till", Item: "V3", Location: "L1"}, Counted: 0, OccurredAt: noon}},
		"web/order/900": {ID: "e4", Channel: "web", Order: &stock.Order{Channel: "web", ID: "900", CreatedAt: noon, Lines: []stock.OrderLine{
			{ID: "1", SoldAs: "v", Taken: stock.Units(2), Restocks: []stock.Restock{{ID: "R", Location: "77", Quantity: stock.Unit, Type: "return", At: noon}}}}}},
		"web/order/901": {ID: "e5", Channel: "web", Hint: &stock.Hint{Resource: "order/901"}},
		"web/501@77":    {ID: "e7", Channel: "web", Hint: &stock.Hint{Ref: &stock.Ref{Channel: "web", Item: "501", Location: "77"}}},
		"web":           {ID: "e6", Channel: "web"},
	}
}

func TestEnvelopeRoundTrip(t *testing.T) {
	t.Parallel()
	for key, event := range events() {
		value, err := stream.Encode(event)
		require.NoError(t, err)
		got, err := stream.Decode(value)
		require.NoError(t, err)
		require.Equal(t, event, got)
		require.Equal(t, key, stream.Key(event))
		require.NotContains(t, string(value), "2.50001,", "quantities travel as text")
	}
}

func TestEnvelopeTooLarge(t *testing.T) {
	t.Parallel()
	event := stock.Event{Channel: "web", Hint: &stock.Hint{Resource: strings.Repeat("x", 399_000)}}
	_, err := stream.Encode(event)
	require.NoError(t, err, "it is in the value and in the key")
	event.Hint.Resource += strings.Repeat("x", 1_000)
	_, err = stream.Encode(event)
	requireUnstorable(t, err)
	require.ErrorIs(t, err, stream.ErrTooLarge)
	require.Less(t, len(err.Error()), 200)
}

// A time with an offset can be in the year 10000 of UTC, which JSON does not take.
func TestEnvelopeOfALateTime(t *testing.T) {
	t.Parallel()
	late, err := time.Parse(time.RFC3339, "9999-12-31T23:59:59-23:59")
	require.NoError(t, err)
	_, err = stream.Encode(stock.Event{Channel: "till", Reading: &stock.Reading{Ref: mug, Status: stock.Counted, Version: late.UTC()}})
	requireUnstorable(t, err)
}

// requireUnstorable checks that callers can tell, without knowing the type.
func requireUnstorable(t *testing.T, err error) {
	t.Helper()
	var final interface{ Retryable() bool }
	require.ErrorAs(t, err, &final)
	require.False(t, final.Retryable())
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	good := `{"v":1,"event":{"id":"e","channel":"web","topic":"t","observed_at":"2026-03-14T12:00:00Z"}}`
	_, err := stream.Decode([]byte(good + " \n"))
	require.NoError(t, err)
	for name, value := range map[string]string{
		"nothing":               "",
		"no JSON":               "hello",
		"null":                  "null",
		"cut off":               good[:len(good)-1],
		"a list":                "[" + good + "]",
		"unknown field":         strings.Replace(good, `"id"`, `"customer":"Anna","id"`, 1),
		"unknown field outside": strings.Replace(good, `"v"`, `"w":1,"v"`, 1),
		"another version":       strings.Replace(good, `"v":1`, `"v":2`, 1),
		"no version":            strings.Replace(good, `"v":1,`, ``, 1),
		"two documents":         good + good,
		"a brace too many":      good + "}",
		"a bracket too many":    good + "]",
		"garbage behind":        good + " x",
		"quantity as a number":  `{"v":1,"event":{"reading":{"quantity":7}}}`,
		"quantity too fine":     `{"v":1,"event":{"reading":{"quantity":"0.000001"}}}`,
		"a status that is none": `{"v":1,"event":{"reading":{"status":"lost"}}}`,
		"no status":             `{"v":1,"event":{"reading":{}}}`,
		"no cause":              `{"v":1,"event":{"movement":{}}}`,
		"a time that is none":   `{"v":1,"event":{"reading":{"version":"yesterday"}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := stream.Decode([]byte(value))
			require.ErrorIs(t, err, stream.ErrEnvelope)
		})
	}
}

// FuzzDecode: whatever is decoded can be encoded and decoded again to the same event; whatever is not is ErrEnvelope.
func FuzzDecode(f *testing.F) {
	for _, event := range events() {
		value, err := stream.Encode(event)
		require.NoError(f, err)
		f.Add(value)
	}
	f.Add([]byte(`{"v":1,"event":{"reading":{"status":"counted","ref":{"channel":"a"},"quantity":"-92233720368547.75808","version":"9999-12-31T23:59:59.999999999+23:59"}}}`))
	f.Add([]byte(`{"v":1,"event":{}}}`))
	f.Fuzz(func(t *testing.T, value []byte) {
		event, err := stream.Decode(value)
		if err != nil {
			if !errors.Is(err, stream.ErrEnvelope) {
				t.Fatalf("%q: %v", value, err)
			}
			return
		}
		again, err := stream.Encode(event)
		if err != nil {
			t.Skip("larger than an envelope may be")
		}
		twice, err := stream.Decode(again)
		if err != nil {
			t.Fatalf("%q became %q: %v", value, again, err)
		}
		before, _ := json.Marshal(event)
		after, _ := json.Marshal(twice)
		if string(before) != string(after) {
			t.Fatalf("%s became %s", before, after)
		}
		if stream.Key(event) != stream.Key(twice) {
			t.Fatal("the key changed")
		}
	})
}
