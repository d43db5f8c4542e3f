package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/evenstock/evenstock/sync/app"
	"github.com/evenstock/evenstock/sync/health"
)

// noAddress stands for deliveries that came to none of our addresses.
const noAddress = "(no address of ours)"

// signatureCause is what nearly always is behind a signature that does not fit.
const signatureCause = "signed with another key, or for another address than webhook_url"

// undecodable deliveries wait among the dead letters, however many good ones come after them.
const undecodable = "undecodable"

// likelyCauses say why deliveries are refused, by their reason. What is not here explains itself.
var likelyCauses = map[string]string{
	"bad_signature":       signatureCause,
	"other_shop":          "signed by the same app for another shop",
	"not_found":           "sent to an address that is not in the configuration",
	undecodable:           "put aside: nothing of it was taken",
	"too_large":           "more than a delivery may have",
	"encoded":             "compressed on the way: the signature covers the bytes as they were sent",
	"wrong_method":        "not a delivery: somebody looked at the address",
	"no_delivery":         "not a delivery: somebody looked for an address",
	"empty_body":          "not a delivery, or emptied on the way",
	"slow_body":           "the connection is slow, or cut",
	"cut_body":            "the connection was cut",
	"not_ready":           "serve was not ready; the platform sends them again",
	"overloaded":          "too many at once; the platform sends them again",
	"sink_failed":         "could not be stored; the platform sends them again",
	"dead_letters_failed": "could not be stored; the platform sends them again",
	"wrong_channel":       "a fault of evenstock",
	"panicked":            "a fault of evenstock",
}

// refusalRemedies say what a person can do about deliveries that go on being refused, by their reason.
var refusalRemedies = map[string]string{
	"bad_signature": "compare webhook_url and webhook_secret_files with the address and the signing key that the platform shows for this subscription",
	"other_shop":    "register an address of its own for that shop, or remove the subscription there",
	"not_found":     "compare webhook_url in the configuration with the addresses that are registered at the platforms",
	undecodable:     "see evenstock dlq list",
	"too_large":     "have the subscription send fewer fields: see includeFields in the README",
	"encoded":       "have the proxy in front of evenstock pass bodies on as they were sent",
	"empty_body":    "look whether a proxy in front of evenstock drops bodies",
	"wrong_channel": "look at the log of serve, and report it",
	"panicked":      "look at the log of serve, and report it",
}

// passing are reasons that end by themselves: the platform sends such a delivery again, or none sent it.
var passing = []string{"not_ready", "overloaded", "sink_failed", "dead_letters_failed", "slow_body", "cut_body", "wrong_method", "no_delivery"}

// silence says why a channel counts as silent, and what to do about it; both are empty when it does not.
func silence(d app.Deliveries) (cause, remedy string) {
	switch health.Silence(d.Silence) {
	case health.SilentOnChanges:
		return fmt.Sprintf("sweeps saw %s that no delivery told", plural(d.UntoldChanges, "change")),
			fmt.Sprintf("look at the platform whether a webhook is registered for %s, and for which address", d.Channel)
	case health.SilentForLong:
		return fmt.Sprintf("the longest pause in two weeks was %s", time.Duration(d.LongestPause)*time.Second), "look at the platform whether the webhook is still registered"
	}
	return "", ""
}

// printDeliveries says what became of the webhooks.
func printDeliveries(w io.Writer, list []app.Deliveries, now time.Time) error {
	if len(list) == 0 {
		return nil
	}
	fmt.Fprintln(w, "\nWhat became of the webhooks since serve began:")
	t := newTable("", "CHANNEL", "DELIVERIES", "TIMES", "LAST", "LIKELY CAUSE")
	for _, d := range list {
		name := string(d.Channel)
		if d.Channel == "" {
			name = noAddress
		} else {
			t.row(name, "taken", fmt.Sprint(d.Taken), ago(d.LastTaken, now), "")
		}
		for _, refusals := range d.Refused {
			t.row(name, "REFUSED: "+words(refusals.Reason), fmt.Sprint(refusals.Count), ago(refusals.Last, now), statusCause(refusals))
		}
		if cause, remedy := silence(d); cause != "" {
			t.row(name, "SILENT", "", "", cause+": "+remedy)
		}
	}
	return t.write(w)
}

// statusCause says why deliveries were refused and what to do, or that it is past.
func statusCause(refusals app.Refusals) string {
	if refusals.Recovered && refusals.Reason != undecodable {
		return "past: good ones came since"
	}
	if remedy := refusalRemedies[refusals.Reason]; remedy != "" {
		return likelyCauses[refusals.Reason] + ": " + remedy
	}
	return likelyCauses[refusals.Reason]
}

// words is a code as a person reads it.
func words(code string) string { return strings.ReplaceAll(code, "_", " ") }

// ago says how long something is past; "never" when it has not been.
func ago(at, now time.Time) string {
	if at.IsZero() {
		return "never"
	}
	return max(now.Sub(at), 0).Round(time.Second).String() + " ago"
}

// refusedFor is how long doctor goes on telling of a delivery that was refused.
const refusedFor = 24 * time.Hour

// checkDeliveries looks at what became of the webhooks: a check for each channel, and one for what came to no address.
func checkDeliveries(list []app.Deliveries, now time.Time) (checks health.Checks) {
	for _, d := range list {
		checks = append(checks, deliveriesOf(d, now).Of(d.Channel)...)
	}
	return checks
}

func deliveriesOf(d app.Deliveries, now time.Time) (list health.Checks) {
	recovered := ""
	for _, refusals := range d.Refused {
		if now.Sub(refusals.Last) > refusedFor || slices.Contains(passing, refusals.Reason) {
			continue
		}
		if refusals.Recovered && refusals.Reason != undecodable {
			recovered += fmt.Sprintf("; %d refused before: %s, the last %s, and good ones since", refusals.Count, words(refusals.Reason), ago(refusals.Last, now))
			continue
		}
		detail := fmt.Sprintf("%d refused: %s, the last %s", refusals.Count, words(refusals.Reason), ago(refusals.Last, now))
		if d.Channel == "" {
			detail = fmt.Sprintf("%d came to %s, the last %s", refusals.Count, noAddress, ago(refusals.Last, now))
		}
		list.Warn(health.CodeDeliveries, detail+"; likely "+likelyCauses[refusals.Reason], health.RemedyDeliveries, refusalRemedies[refusals.Reason])
	}
	if cause, remedy := silence(d); cause != "" {
		list.Warn(health.CodeDeliveries, fmt.Sprintf("silent, the last good one came %s: %s", ago(d.LastTaken, now), cause), health.RemedyDeliveries, remedy)
	}
	switch {
	case d.Channel == "" && recovered != "":
		list.OK(health.CodeDeliveries, "none to %s%s", noAddress, recovered)
	case d.Channel == "":
	case d.Taken == 0:
		list.OK(health.CodeDeliveries, "none came since serve began")
	default:
		list.OK(health.CodeDeliveries, "%d taken, the last %s%s", d.Taken, ago(d.LastTaken, now), recovered)
	}
	return list
}
