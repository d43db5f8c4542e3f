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
func (c *cli) checkChannel(ctx context.Context, channel config.Channel, now func() time.Time) checkups {
	var list checkups
	check := channel.Name + " secrets"
	_, secrets, err := channel.Secrets(c.env)
	for _, problem := range config.Problems(err) {
		bare := *problem
		bare.Remedy = ""
		list.fail(check, bare.Error(), problem.Remedy)
	}
	if err != nil {
		return list
	}
	opened, err := platforms.open(channel, c.env, slog.New(slog.DiscardHandler), now)
	if err != nil {
		list.fail(check, err.Error(), "see evenstock config check")
		return list
	}
	list.ok(check, "can be read")
	ctx, cancel := context.WithTimeout(ctx, platformTimeout)
	defer cancel()
	if checkPlatform(ctx, &list, channel, opened) {
		checkClock(&list, channel.Name, opened.PlatformNow(), now())
	}
	checkWebhook(&list, channel, opened, secrets)
	return list
}

// checkPlatform asks the platform, and reports whether it answered.
func checkPlatform(ctx context.Context, list *checkups, channel config.Channel, opened selfTester) (answered bool) {
	check := channel.Name + " token"
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
		list.fail(check, tokenErr.Error(), remedyOf(tokenErr, channel, opened))
	} else {
		list.ok(check, "%s takes it", channel.APIURL)
	}
	check = channel.Name + " locations"
	switch {
	case err != nil:
		if tokenErr == nil {
			list.fail(check, err.Error(), remedyOf(err, channel, opened))
		}
		return false
	case len(missing) > 0:
		list.fail(check, "not known there: "+strings.Join(missing, ", "), "correct locations in the configuration; there are: "+locationNames(locations))
	case len(closed) > 0:
		list.warn(check, "closed there: "+strings.Join(closed, ", "), "open them, or take them out of the configuration")
	default:
		list.ok(check, "%d known and active", len(channel.Locations))
	}
	return true
}

// locationsNamed is how many locations a remedy lists at most.
const locationsNamed = 10

func locationNames(locations []stock.ChannelLocation) string {
	var names []string
	for _, location := range locations[:min(len(locations), locationsNamed)] {
		names = append(names, location.ID+" ("+location.Name+")")
	}
	return orDash(strings.Join(names, ", "))
}

// remedyOf tells a refusal, which only a person mends, from an outage, which ends by itself.
func remedyOf(err error, channel config.Channel, opened selfTester) string {
	var class interface{ Retryable() bool }
	if errors.As(err, &class) && !class.Retryable() {
		return "make a new token with the scopes " + strings.Join(opened.Scopes(), ", ") + ", and put it where the configuration says"
	}
	return fmt.Sprintf("look whether this machine reaches %s; serve goes on trying by itself", channel.APIURL)
}

func checkClock(list *checkups, name string, theirs, ours time.Time) {
	check := name + " clock"
	if theirs.IsZero() {
		list.warn(check, "the platform did not say its time", "")
		return
	}
	skew := ours.Sub(theirs).Round(time.Second)
	if skew.Abs() > skewMax {
		list.warn(check, fmt.Sprintf("this machine's clock is %s off", skew), "let a time service set it (NTP): recorded times and schedules follow it")
		return
	}
	list.ok(check, "agrees with the platform's")
}

// checkWebhook signs a delivery with each of our own secrets and has the adapter verify it.
func checkWebhook(list *checkups, channel config.Channel, opened selfTester, secrets []config.Secret) {
	check := channel.Name + " webhook"
	if channel.WebhookURL == "" {
		list.warn(check, "no webhook_url: the channel is followed by sweeps alone",
			"register a webhook for "+strings.Join(opened.Topics(), ", ")+", and write its address into the configuration")
		return
	}
	if len(secrets) == 0 {
		list.fail(check, "no secret: every delivery is refused", "name webhook_secret_files in the configuration")
		return
	}
	body := []byte(`{"evenstock":"self-test"}`)
	for i, secret := range secrets {
		if err := opened.Verify(opened.Sign(secret.Reveal(), body), body); err != nil {
			list.fail(check, fmt.Sprintf("secret %d does not verify what it signed: %v", i+1, err), "put the platform's signing key into its file")
			return
		}
	}
	if opened.Verify(opened.Sign("another", body), body) == nil {
		list.fail(check, "a foreign signature is accepted", "do not serve; report this as a fault of evenstock")
		return
	}
	list.ok(check, "%s; signed and verified with %s", channel.RedactedWebhookURL(), plural(len(secrets), "secret"))
}
