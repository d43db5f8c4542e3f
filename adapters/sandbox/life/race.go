package life

import (
	"bytes"
	"io"
	"net/http"
	"time"
)

const (
	// raceMax is how long a person waits for the write that the story wants them to race, before they count anyway.
	raceMax = 8 * time.Second
	// bodyMax is how much of a write is looked at; 1 MiB.
	bodyMax = 1 << 20
	// squareWritePath is where counts are written (https://developer.squareup.com/reference/square/inventory-api/batch-create-inventory-changes).
	squareWritePath = "/v2/inventory/changes/batch-create"
)

// race has do happen when the next write of our own for the item has been sent but has not arrived, or after raceMax. Over
// loopback that moment is too short to be met by chance; over a real network somebody meets it every day.
func (l *Life) race(kind string, g Good, do func(*Life, Good) (string, error)) {
	armed := &racer{item: g.Till, do: func() { l.act(true, kind, g, do) }}
	l.setRacer(armed)
	l.later(raceMax, func() {
		if l.takeRacer(func(r *racer) bool { return r == armed }) != nil {
			armed.do()
		}
	})
}

// racer is somebody who is about to count.
type racer struct {
	item string
	do   func()
}

func (l *Life) setRacer(r *racer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.racer = r
}

// takeRacer returns the racer, and stands them down, if they suit.
func (l *Life) takeRacer(suits func(*racer) bool) *racer {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.racer
	if r == nil || !suits(r) {
		return nil
	}
	l.racer = nil
	return r
}

// Racing puts the life between the world and the pretend Square, for the races of its story. Everything passes unchanged.
func (l *Life) Racing(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l.watchWrite(r)
		next.ServeHTTP(w, r)
	})
}

// watchWrite lets the racer act, on Run's goroutine, when a write for their item passes; it returns when they have.
func (l *Life) watchWrite(r *http.Request) {
	if r.Method != http.MethodPost || r.URL.Path != squareWritePath {
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, bodyMax))
	rest := io.Reader(r.Body)
	if err != nil {
		rest = brokenBody{err}
	}
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(body), rest), r.Body}
	racer := l.takeRacer(func(racer *racer) bool { return bytes.Contains(body, []byte(racer.item)) })
	if racer == nil {
		return
	}
	acted := make(chan struct{})
	select {
	case l.rush <- func() { racer.do(); close(acted) }:
		<-acted
	case <-l.ended:
	case <-r.Context().Done():
	}
}

// brokenBody hands on the error that reading a request ended with.
type brokenBody struct{ err error }

func (b brokenBody) Read([]byte) (int, error) { return 0, b.err }
