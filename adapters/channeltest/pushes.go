package channeltest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/stock"
)

// encode: a call is the same bytes for ever, and what no platform could take is not encoded.
func encode(b *bench) {
	ref := b.stock(10)
	at := b.now()
	rows := []stock.PushRow{row(ref, -2, "c1:0"), row(stock.Ref{Channel: channel, Item: "999999", Location: ref.Location}, 3, "c1:1")}
	body, err := b.EncodeCall("c1", at, rows)
	require.NoError(b.t, err)
	require.Contains(b.t, string(body), "c1")
	again, err := b.connect().EncodeCall("c1", at, rows)
	require.NoError(b.t, err)
	require.Equal(b.t, string(body), string(again))

	many := make([]stock.PushRow, b.MaxRows()+1)
	for i := range many {
		many[i] = row(ref, 1, "c1:"+time.Duration(i).String())
	}
	_, err = b.EncodeCall("c1", at, many[1:])
	require.NoError(b.t, err)
	foreign, nowhere := row(ref, 1, "c1:0"), row(ref, 1, "c1:0")
	foreign.Ref.Channel, nowhere.Ref.Location = "another", ""
	for what, call := range map[string]struct {
		key  string
		rows []stock.PushRow
	}{
		"no key": {"", rows}, "no rows": {"c1", nil}, "too many rows": {"c1", many}, "another channel's ref": {"c1", []stock.PushRow{foreign}},
		"no location": {"c1", []stock.PushRow{nowhere}},
	} {
		_, err := b.EncodeCall(call.key, at, call.rows)
		require.Error(b.t, err, what)
	}
}

// push: a call moves the counters by its deltas, whatever they show, and what is sent is what was stored.
func push(b *bench) {
	ref, other := b.stock(10), b.stock(5)
	body := b.encode("c1", row(ref, -2, "c1:0"), row(other, 3, "c1:1"))
	b.sell(ref, 1)
	b.applied("c1", body)
	_, last := b.gate.asked()
	require.Equal(b.t, string(body), string(last), "other bytes than those stored")
	b.counted(ref, 7)
	b.counted(other, 8)
	b.clock.advance(moment)
	require.Equal(b.t, stock.Units(7), b.read(ref).Quantity)

	finder, finds := b.Platform.(interface {
		FindReferences(ctx context.Context, refs []stock.Ref, since time.Time, references []string) (map[string]stock.Movement, error)
	})
	require.Equal(b.t, b.Traits().History, finds, "a history settles what became of a call")
	if finds {
		found, err := finder.FindReferences(b.t.Context(), []stock.Ref{ref, other}, b.clock.Now().Add(-time.Hour), []string{stock.ReferencePrefix + "c1:0", stock.ReferencePrefix + "c9:0"})
		require.NoError(b.t, err)
		require.Len(b.t, found, 1)
		require.Equal(b.t, stock.Units(-2), found[stock.ReferencePrefix+"c1:0"].Quantity)
	}
}

// applied sends a call that is written.
func (b *bench) applied(key string, body []byte) {
	b.t.Helper()
	answer := b.SendCall(b.t.Context(), key, body)
	require.Equal(b.t, stock.Applied, answer.Outcome, answer.Reason)
	require.Empty(b.t, answer.Reason)
	require.False(b.t, answer.PlatformTime.IsZero())
	// Rows written together may be a microsecond apart.
	require.False(b.t, answer.PlatformTime.After(b.clock.Now().Add(time.Millisecond)))
}

// pushRefused: one bad row refuses the whole call, and is named.
func pushRefused(b *bench) {
	ref := b.stock(10)
	gone := stock.Ref{Channel: channel, Item: "999999", Location: ref.Location}
	body := b.encode("c1", row(ref, -2, "c1:0"), row(gone, 1, "c1:1"))
	answer := b.SendCall(b.t.Context(), "c1", body)
	require.Equal(b.t, stock.Refused, answer.Outcome, answer.Reason)
	require.Equal(b.t, []int{1}, answer.BadRows)
	require.NotEmpty(b.t, answer.Reason)
	b.counted(ref, 10)
}

// gone: an item that was deleted is gone, in a read and in a refusal, which names it; the others of the call can be sent again.
func gone(b *bench) {
	ref, deleted := b.stock(10), b.stock(5)
	b.shop.Delete(b.t, deleted.Item)
	body := b.encode("c1", row(ref, -2, "c1:0"), row(deleted, 1, "c1:1"))
	answer := b.SendCall(b.t.Context(), "c1", body)
	require.Equal(b.t, stock.Refused, answer.Outcome, answer.Reason)
	require.Equal(b.t, []int{1}, answer.BadRows)
	require.Equal(b.t, []int{1}, answer.GoneRows)
	require.NotEmpty(b.t, answer.Reason)
	b.counted(ref, 10)
	require.Equal(b.t, stock.Gone, b.read(deleted).Status)
	require.Equal(b.t, stock.Counted, b.read(ref).Status)
	b.applied("c2", b.encode("c2", row(ref, -2, "c2:0")))
	b.counted(ref, 8)
	items, _, err := b.Catalog(b.t.Context(), "")
	require.NoError(b.t, err)
	require.Len(b.t, items, 1, "the catalog has what is left")
}

