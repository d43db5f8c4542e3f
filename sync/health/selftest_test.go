package health

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/stock"
)

// pretend is a platform that answers what a test says.
type pretend struct {
	token, locations error
	places           []stock.ChannelLocation
	clock            time.Time
	verify           func(secret string) error
	// hangs has it answer only when nobody waits any more.
	hangs bool
}

func (p *pretend) CheckToken(ctx context.Context) error {
	if p.hangs {
		<-ctx.Done()
		return ctx.Err()
	}
	return p.token
}

func (p *pretend) Locations(ctx context.Context) ([]stock.ChannelLocation, error) {
	if p.hangs {
		return nil, ctx.Err()
	}
	return p.places, p.locations
}

func (p *pretend) PlatformNow() time.Time { return p.clock }
func (p *pretend) Scopes() []string       { return []string{"read", "write"} }
func (p *pretend) Topics() []string       { return []string{"orders", "levels"} }
func (p *pretend) Sign(secret string, _ []byte) http.Header {
	return http.Header{"Secret": []string{secret}}
}
func (p *pretend) Verify(header http.Header, _ []byte) error { return p.verify(header.Get("Secret")) }

// refusal is an error that no repetition mends.
type refusal struct{ error }

func (refusal) Retryable() bool { return false }

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// till is a channel that is well.
func till() (Channel, *pretend) {
	p := &pretend{clock: noon, places: []stock.ChannelLocation{{ID: "L1", Name: "Shop", Active: true}, {ID: "L2", Name: "Attic"}},
		verify: func(secret string) error {
			if secret != "ours" {
				return errors.New("signature differs")
			}
			return nil
		}}
	return Channel{Name: "till", Address: "https://till.example.com", Locations: []string{"L1"}, WebhookURL: "https://hooks.example.com/[redacted]",
		Secrets: []string{"ours"}, Platform: p}, p
}

func TestSelfTestWell(t *testing.T) {
	t.Parallel()
	channel, _ := till()
	require.Equal(t, Checks{
		{Code: CodeToken, Result: OK, Channel: "till", Detail: "https://till.example.com takes it"},
		{Code: CodeLocations, Result: OK, Channel: "till", Detail: "1 known and active"},
		{Code: CodeClock, Result: OK, Channel: "till", Detail: "agrees with the platform's"},
		{Code: CodeWebhook, Result: OK, Channel: "till", Detail: "https://hooks.example.com/[redacted]; signed and verified with 1 secret"},
	}, SelfTest(channel, func() time.Time { return noon })(t.Context()))
}

