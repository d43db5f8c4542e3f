package channeltest

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"time"
)

// clock is the time of a shop and of its adapter. It stands until it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 10, 2, 9, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// gate stands before a shop.
type gate struct {
	shop http.Handler
	now  func() time.Time

	mu       sync.Mutex
	trouble  func(http.Handler) http.Handler
	requests int
	last     []byte // the last request's body
}

// strike does this to all requests from now on; nil lets them through.
func (g *gate) strike(trouble func(http.Handler) http.Handler) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.trouble = trouble
}

// asked is how many requests came so far, and what the last one carried.
func (g *gate) asked() (requests int, last []byte) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.requests, g.last
}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the sender hung up
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	g.mu.Lock()
	trouble, next := g.trouble, g.shop
	g.requests, g.last = g.requests+1, body
	g.mu.Unlock()
	w.Header().Set("Date", g.now().UTC().Format(http.TimeFormat))
	if trouble != nil {
		next = trouble(next)
	}
	next.ServeHTTP(w, r)
}

// cutBefore ends the connection before the shop sees anything.
func cutBefore(http.Handler) http.Handler {
	return http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
}

// cutAfter ends the connection when the shop has done what it was asked.
func cutAfter(shop http.Handler) http.Handler {
	return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		shop.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	})
}

// cutWithin ends the connection within the shop's answer.
func cutWithin(shop http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		shop.ServeHTTP(answer, r)
		w.Header().Set("Content-Length", strconv.Itoa(answer.Body.Len()))
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes()[:answer.Body.Len()/2])
		panic(http.ErrAbortHandler)
	})
}

// answering answers in the shop's place.
func answering(status int, header, value string) func(http.Handler) http.Handler {
	return func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set(header, value)
			w.WriteHeader(status)
		})
	}
}

// instead has another handler answer in the shop's place.
func instead(handler http.Handler) func(http.Handler) http.Handler {
	return func(http.Handler) http.Handler { return handler }
}

// memory is a copy of a shop that lags behind: what it was once asked it goes on answering as it did then.
type memory struct {
	mu      sync.Mutex
	answers map[string]*httptest.ResponseRecorder
}

func (m *memory) remember(shop http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the sender hung up
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		question := r.URL.String() + " " + string(body)
		answer := m.answers[question]
		if answer == nil {
			answer = httptest.NewRecorder()
			r.Body = io.NopCloser(bytes.NewReader(body))
			shop.ServeHTTP(answer, r)
			m.answers[question] = answer
		}
		w.Header().Set("Content-Type", answer.Header().Get("Content-Type"))
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes())
	})
}

// mailbox takes what a shop delivers.
type mailbox struct {
	mu         sync.Mutex
	deliveries []Delivery
}

func (m *mailbox) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the sender hung up, and sends it again
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.deliveries = append(m.deliveries, Delivery{r.Header.Clone(), body})
}

// empty takes everything out.
func (m *mailbox) empty() []Delivery {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := m.deliveries
	m.deliveries = nil
	return all
}
