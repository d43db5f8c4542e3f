package square

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/evenstock/evenstock/ledger/stock"
)

const (
	// productionURL is Square's production host; sandboxes have their own.
	// https://developer.squareup.com/docs/devtools/sandbox/overview
	productionURL = "https://connect.squareup.com"
	// requestTimeout bounds one request, from dialling to the last byte of the answer.
	requestTimeout = 15 * time.Second
	// requestsPerSecond is where the budget starts. Square publishes no limit; 429s were reported from about 6 per second:
	// https://developer.squareup.com/forums/t/7842
	requestsPerSecond = 5
	idleConnsMax      = 8
)

// Options configure one Channel. Token and Channel are required.
type Options struct {
	// BaseURL is the API's address, without a path; empty means production.
	BaseURL string
	// Token returns the access token in force; it is asked for each request, for tokens change while we run. It is never taken from
	// the environment.
	Token func() string
	// HTTPClient sends the requests; nil means an own client without environment proxies. It is copied, never followed to a
	// redirect, and gets a time-out of 15 s when it has none.
	HTTPClient *http.Client
	// WebhookURL is the notification URL exactly as Square knows it: Square signs it.
	WebhookURL string
	// WebhookSecrets returns the signature keys in force, several during a rotation; it is asked for each delivery. Nil, or none:
	// every delivery is refused.
	WebhookSecrets func() []string
	// Channel is our name for this seller; it is in every ref.
	Channel stock.Channel
	// Locations are the Square location ids in use; listings are restricted to them. None: all.
	Locations []string
	// Now is our own clock; nil means time.Now. It is used to carry Square's clock from one answer to the next, so it should
	// run as fast as Square's; its offset does not matter.
	Now func() time.Time
	// Logger takes what is left out of a listing and why; nil means nowhere.
	Logger *slog.Logger
	// RequestsPerSecond is where the budget starts; 0 means 5. It climbs from there until Square refuses a request.
	RequestsPerSecond float64
	// MostPerSecond is what the budget never exceeds; 0 means whatever Square takes.
	MostPerSecond float64
}

// withDefaults returns the options checked and completed.
func (o Options) withDefaults() (Options, error) {
	if o.WebhookSecrets == nil {
		o.WebhookSecrets = func() []string { return nil }
	}
	if err := o.validate(); err != nil {
		return Options{}, err
	}
	if o.BaseURL == "" {
		o.BaseURL = productionURL
	}
	o.BaseURL = strings.TrimRight(o.BaseURL, "/")
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.RequestsPerSecond == 0 {
		o.RequestsPerSecond = requestsPerSecond
	}
	if o.MostPerSecond > 0 {
		o.RequestsPerSecond = min(o.RequestsPerSecond, o.MostPerSecond)
	}
	o.HTTPClient = ownClient(o.HTTPClient)
	o.Locations = slices.Clone(o.Locations)
	return o, nil
}

func (o Options) validate() error {
	switch {
	case o.Channel == "":
		return errors.New("square: channel name is empty")
	case o.Token == nil || o.Token() == "":
		return errors.New("square: access token is empty")
	case hasSpace(o.Token()):
		return errors.New("square: access token contains white space or control characters")
	case len(o.WebhookSecrets()) > 0 && o.WebhookURL == "":
		return errors.New("square: webhook secrets without a webhook URL: Square signs the URL")
	case !(o.RequestsPerSecond >= 0) || o.RequestsPerSecond > 1_000_000, !(o.MostPerSecond >= 0) || o.MostPerSecond > 1_000_000: // NaN too
		return errors.New("square: requests per second is negative or too large")
	}
	if o.BaseURL != "" {
		if err := validateBaseURL(o.BaseURL); err != nil {
			return err
		}
	}
	for i, secret := range o.WebhookSecrets() {
		if secret == "" || hasSpace(secret) {
			return fmt.Errorf("square: webhook secret %d is empty or contains white space", i+1)
		}
	}
	for i, location := range o.Locations {
		if !validID(location) || slices.Contains(o.Locations[:i], location) {
			return fmt.Errorf("square: location %d is not an id or is listed twice: %.40q", i+1, location)
		}
	}
	return nil
}

func validateBaseURL(text string) error {
	base, err := url.Parse(text)
	if err != nil || base.Host == "" || base.Scheme != "https" && base.Scheme != "http" {
		return errors.New("square: base URL is not an http(s) address")
	}
	if base.User != nil || base.RawQuery != "" || base.Fragment != "" {
		return errors.New("square: base URL carries a login, a query or a fragment")
	}
	return nil
}

func hasSpace(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) })
}

// ownClient copies the client, so that the caller's stays as it was. Redirects are not followed: a redirected POST would
// lose its body, and the token would travel to another host.
func ownClient(given *http.Client) *http.Client {
	client := http.Client{}
	if given != nil {
		client = *given
	}
	if client.Transport == nil {
		client.Transport = &http.Transport{
			Proxy:                 nil,
			DialContext:           (&net.Dialer{Timeout: requestTimeout}).DialContext,
			ForceAttemptHTTP2:     true,
			TLSHandshakeTimeout:   requestTimeout,
			ResponseHeaderTimeout: requestTimeout,
			IdleConnTimeout:       time.Minute,
			MaxIdleConnsPerHost:   idleConnsMax,
		}
	}
	if client.Timeout <= 0 {
		client.Timeout = requestTimeout
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &client
}
