package square

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/evenstock/evenstock/ledger/stock"
)

const (
	pathCounts    = "/v2/inventory/counts/batch-retrieve"
	pathChanges   = "/v2/inventory/changes/batch-retrieve"
	pathCreate    = "/v2/inventory/changes/batch-create"
	pathSearch    = "/v2/catalog/search"
	pathBatch     = "/v2/catalog/batch-retrieve"
	pathLocations = "/v2/locations"

	testToken = "EAAA-canary-token"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// platformTime is what the shop's Date headers say unless a test sets it.
var platformTime = time.Date(2025, 6, 1, 10, 0, 0, 0, time.UTC)

// reply is one answer of the shop; the zero value is 200 {}.
type reply struct {
	status int
	file   string // in testdata/square
	body   string
	header http.Header
}

// request is what the shop was asked.
type request struct {
	path   string
	header http.Header
	body   []byte
}

// shop is a scripted Square: a queue of replies per path, the last of which repeats. Requests and good answers are
// checked against Square's OpenAPI description where it is at hand.
type shop struct {
	t        *testing.T
	server   *httptest.Server
	contract *contract

	mu       sync.Mutex
	replies  map[string][]reply
	requests []request
}

func newShop(t *testing.T, replies map[string][]reply) *shop {
	t.Helper()
	s := &shop{t: t, replies: replies, contract: contractFromEnv(t)}
	s.server = httptest.NewServer(s)
	t.Cleanup(s.server.Close)
	return s
}

func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Errorf("reading request body: %v", err)
	}
	s.mu.Lock()
	s.requests = append(s.requests, request{r.URL.Path, r.Header.Clone(), body})
	queue := s.replies[r.URL.Path]
	answer := reply{status: http.StatusTeapot}
	if len(queue) > 0 {
		answer = queue[0]
	}
	if len(queue) > 1 {
		s.replies[r.URL.Path] = queue[1:]
	}
	s.mu.Unlock()

	text := []byte(answer.body)
	if answer.file != "" {
		text = golden(s.t, answer.file)
	}
	if len(text) == 0 {
		text = []byte("{}")
	}
	s.contract.checkRequest(s.t, r.Method, r.URL.Path, body)
	if answer.status == 0 && json200(text) {
		s.contract.checkAnswer(s.t, r.Method, r.URL.Path, text)
	}
	w.Header().Set("Date", platformTime.Format(http.TimeFormat))
	w.Header().Set("Content-Type", "application/json")
	for key, values := range answer.header {
		w.Header()[key] = values
	}
	if answer.status != 0 {
		w.WriteHeader(answer.status)
	}
	w.Write(text)
}

func json200(text []byte) bool { return bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) }

func (s *shop) asked() []request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]request(nil), s.requests...)
}

func (s *shop) paths() []string {
	var paths []string
	for _, r := range s.asked() {
		paths = append(paths, r.path)
	}
	return paths
}

// channel connects to the shop.
func (s *shop) channel(change ...func(*Options)) *Channel {
	return newChannel(s.t, append([]func(*Options){func(o *Options) { o.BaseURL = s.server.URL }}, change...)...)
}

func newChannel(t testing.TB, change ...func(*Options)) *Channel {
	t.Helper()
	options := Options{
		BaseURL: "https://square.invalid", Token: func() string { return testToken }, Channel: "till", Locations: []string{"LOCMAIN", "LOCSIDE"},
		WebhookURL: "https://example.com/webhook", WebhookSecrets: func() []string { return []string{"asdf1234"} }, RequestsPerSecond: 100_000,
		Now: func() time.Time { return platformTime },
	}
	for _, c := range change {
		c(&options)
	}
	channel, err := New(options)
	require.NoError(t, err)
	t.Cleanup(channel.Close)
	return channel
}

func golden(t testing.TB, name string) []byte {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("..", "..", "testdata", "square", name))
	if err != nil {
		t.Errorf("reading golden payload: %v", err)
	}
	return body
}

func ref(item, location string) stock.Ref {
	return stock.Ref{Channel: "till", Item: item, Location: location}
}

func at(text string) time.Time {
	parsed, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		panic(err)
	}
	return parsed
}

// roundTrip is a transport without a socket.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func answer(r *http.Request, status int, body string, header http.Header) *http.Response {
	if header == nil {
		header = http.Header{}
	}
	return &http.Response{
		StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(body)), Request: r, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
}

func transport(f roundTrip) func(*Options) {
	return func(o *Options) { o.HTTPClient = &http.Client{Transport: f} }
}

// logTo collects log lines.
func logTo(buffer *bytes.Buffer) func(*Options) {
	return func(o *Options) { o.Logger = slog.New(slog.NewTextHandler(buffer, nil)) }
}
