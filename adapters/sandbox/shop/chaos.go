package shop

import (
	"bytes"
	"io"
	"net/http"
)

// Chaos lets the faults of the moment happen to a platform API. Control routes are not wrapped in it.
type Chaos struct {
	Dice   *Dice
	Faults *FaultSwitch
	// tooMany, serverError and refuse answer in the platform's own words.
	TooMany     func(w http.ResponseWriter, withRetryAfter bool)
	ServerError func(w http.ResponseWriter)
	Refuse      func(w http.ResponseWriter, status int)
}

// Wrap returns the handler with faults.
func (c Chaos) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f := c.Faults.Get()
		switch {
		case c.Dice.Chance(f.LoseAnswerBefore):
			cutConnection(w)
		case f.Refuse != 0:
			c.Refuse(w, f.Refuse)
		case c.Dice.Chance(f.TooManyRequests):
			c.TooMany(w, c.Dice.Chance(0.5))
		case c.Dice.Chance(f.ServerError):
			c.ServerError(w)
		case c.Dice.Chance(f.LoseAnswerAfter):
			next.ServeHTTP(&lostAnswer{header: http.Header{}}, r)
			cutConnection(w)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// lostAnswer takes an answer that nobody will see.
type lostAnswer struct{ header http.Header }

func (l *lostAnswer) Header() http.Header         { return l.header }
func (l *lostAnswer) Write(p []byte) (int, error) { return len(p), nil }
func (l *lostAnswer) WriteHeader(int)             {}

// cutConnection closes the connection without an answer.
func cutConnection(w http.ResponseWriter) {
	if inProcess, ok := w.(*directAnswer); ok {
		inProcess.cut = true
		return
	}
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // net/http's own way to end a stream that cannot be hijacked (HTTP/2)
	}
	conn.Close()
}

// Direct returns a transport that calls the handler in this process, without a socket: for simulations in a
// testing/synctest bubble. A cut connection becomes io.ErrUnexpectedEOF.
func Direct(handler http.Handler) http.RoundTripper { return directTransport{handler} }

type directTransport struct{ handler http.Handler }

// RoundTrip serves the request. A context that has ended already is its error; the handler itself never waits.
func (d directTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	in := r.Clone(r.Context())
	in.RequestURI, in.RemoteAddr = r.URL.RequestURI(), "127.0.0.1:0"
	if in.Host == "" {
		in.Host = r.URL.Host
	}
	if in.Body == nil {
		in.Body = http.NoBody
	}
	defer in.Body.Close()
	answer := &directAnswer{header: http.Header{}}
	d.handler.ServeHTTP(answer, in)
	if answer.cut {
		return nil, io.ErrUnexpectedEOF
	}
	if answer.status == 0 {
		answer.status = http.StatusOK
	}
	return &http.Response{
		Status: http.StatusText(answer.status), StatusCode: answer.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: answer.header, Body: io.NopCloser(&answer.body), ContentLength: int64(answer.body.Len()), Request: r,
	}, nil
}

// directAnswer collects an answer given in this process.
type directAnswer struct {
	header http.Header
	status int
	body   bytes.Buffer
	cut    bool
}

func (a *directAnswer) Header() http.Header { return a.header }

func (a *directAnswer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

func (a *directAnswer) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(p)
}

// send passes a collected answer on.
func (a *directAnswer) send(w http.ResponseWriter) {
	for name, values := range a.header {
		w.Header()[name] = values
	}
	if a.status != 0 {
		w.WriteHeader(a.status)
	}
	_, _ = w.Write(a.body.Bytes()) // the client is gone: nobody is left to tell
}
