package shopify

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

const (
	testToken  = "shpat_not_a_real_token"
	testCanary = "CANARY"
)

// pretend answers requests in the process, so that tests can run in a synctest bubble. It records what was asked.
type pretend struct {
	answer func(call int, op string, vars map[string]any) (status int, header map[string]string, body string)

	mu     sync.Mutex
	asked  []string
	vars   []map[string]any
	bodies [][]byte
}

func (p *pretend) RoundTrip(r *http.Request) (*http.Response, error) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	var req struct {
		OperationName string         `json:"operationName"`
		Variables     map[string]any `json:"variables"`
	}
	if err := json.Unmarshal(raw, &req); err != nil {
		return nil, err
	}
	p.mu.Lock()
	call := len(p.asked)
	p.asked, p.vars, p.bodies = append(p.asked, req.OperationName), append(p.vars, req.Variables), append(p.bodies, raw)
	p.mu.Unlock()
	status, header, body := p.answer(call, req.OperationName, req.Variables)
	rec := httptest.NewRecorder()
	for k, v := range header {
		rec.Header().Set(k, v)
	}
	rec.WriteHeader(status)
	if _, err := rec.WriteString(body); err != nil {
		return nil, err
	}
	return rec.Result(), nil
}

func (p *pretend) operations() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.asked...)
}

// ok answers every request with the same body.
func ok(body string) *pretend {
	return &pretend{answer: func(int, string, map[string]any) (int, map[string]string, string) { return 200, nil, body }}
}

// script answers the requests in order; one too many is a failure.
func script(t *testing.T, bodies ...string) *pretend {
	t.Helper()
	return &pretend{answer: func(call int, op string, _ map[string]any) (int, map[string]string, string) {
		if call >= len(bodies) {
			t.Errorf("request %d (%s) was not expected", call+1, op)
			return 500, nil, ""
		}
		return 200, nil, bodies[call]
	}}
}

func channelOn(t testing.TB, transport http.RoundTripper, change ...func(*Options)) *Channel {
	t.Helper()
	o := Options{
		BaseURL: "https://example.myshopify.com/", Token: func() string { return testToken }, HTTPClient: &http.Client{Transport: transport},
		Channel: "web", Locations: []string{"77", "78"}, WebhookSecrets: func() []string { return []string{"hush-current", "hush-previous"} },
	}
	for _, f := range change {
		f(&o)
	}
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.client.CloseIdleConnections)
	return c
}

func golden(t testing.TB, name string) []byte {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("..", "..", "testdata", "shopify", name))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func at(t testing.TB, text string) time.Time {
	t.Helper()
	when, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return when.UTC()
}

func isUnknownTopic(err error) bool {
	refusal := new(DeliveryError)
	return errors.As(err, &refusal) && refusal.UnknownTopic()
}

func isMalformed(err error) bool {
	refusal := new(DeliveryError)
	return errors.As(err, &refusal) && !refusal.UnknownTopic()
}