// sameKey: what is sent again under its key is not written again; something else under the key is not written at all.
func sameKey(b *bench) {
	ref := b.stock(10)
	body := b.encode("c1", row(ref, -2, "c1:0"))
	b.applied("c1", body)
	b.sell(ref, 1)
	for range 3 {
		b.applied("c1", body)
		b.clock.advance(moment)
	}
	b.counted(ref, 7)

	answer := b.SendCall(b.t.Context(), "c1", b.encode("c1", row(ref, -5, "c1:0")))
	require.Equal(b.t, stock.Unknown, answer.Outcome, "something was written under the key: %s", answer.Reason)
	require.NotEmpty(b.t, answer.Reason)
	b.counted(ref, 7)
}

// unknownOutcome: an attempt without a whole answer says that nobody knows, and the same call settles it.
func unknownOutcome(b *bench) {
	for key, trouble := range map[string]struct {
		strike  func(http.Handler) http.Handler
		written bool
	}{
		"cut-before": {cutBefore, false}, "cut-after": {cutAfter, true}, "cut-within": {cutWithin, true},
		"error-500": {answering(http.StatusInternalServerError, "X-Any", ""), false}, "error-502": {answering(http.StatusBadGateway, "Content-Type", "text/html"), false},
	} {
		ref := b.stock(10)
		body := b.encode(key, row(ref, -2, key+":0"))
		b.gate.strike(trouble.strike)
		before, _ := b.gate.asked()
		answer := b.SendCall(b.t.Context(), key, body)
		after, _ := b.gate.asked()
		b.gate.strike(nil)
		require.Equal(b.t, stock.Unknown, answer.Outcome, "%s: %s", key, answer.Reason)
		require.NotEmpty(b.t, answer.Reason, key)
		require.Equal(b.t, before+1, after, "%s: one attempt is one request", key)
		require.Equal(b.t, trouble.written, b.shop.Count(ref.Item) == stock.Units(8), key)
		b.applied(key, body)
		b.counted(ref, 8)
	}
}

// nothingSent: what certainly was not sent says so.
func nothingSent(b *bench) {
	ref := b.stock(10)
	body := b.encode("c1", row(ref, -2, "c1:0"))
	before, _ := b.gate.asked()
	ended, cancel := context.WithCancel(b.t.Context())
	cancel()
	for what, answer := range map[string]stock.Answer{
		"another call's body": b.SendCall(b.t.Context(), "c2", body),
		"no body":             b.SendCall(b.t.Context(), "c1", nil),
		"half a body":         b.SendCall(b.t.Context(), "c1", body[:len(body)/2]),
		"an empty object":     b.SendCall(b.t.Context(), "c1", []byte("{}")),
		"an ended context":    b.SendCall(ended, "c1", body),
	} {
		require.Equal(b.t, stock.NotProcessed, answer.Outcome, what)
		require.NotEmpty(b.t, answer.Reason, what)
	}
	after, _ := b.gate.asked()
	require.Equal(b.t, before, after)

	deserted := httptest.NewServer(nil)
	deserted.Close()
	answer := b.connect(func(c *Connection) { c.URL = deserted.URL }).SendCall(b.t.Context(), "c1", body)
	require.Equal(b.t, stock.NotProcessed, answer.Outcome, "there was no connection: %s", answer.Reason)
	require.NotContains(b.t, answer.Reason, token)
	b.counted(ref, 10)
}

// redirect: none is followed, for it would carry the token elsewhere and send a call twice.
func redirect(b *bench) {
	ref := b.stock(10)
	body := b.encode("c1", row(ref, -2, "c1:0"))
	var visits atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visits.Add(1) }))
	b.t.Cleanup(elsewhere.Close)
	for _, status := range []int{http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect} {
		b.gate.strike(answering(status, "Location", elsewhere.URL))
		require.Equal(b.t, stock.Unknown, b.SendCall(b.t.Context(), "c1", body).Outcome)
		_, err := b.ReadRefs(b.t.Context(), []stock.Ref{ref}, time.Time{})
		require.Error(b.t, err)
	}
	require.Zero(b.t, visits.Load())
}