// TestSelfTestIll breaks one thing at a time, and expects everything else to be well or not to be looked at.
func TestSelfTestIll(t *testing.T) {
	t.Parallel()
	down := errors.New("connection refused")
	tests := []struct {
		name string
		ail  func(c *Channel, p *pretend)
		want Check
		// unseen are checks that cannot be made then.
		unseen []Code
	}{
		{"a refused token", func(_ *Channel, p *pretend) { p.token = refusal{errors.New("401")} },
			Check{Code: CodeToken, Result: Fail, Detail: "401", Remedy: RemedyToken, With: []string{"read", "write"}}, nil},
		{"another address", func(_ *Channel, p *pretend) { p.token = failing(stock.NoShop) },
			Check{Code: CodeToken, Result: Fail, Detail: "no shop", Remedy: RemedyAddress, With: []string{"https://till.example.com"}}, nil},
		{"a locked shop", func(_ *Channel, p *pretend) { p.token = failing(stock.ShopClosed) },
			Check{Code: CodeToken, Result: Fail, Detail: "shop closed", Remedy: RemedyShop, With: []string{"https://till.example.com"}}, nil},
		{"an outage", func(_ *Channel, p *pretend) { p.token, p.locations = down, down },
			Check{Code: CodeToken, Result: Fail, Detail: "connection refused", Remedy: RemedyReach, With: []string{"https://till.example.com"}},
			[]Code{CodeLocations, CodeClock}},
		{"locations that cannot be listed", func(_ *Channel, p *pretend) { p.locations = refusal{errors.New("403")} },
			Check{Code: CodeLocations, Result: Fail, Detail: "403", Remedy: RemedyToken, With: []string{"read", "write"}}, []Code{CodeClock}},
		{"unknown locations", func(c *Channel, _ *pretend) { c.Locations = []string{"L9", "L1", "L8"} },
			Check{Code: CodeLocations, Result: Fail, Detail: "not known there: L8, L9", Remedy: RemedyLocations, With: []string{"L1 (Shop)", "L2 (Attic)"}}, nil},
		{"a closed location", func(c *Channel, _ *pretend) { c.Locations = []string{"L2"} },
			Check{Code: CodeLocations, Result: Warn, Detail: "closed there: L2", Remedy: RemedyLocationsOpen}, nil},
		{"our clock ahead", func(_ *Channel, p *pretend) { p.clock = noon.Add(-time.Hour) },
			Check{Code: CodeClock, Result: Warn, Detail: "this machine's clock is 1h0m0s off", Remedy: RemedyClock}, nil},
		{"our clock behind, by what an answer may take", func(_ *Channel, p *pretend) { p.clock = noon.Add(skewMax) },
			Check{Code: CodeClock, Result: OK, Detail: "agrees with the platform's"}, nil},
		{"no clock", func(_ *Channel, p *pretend) { p.clock = time.Time{} },
			Check{Code: CodeClock, Result: Warn, Detail: "the platform did not say its time"}, nil},
		{"no webhook", func(c *Channel, _ *pretend) { c.WebhookURL = "" },
			Check{Code: CodeWebhook, Result: Warn, Detail: "no webhook_url: the channel is followed by sweeps alone", Remedy: RemedyWebhook,
				With: []string{"orders", "levels"}}, nil},
		{"no secret", func(c *Channel, _ *pretend) { c.Secrets = nil },
			Check{Code: CodeWebhook, Result: Fail, Detail: "no secret: every delivery is refused", Remedy: RemedyWebhookSecret}, nil},
		{"a secret of another kind", func(c *Channel, _ *pretend) { c.Secrets = []string{"ours", "theirs"} },
			Check{Code: CodeWebhook, Result: Fail, Detail: "secret 2 does not verify what it signed: signature differs", Remedy: RemedyWebhookKey}, nil},
		{"anybody's signature", func(_ *Channel, p *pretend) { p.verify = func(string) error { return nil } },
			Check{Code: CodeWebhook, Result: Fail, Detail: "a foreign signature is accepted", Remedy: RemedyReport}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			channel, platform := till()
			test.ail(&channel, platform)
			test.want.Channel = "till"
			list := SelfTest(channel, func() time.Time { return noon })(t.Context())
			require.Len(t, list, 4-len(test.unseen))
			for _, check := range list {
				require.NotContains(t, test.unseen, check.Code)
				if check.Code == test.want.Code {
					require.Equal(t, test.want, check)
				} else {
					require.Equal(t, OK, check.Result, "%v", check)
				}
			}
		})
	}
}

// TestSelfTestEnds: a platform that does not answer is given up, and told of.
func TestSelfTestEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		channel, platform := till()
		platform.hangs = true
		began := time.Now()
		list := SelfTest(channel, time.Now)(t.Context())
		require.Equal(t, selfTestTimeout, time.Since(began))
		require.Equal(t, Check{Code: CodeToken, Result: Fail, Channel: "till", Detail: "context deadline exceeded", Remedy: RemedyReach,
			With: []string{"https://till.example.com"}}, list[slices.IndexFunc(list, func(c Check) bool { return c.Code == CodeToken })])
	})
}

// failing is an error that says what the platform did.
type failing stock.Failure

func (f failing) Error() string          { return string(f) }
func (f failing) Failure() stock.Failure { return stock.Failure(f) }
