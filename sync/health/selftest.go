package health

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

const (
	// selfTestTimeout bounds all questions to one platform.
	selfTestTimeout = 5 * time.Second
	// skewMax is how far our clock may be from a platform's: theirs is known to the second, and an answer takes a moment.
	skewMax = 5 * time.Second
)

// SelfTester is what a platform's adapter can say of itself and of what it needs.
type SelfTester interface {
	// CheckToken asks whether the platform takes the token, and whether it may do all that is needed of it.
	CheckToken(ctx context.Context) error
	// Locations lists the account's locations, closed ones too.
	Locations(ctx context.Context) ([]stock.ChannelLocation, error)
	// PlatformNow is the platform's clock; zero before its first answer.
	PlatformNow() time.Time
	// Scopes are what a token must be allowed, Topics what a webhook must be registered for, as the platform calls them.
	Scopes() []string
	Topics() []string
	// Sign returns the headers of a delivery of this body as the platform would sign it with a secret; Verify takes them.
	Sign(secret string, body []byte) http.Header
	Verify(header http.Header, body []byte) error
}

// Channel is one channel to look at.
type Channel struct {
	Name stock.Channel
	// Address is the platform's.
	Address string
	// Locations are the platform's ids of the places that the channel stands for.
	Locations []string
	// WebhookURL is what may be shown of the address that deliveries come to; empty: none is registered.
	WebhookURL string
	// Secrets are those that deliveries are signed with.
	Secrets []string
	// Platform is its adapter, opened with all this.
	Platform SelfTester
}

// SelfTest looks at a channel: its token, its locations, its clock and its webhooks. now is our clock. Nothing is written to the
// platform.
func SelfTest(c Channel, now func() time.Time) Probe {
	return func(ctx context.Context) (list Checks) {
		ctx, cancel := context.WithTimeout(ctx, selfTestTimeout)
		defer cancel()
		if c.checkPlatform(ctx, &list) {
			checkClock(&list, c.Platform.PlatformNow(), now())
		}
		c.checkWebhook(&list)
		return list.Of(c.Name)
	}
}

// checkPlatform asks the platform, and reports whether it answered.
func (c Channel) checkPlatform(ctx context.Context, list *Checks) (answered bool) {
	tokenErr := c.Platform.CheckToken(ctx)
	locations, err := c.Platform.Locations(ctx)
	active, listed := map[string]bool{}, map[string]bool{}
	for _, location := range locations {
		listed[location.ID], active[location.ID] = true, location.Active
	}
	var missing, closed []string
	for _, id := range slices.Sorted(slices.Values(c.Locations)) {
		switch {
		case !listed[id]:
			missing = append(missing, id)
		case !active[id]:
			closed = append(closed, id)
		}
	}
	if tokenErr != nil {
		remedy, with := c.remedyOf(tokenErr)
		list.Fail(CodeToken, tokenErr.Error(), remedy, with...)
	} else {
		list.OK(CodeToken, "%s takes it", c.Address)
	}
	switch {
	case err != nil:
		if tokenErr == nil {
			remedy, with := c.remedyOf(err)
			list.Fail(CodeLocations, err.Error(), remedy, with...)
		}
		return false
	case len(missing) > 0:
		list.Fail(CodeLocations, "not known there: "+strings.Join(missing, ", "), RemedyLocations, locationNames(locations)...)
	case len(closed) > 0:
		list.Warn(CodeLocations, "closed there: "+strings.Join(closed, ", "), RemedyLocationsOpen)
	default:
		list.OK(CodeLocations, "%d known and active", len(c.Locations))
	}
	return true
}

// locationsNamed is how many locations a remedy lists at most.
const locationsNamed = 10

func locationNames(locations []stock.ChannelLocation) []string {
	var names []string
	for _, location := range locations[:min(len(locations), locationsNamed)] {
		names = append(names, location.ID+" ("+location.Name+")")
	}
	return names
}

// remedyOf tells a refusal, which only a person mends, from an outage, which ends by itself.
func (c Channel) remedyOf(err error) (Remedy, []string) {
	switch stock.FailureOf(err) {
	case stock.NoShop:
		return RemedyAddress, []string{c.Address}
	case stock.ShopClosed:
		return RemedyShop, []string{c.Address}
	}
	var class interface{ Retryable() bool }
	if errors.As(err, &class) && !class.Retryable() {
		return RemedyToken, c.Platform.Scopes()
	}
	return RemedyReach, []string{c.Address}
}

func checkClock(list *Checks, theirs, ours time.Time) {
	if theirs.IsZero() {
		list.Warn(CodeClock, "the platform did not say its time", "")
		return
	}
	skew := ours.Sub(theirs).Round(time.Second)
	if skew.Abs() > skewMax {
		list.Warn(CodeClock, fmt.Sprintf("this machine's clock is %s off", skew), RemedyClock)
		return
	}
	list.OK(CodeClock, "agrees with the platform's")
}

// checkWebhook signs a delivery with each of our own secrets and has the adapter verify it.
func (c Channel) checkWebhook(list *Checks) {
	if c.WebhookURL == "" {
		list.Warn(CodeWebhook, "no webhook_url: the channel is followed by sweeps alone", RemedyWebhook, c.Platform.Topics()...)
		return
	}
	if len(c.Secrets) == 0 {
		list.Fail(CodeWebhook, "no secret: every delivery is refused", RemedyWebhookSecret)
		return
	}
	body := []byte(`{"evenstock":"self-test"}`)
	for i, secret := range c.Secrets {
		if err := c.Platform.Verify(c.Platform.Sign(secret, body), body); err != nil {
			list.Fail(CodeWebhook, fmt.Sprintf("secret %d does not verify what it signed: %v", i+1, err), RemedyWebhookKey)
			return
		}
	}
	if c.Platform.Verify(c.Platform.Sign("another", body), body) == nil {
		list.Fail(CodeWebhook, "a foreign signature is accepted", RemedyReport)
		return
	}
	list.OK(CodeWebhook, "%s; signed and verified with %s", c.WebhookURL, stock.Plural(len(c.Secrets), "secret"))
}
