package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/evenstock/evenstock/config"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/health"
)

// selfTester is what a platform's adapter can say of itself and of what it needs.
type selfTester interface {
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

// checkChannel looks at one channel: its secrets, its platform, its webhooks.
func (c *cli) checkChannel(channel config.Channel, now func() time.Time) health.Probe {
	return func(ctx context.Context) (list health.Checks) {
		name := stock.Channel(channel.Name)
		_, secrets, err := channel.Secrets(c.env)
		if err != nil {
			checkProblems(&list, health.CodeSecrets, config.Problems(err))
			return list.Of(name)
		}
		opened, err := platforms.open(channel, c.env, slog.New(slog.DiscardHandler), now)
		if err != nil {
			list.Fail(health.CodeSecrets, err.Error(), health.RemedyConfigCheck)
			return list.Of(name)
		}
		list.OK(health.CodeSecrets, "can be read")
		ctx, cancel := context.WithTimeout(ctx, platformTimeout)
		defer cancel()
		if checkPlatform(ctx, &list, channel, opened) {
			checkClock(&list, opened.PlatformNow(), now())
		}
		checkWebhook(&list, channel, opened, secrets)
		return list.Of(name)
	}
}

// checkPlatform asks the platform, and reports whether it answered.
func checkPlatform(ctx context.Context, list *health.Checks, channel config.Channel, opened selfTester) (answered bool) {
	tokenErr := opened.CheckToken(ctx)
	locations, err := opened.Locations(ctx)
	active, listed := map[string]bool{}, map[string]bool{}
	for _, location := range locations {
		listed[location.ID], active[location.ID] = true, location.Active
	}
	var missing, closed []string
	for _, id := range slices.Sorted(maps.Keys(channel.Locations)) {
		switch {
		case !listed[id]:
			missing = append(missing, id)
		case !active[id]:
			closed = append(closed, id)
		}
	}
	if tokenErr != nil {
		remedy, with := remedyOf(tokenErr, channel, opened)
		list.Fail(health.CodeToken, tokenErr.Error(), remedy, with...)
	} else {
		list.OK(health.CodeToken, "%s takes it", channel.APIURL)
	}
	switch {
	case err != nil:
		if tokenErr == nil {
			remedy, with := remedyOf(err, channel, opened)
			list.Fail(health.CodeLocations, err.Error(), remedy, with...)
		}
		return false
	case len(missing) > 0:
		list.Fail(health.CodeLocations, "not known there: "+strings.Join(missing, ", "), health.RemedyLocations, locationNames(locations)...)
	case len(closed) > 0:
		list.Warn(health.CodeLocations, "closed there: "+strings.Join(closed, ", "), health.RemedyLocationsOpen)
	default:
		list.OK(health.CodeLocations, "%d known and active", len(channel.Locations))
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
func remedyOf(err error, channel config.Channel, opened selfTester) (health.Remedy, []string) {
	var class interface{ Retryable() bool }
	if errors.As(err, &class) && !class.Retryable() {
		return health.RemedyToken, opened.Scopes()
	}
	return health.RemedyReach, []string{channel.APIURL}
}

func checkClock(list *health.Checks, theirs, ours time.Time) {
	if theirs.IsZero() {
		list.Warn(health.CodeClock, "the platform did not say its time", "")
		return
	}
	skew := ours.Sub(theirs).Round(time.Second)
	if skew.Abs() > skewMax {
		list.Warn(health.CodeClock, fmt.Sprintf("this machine's clock is %s off", skew), health.RemedyClock)
		return
	}
	list.OK(health.CodeClock, "agrees with the platform's")
}

// checkWebhook signs a delivery with each of our own secrets and has the adapter verify it.
func checkWebhook(list *health.Checks, channel config.Channel, opened selfTester, secrets []config.Secret) {
	if channel.WebhookURL == "" {
		list.Warn(health.CodeWebhook, "no webhook_url: the channel is followed by sweeps alone", health.RemedyWebhook, opened.Topics()...)
		return
	}
	if len(secrets) == 0 {
		list.Fail(health.CodeWebhook, "no secret: every delivery is refused", health.RemedyWebhookSecret)
		return
	}
	body := []byte(`{"evenstock":"self-test"}`)
	for i, secret := range secrets {
		if err := opened.Verify(opened.Sign(secret.Reveal(), body), body); err != nil {
			list.Fail(health.CodeWebhook, fmt.Sprintf("secret %d does not verify what it signed: %v", i+1, err), health.RemedyWebhookKey)
			return
		}
	}
	if opened.Verify(opened.Sign("another", body), body) == nil {
		list.Fail(health.CodeWebhook, "a foreign signature is accepted", health.RemedyReport)
		return
	}
	list.OK(health.CodeWebhook, "%s; signed and verified with %s", channel.RedactedWebhookURL(), plural(len(secrets), "secret"))
}
