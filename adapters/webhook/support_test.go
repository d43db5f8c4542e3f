package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/evenstock/evenstock/ledger/stock"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	tillPath   = "/hooks/till/0123456789abcdef"
	webPath    = "/hooks/web/fedcba9876543210"
	tillSecret = "till-secret"
	webSecret  = "web-secret"
	signHeader = "X-Test-Signature"
	// canary stands for customer data: it is in bodies, and nowhere else ever.
	canary = "Canary-Jane.Doe@example.com"
)

// at is when everything happens unless a test says otherwise.
var at = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

var errSignature = errors.New("signature not accepted")

// strayError is of another shop's delivery.
type strayError struct{}

func (strayError) Error() string   { return "another shop" }
func (strayError) OtherShop() bool { return true }

// deliveryError says by its methods what a delivery was.
type deliveryError struct {
	error
	topic   string
	unknown bool
}

func (e deliveryError) UnknownTopic() bool { return e.unknown }
func (e deliveryError) Topic() string      { return e.topic }

// hmacDecoder signs as Shopify does, and decodes nothing: the body's first word says what to return.
type hmacDecoder struct {
	channel stock.Channel
	secret  string
}

func sign(secret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func (d hmacDecoder) Verify(header http.Header, body []byte) error {
	given := header.Values(signHeader)
	if len(given) != 1 || !hmac.Equal([]byte(given[0]), []byte(sign(d.secret, body))) {
		return errSignature
	}
	if header.Get("X-Test-Shop") != "" {
		return fmt.Errorf("verifying: %w", strayError{})
	}
	return nil
}

func (d hmacDecoder) Decode(header http.Header, body []byte, at time.Time) ([]stock.Event, error) {
	event := stock.Event{ID: "1", Channel: d.channel, Topic: "level", ObservedAt: at,
		Reading: &stock.Reading{Ref: stock.Ref{Channel: d.channel, Item: "7", Location: "1"}, Status: stock.Counted}}
	word, _, _ := strings.Cut(string(body), " ")
	topic := header.Get("X-Test-Topic")
	switch strings.TrimSpace(word) {
	case "unknown":
		return nil, fmt.Errorf("decoding: %w", deliveryError{errors.New("unknown"), topic, true})
	case "broken":
		return nil, deliveryError{errors.New("row 3: quantity is not a number"), topic, false}
	case "leaking":
		return nil, deliveryError{fmt.Errorf("reading %s: cannot read %q", body, body), topic, false}
	case "panic":
		panic("no idea what this is: " + string(body))
	case "none":
		return nil, nil
	case "foreign":
		event.Channel = "other"
	case "foreign-ref":
		event.Reading.Ref.Channel = "other"
	}
	return []stock.Event{event}, nil
}

// fakeSink remembers what was published; Func, when set, decides.
type fakeSink struct {
	Func func(ctx context.Context, events []stock.Event) error

	mu     sync.Mutex
	events []stock.Event
}

func (s *fakeSink) Publish(ctx context.Context, events []stock.Event) error {
	if s.Func != nil {
		if err := s.Func(ctx, events); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = append(s.events, events...)
	return nil
}

func (s *fakeSink) published() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.events)
}

// fakeDeadLetters remembers what was rejected; Func, when set, decides.
type fakeDeadLetters struct {
	Func func(ctx context.Context) error

	mu       sync.Mutex
	rejected []Rejected
}

func (m *fakeDeadLetters) Reject(ctx context.Context, rejected Rejected) error {
	if m.Func != nil {
		if err := m.Func(ctx); err != nil {
			return err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.rejected = append(m.rejected, rejected)
	return nil
}

// lockedBuffer takes log lines of many goroutines.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

type rig struct {
	*Intake
	sink    *fakeSink
	letters *fakeDeadLetters
	log     *lockedBuffer
}

// setup returns an intake with a till and a web shop.
func setup(t testing.TB, change ...func(*Options)) rig {
	t.Helper()
	b := rig{sink: &fakeSink{}, letters: &fakeDeadLetters{}, log: &lockedBuffer{}}
	opts := Options{
		Hooks: []Hook{
			{Channel: "till", Path: tillPath, Decoder: hmacDecoder{"till", tillSecret}},
			{Channel: "web", Path: webPath, Decoder: hmacDecoder{"web", webSecret}},
		},
		Sink: b.sink, DeadLetters: b.letters, Now: func() time.Time { return at }, Draw: func(int) int { return 0 },
		Logger: slog.New(slog.NewJSONHandler(b.log, nil)),
	}
	for _, c := range change {
		c(&opts)
	}
	var err error
	b.Intake, err = New(opts)
	require.NoError(t, err)
	return b
}

// signed is a delivery to the till as it should be.
func signed(body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, tillPath, strings.NewReader(body))
	r.Header.Set(signHeader, sign(tillSecret, []byte(body)))
	return r
}

func serve(h http.Handler, r *http.Request) *http.Response {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func requireEmpty(t testing.TB, response *http.Response) {
	t.Helper()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Empty(t, body)
}
