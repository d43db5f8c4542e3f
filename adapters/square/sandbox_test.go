package square_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/adapters/sandbox/shop"
	sandbox "github.com/evenstock/evenstock/adapters/sandbox/square"
	"github.com/evenstock/evenstock/adapters/square"
	"github.com/evenstock/evenstock/ledger/stock"
)

const (
	canary  = "canary-of-a-customer"
	hookURL = "https://hooks.example.com/hooks/till/k3J"
	hookKey = "signature-key"
)

// till is the channel of a pretend Square, both in one bubble of virtual time.
type till struct {
	*square.Channel
	till     *sandbox.Shop
	log      *bytes.Buffer
	item     string
	location string
	hooks    chan *http.Request
	bodies   chan []byte
}

func openTill(t *testing.T) *till {
	t.Helper()
	shopTill := &till{log: new(bytes.Buffer), hooks: make(chan *http.Request, 100), bodies: make(chan []byte, 100)}
	receiver := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body := new(bytes.Buffer)
		_, err := body.ReadFrom(r.Body)
		assert.NoError(t, err)
		shopTill.hooks <- r
		shopTill.bodies <- body.Bytes()
	})
	shopTill.till = sandbox.New(sandbox.Options{
		Now: time.Now, Token: "token", SigningKey: hookKey, NotificationURL: hookURL, Canary: canary, WebhooksParallel: 1,
		HTTPClient: &http.Client{Transport: shop.Direct(receiver)},
	})
	t.Cleanup(shopTill.till.Close)
	shopTill.location = shopTill.till.Locations()[0]
	shopTill.item = shopTill.till.AddVariation("MUG", "Mug", true)
	channel, err := square.New(square.Options{
		Token: func() string { return "token" }, Channel: "till", Locations: []string{shopTill.location}, WebhookURL: hookURL, WebhookSecrets: func() []string { return []string{hookKey} },
		HTTPClient: &http.Client{Transport: shop.Direct(shopTill.till)}, RequestsPerSecond: 1000,
		Logger: slog.New(slog.NewTextHandler(shopTill.log, nil)),
	})
	require.NoError(t, err)
	shopTill.Channel = channel
	return shopTill
}

func (s *till) ref() stock.Ref { return stock.Ref{Channel: "till", Item: s.item, Location: s.location} }

func (s *till) read(t *testing.T, since time.Time) stock.Page {
	t.Helper()
	page, err := s.ReadRefs(t.Context(), []stock.Ref{s.ref()}, since)
	require.NoError(t, err)
	require.Len(t, page.Readings, 1)
	return page
}

// A day at the pretend shop: the adapter says what happened there, and each side of it fits the other.
func TestAgainstSandbox(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := openTill(t)
		ctx := t.Context()
		require.NoError(t, s.CheckToken(ctx))
		items, next, err := s.Catalog(ctx, "")
		require.NoError(t, err)
		require.Len(t, items, 1)
		assert.Equal(t, "MUG", items[0].SKU)
		assert.True(t, items[0].Tracked)
		assert.Empty(t, next)

		assert.Equal(t, stock.Missing, s.read(t, time.Time{}).Readings[0].Status, "tracked, never counted")
		must(t)(s.till.Recount(s.item, stock.Units(10), time.Time{}))
		begin := time.Now()
		time.Sleep(time.Second)
		must(t)(s.till.Sell(s.item, stock.Units(2)))
		time.Sleep(time.Second)

		page := s.read(t, begin)
		assert.Equal(t, stock.Units(8), page.Readings[0].Quantity)
		require.Len(t, page.Movements, 1)
		assert.Equal(t, stock.Sold, page.Movements[0].Cause)
		assert.Equal(t, stock.Units(-2), page.Movements[0].Quantity)
		assert.Equal(t, page.Readings[0].Version, page.Movements[0].ChannelTime)
		assert.False(t, page.ReadAt.After(time.Now()))

		s.lostAnswer(t)
		s.absorbedPush(t)

		list, err := s.ListMovements(ctx, time.Time{}, "")
		require.NoError(t, err)
		assert.Len(t, list.Movements, 3, "one sale, two rows of ours")
		assert.Len(t, list.Recounts, 2)

		require.NoError(t, s.till.SetTracking(s.item, s.location, false))
		time.Sleep(time.Minute) // the catalog is asked no more often
		assert.Equal(t, stock.Untracked, s.read(t, time.Time{}).Readings[0].Status, "the row is still there, but no sale moves it")
		assert.NotContains(t, s.log.String(), canary)
		s.webhooks(t)
	})
}

