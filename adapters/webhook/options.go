package webhook

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"path"
	"regexp"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

// BodyMax is the longest delivery of any platform that is taken in unless Options say otherwise, in bytes. It is the only
// limit on them: adapters verify and decode whatever got past it. 100 Square counts are about 25 KB.
const BodyMax = 1 << 20

const (
	inFlightDefault = 256
	// bodyTimeoutDefault is Shopify's deadline for a whole delivery: https://shopify.dev/docs/apps/build/webhooks/best-practices
	bodyTimeoutDefault = 5 * time.Second
	// storeTimeoutDefault leaves room for the answer within Shopify's 5 s; Square waits 10 s:
	// https://developer.squareup.com/docs/webhooks-api/delivery-sla
	storeTimeoutDefault = 4 * time.Second
)

// ErrOptions is wrapped by what New returns.
var ErrOptions = errors.New("webhook options are not valid")

// hookPath is a path that needs no escaping and ends in a segment nobody guesses: 16 characters or more.
var hookPath = regexp.MustCompile(`^(/[A-Za-z0-9._~-]+)*/[A-Za-z0-9_-]{16,128}$`)

// Decoder is a channel's adapter.
type Decoder interface {
	// Verify says whether the platform signed these bytes. Any error is a refusal; one whose method OtherShop() says true is of a
	// delivery that was rightly signed, for another shop.
	Verify(header http.Header, body []byte) error
	// Decode turns a verified delivery into events. An error whose method UnknownTopic() says true is a topic of no interest;
	// any other is a delivery that cannot be decoded, of the topic that its method Topic() names.
	Decode(header http.Header, body []byte, at time.Time) ([]stock.Event, error)
}

// Sink makes events durable: they are when Publish returns nil. An error whose method Retryable() says false is about the
// events themselves: nothing of them is stored, and their delivery goes to the DeadLetters.
type Sink interface {
	Publish(ctx context.Context, events []stock.Event) error
}

// Rejected is a verified delivery that cannot be decoded or stored. It carries no text of the body.
type Rejected struct {
	Channel stock.Channel
	// Topic is empty when it is not known.
	Topic string
	// Reason is the decoder's or the sink's error, scrubbed.
	Reason string
	// Size is the body's, in bytes.
	Size int
	// SHA256 is the body's, in hex.
	SHA256 string
}

// DeadLetters keeps what cannot be decoded or stored: it is durable when Reject returns nil.
type DeadLetters interface {
	Reject(ctx context.Context, rejected Rejected) error
}

// Hook is the place where one channel's deliveries arrive.
type Hook struct {
	Channel stock.Channel
	// Path is the whole path of the URL, as the request has it; its last segment is 16 to 128 unguessable characters.
	Path    string
	Decoder Decoder
}

// Options configure an Intake. Sink and DeadLetters are required.
type Options struct {
	// Hooks may be none: then every path is unknown.
	Hooks       []Hook
	Sink        Sink
	DeadLetters DeadLetters
	// BodyMax is the longest body, in bytes; 0 means the constant of that name.
	BodyMax int64
	// MaxInFlight is how many deliveries to known paths are worked on at once; 0 means 256.
	MaxInFlight int
	// BodyTimeout is how long a body may take to arrive; 0 means 5 s.
	BodyTimeout time.Duration
	// StoreTimeout is how long the sink or the dead letters may take; 0 means 4 s.
	StoreTimeout time.Duration
	// Ready returns why nothing can be taken in now, such as a full disk. It is asked for every delivery, so it must be
	// quick. Nil: always ready.
	Ready func() error
	// Heard is told of every good delivery; nil: nobody is. It is called before the next request of the same connection, so it must
	// be quick.
	Heard func(channel stock.Channel, at time.Time)
	// Now is our clock; nil means time.Now.
	Now func() time.Time
	// Draw returns a number from 0 to n-1, for any goroutine; nil means math/rand/v2.
	Draw func(n int) int
	// Logger is told about refusals that a person should know; nil means nobody is.
	Logger *slog.Logger
}

// withDefaults returns the options checked and completed.
func (o Options) withDefaults() (Options, error) {
	if err := o.validate(); err != nil {
		return Options{}, fmt.Errorf("%w: %w", ErrOptions, err)
	}
	o.BodyMax = cmp.Or(o.BodyMax, BodyMax)
	o.MaxInFlight = cmp.Or(o.MaxInFlight, inFlightDefault)
	o.BodyTimeout = cmp.Or(o.BodyTimeout, bodyTimeoutDefault)
	o.StoreTimeout = cmp.Or(o.StoreTimeout, storeTimeoutDefault)
	o.Logger = cmp.Or(o.Logger, slog.New(slog.DiscardHandler))
	if o.Ready == nil {
		o.Ready = func() error { return nil }
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Heard == nil {
		o.Heard = func(stock.Channel, time.Time) {}
	}
	if o.Draw == nil {
		o.Draw = rand.IntN
	}
	return o, nil
}

func (o Options) validate() error {
	switch {
	case o.Sink == nil:
		return errors.New("there is no sink")
	case o.DeadLetters == nil:
		return errors.New("there are no dead letters")
	case o.BodyMax < 0 || o.MaxInFlight < 0 || o.BodyTimeout < 0 || o.StoreTimeout < 0:
		return errors.New("a limit is below zero")
	}
	seen := make(map[string]bool, len(o.Hooks))
	for i, hook := range o.Hooks {
		// Paths are secrets: errors name the channel.
		switch {
		case hook.Channel == "":
			return fmt.Errorf("hook %d has no channel", i)
		case hook.Decoder == nil:
			return fmt.Errorf("the hook of channel %s has no decoder", hook.Channel)
		case !hookPath.MatchString(hook.Path) || path.Clean(hook.Path) != hook.Path:
			return fmt.Errorf("the path of channel %s is not a clean one that ends in 16 to 128 of A-Z a-z 0-9 - _", hook.Channel)
		case seen[hook.Path]:
			return fmt.Errorf("the path of channel %s is another hook's too", hook.Channel)
		}
		seen[hook.Path] = true
	}
	return nil
}
