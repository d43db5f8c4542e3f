package channeltest

import (
	"context"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/stock"
)

const (
	channel = stock.Channel("any")
	token   = "right-token-of-the-channel"
	secret  = "signing-secret"
	// canary stands for customer data: the shop has it wherever a customer would be, and an adapter passes it on nowhere.
	canary = "canary-of-a-customer"
	// moment is more than the grain of any platform's times.
	moment = 10 * time.Second
	// idleMax bounds the wait for webhooks on this machine.
	idleMax = time.Minute
)

// bench is one shop with an adapter connected to it.
type bench struct {
	Platform
	harness *Harness
	t       *testing.T
	clock   *clock
	shop    Shop
	gate    *gate
	server  *httptest.Server
	hooks   *mailbox
	hookURL string
}

func newBench(t *testing.T, harness *Harness) *bench {
	t.Helper()
	b := &bench{harness: harness, t: t, clock: newClock(), hooks: &mailbox{}}
	receiver := httptest.NewServer(b.hooks)
	t.Cleanup(receiver.Close)
	b.hookURL = receiver.URL + "/hooks/any/0123456789abcdef"
	b.shop = harness.Open(t, Setting{Now: b.clock.Now, Token: token, Secret: secret, HookURL: b.hookURL, Canary: canary})
	b.gate = &gate{shop: b.shop, now: b.clock.Now}
	b.server = httptest.NewServer(b.gate)
	t.Cleanup(b.server.Close)
	b.Platform = b.connect()
	return b
}

// connect makes another adapter for the shop.
func (b *bench) connect(change ...func(*Connection)) Platform {
	c := Connection{URL: b.server.URL, Token: func() string { return token }, HookURL: b.hookURL, Secrets: func() []string { return []string{secret} }, Channel: channel,
		Locations: []string{b.shop.Location()}, Now: b.clock.Now}
	for _, f := range change {
		f(&c)
	}
	return b.harness.Connect(b.t, c)
}

// secrets has an adapter know these.
func secrets(list ...string) func(*Connection) {
	return func(c *Connection) { c.Secrets = func() []string { return list } }
}

// stock adds an item and lets a moment pass.
func (b *bench) stock(units int64) stock.Ref {
	b.t.Helper()
	ref := stock.Ref{Channel: channel, Item: b.shop.Add(b.t, units), Location: b.shop.Location()}
	b.clock.advance(moment)
	return ref
}

// sell has the shop sell units, and lets a moment pass.
func (b *bench) sell(ref stock.Ref, units int64) {
	b.t.Helper()
	b.shop.Sell(b.t, ref.Item, units)
	b.clock.advance(moment)
}

// read reads one ref.
func (b *bench) read(ref stock.Ref) stock.Reading {
	b.t.Helper()
	page, err := b.ReadRefs(b.t.Context(), []stock.Ref{ref}, time.Time{})
	require.NoError(b.t, err)
	require.Len(b.t, page.Readings, 1)
	require.False(b.t, page.ReadAt.IsZero())
	require.False(b.t, page.ReadAt.After(b.clock.Now()), "read ahead of the platform's clock")
	require.Equal(b.t, ref, page.Readings[0].Ref)
	return page.Readings[0]
}

// counted checks what the shop's counter really shows.
func (b *bench) counted(ref stock.Ref, units int64) {
	b.t.Helper()
	require.Equal(b.t, stock.Units(units), b.shop.Count(ref.Item))
}

// encode makes a call of rows as the program does: after a read, at the platform's time.
func (b *bench) encode(key string, rows ...stock.PushRow) []byte {
	b.t.Helper()
	body, err := b.EncodeCall(key, b.now(), rows)
	require.NoError(b.t, err)
	return body
}

// now is the platform's time, learnt anew.
func (b *bench) now() time.Time {
	b.t.Helper()
	_, err := b.Locations(b.t.Context())
	require.NoError(b.t, err)
	return b.PlatformNow()
}

// row is one delta of a call.
func row(ref stock.Ref, units int64, reference string) stock.PushRow {
	return stock.PushRow{Ref: ref, Delta: stock.Units(units), Reference: stock.ReferencePrefix + reference}
}

// delivered waits for the webhooks on their way and takes all.
func (b *bench) delivered() []Delivery {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), idleMax)
	defer cancel()
	require.NoError(b.t, b.shop.Idle(ctx))
	all := b.hooks.empty()
	require.NotEmpty(b.t, all)
	return all
}