// lostAnswer loses the answer after the write; the repeat under the same key does not write again.
func (s *till) lostAnswer(t *testing.T) {
	begin := s.PlatformNow()
	body, err := s.EncodeCall("call-1", begin, []stock.PushRow{{Ref: s.ref(), Delta: -stock.Unit, Reference: "evenstock:1:0"}})
	require.NoError(t, err)
	require.NoError(t, s.till.SetFaults(shop.Faults{LoseAnswerAfter: 1}))
	assert.Equal(t, stock.Unknown, s.SendCall(t.Context(), "call-1", body).Outcome)
	require.NoError(t, s.till.SetFaults(shop.Faults{}))
	found, err := s.FindReferences(t.Context(), []stock.Ref{s.ref()}, begin.Add(-time.Second), []string{"evenstock:1:0"})
	require.NoError(t, err)
	assert.Equal(t, begin, found["evenstock:1:0"].OccurredAt, "the time we sent, to the last digit")
	again := s.SendCall(t.Context(), "call-1", body)
	assert.Equal(t, stock.Applied, again.Outcome, again.Reason)
	assert.Equal(t, stock.Units(7), s.read(t, time.Time{}).Readings[0].Quantity)
}

// absorbedPush lets a recount of a later time arrive before our push: the page shows both, and the count did not move.
func (s *till) absorbedPush(t *testing.T) {
	begin := s.PlatformNow()
	body, err := s.EncodeCall("call-2", begin, []stock.PushRow{{Ref: s.ref(), Delta: -stock.Unit, Reference: "evenstock:2:0"}})
	require.NoError(t, err)
	time.Sleep(time.Second)
	must(t)(s.till.Recount(s.item, stock.Units(20), time.Time{}))
	time.Sleep(time.Second)
	sent := s.SendCall(t.Context(), "call-2", body)
	assert.Equal(t, stock.Applied, sent.Outcome, sent.Reason)
	page := s.read(t, begin.Add(-time.Second))
	assert.Equal(t, stock.Units(20), page.Readings[0].Quantity)
	require.Len(t, page.Recounts, 1)
	last := page.Movements[len(page.Movements)-1]
	assert.Equal(t, "evenstock:2:0", last.Reference)
	assert.True(t, page.Recounts[0].OccurredAt.After(last.OccurredAt) && page.Recounts[0].ChannelTime.Before(last.ChannelTime))
}

func (s *till) webhooks(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	require.NoError(t, s.till.Courier().Idle(ctx))
	var quantities []stock.Quantity
	for len(s.hooks) > 0 {
		hook, body := <-s.hooks, <-s.bodies
		require.NoError(t, s.Verify(hook.Header, body))
		events, err := s.Decode(hook.Header, body, time.Now())
		if err != nil {
			var refusal *square.DeliveryError
			require.ErrorAs(t, err, &refusal)
			assert.True(t, refusal.UnknownTopic())
			continue
		}
		for _, e := range events {
			quantities = append(quantities, e.Reading.Quantity)
		}
	}
	assert.Subset(t, quantities, []stock.Quantity{stock.Units(10), stock.Units(8), stock.Units(7), stock.Units(20)})
}

// must fails the test when an action of the shop does.
func must(t *testing.T) func(sandbox.Change, error) {
	return func(_ sandbox.Change, err error) {
		t.Helper()
		require.NoError(t, err)
	}
}
