package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strconv"
	"sync"
)

// controlBodyMax is the size limit of a control request, 1 MiB.
const controlBodyMax = 1 << 20

// Counters counts requests per operation. The zero value is ready.
type Counters struct {
	mu sync.Mutex
	n  map[string]int64
}

// Add counts one request.
func (c *Counters) Add(operation string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n == nil {
		c.n = map[string]int64{}
	}
	c.n[operation]++
}

// All returns the counts so far.
func (c *Counters) All() map[string]int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n == nil {
		return map[string]int64{}
	}
	return maps.Clone(c.n)
}

// controls is what the control routes that every shop has need to know.
type controls struct {
	truth    *Truth
	counts   func() []Count
	faults   *FaultSwitch
	courier  *Courier
	requests *Counters
}

// mount adds the shared routes under /sandbox/.
func (c controls) mount(mux *http.ServeMux) {
	mux.HandleFunc("GET /sandbox/truth", func(w http.ResponseWriter, r *http.Request) {
		from, err := strconv.Atoi(r.URL.Query().Get("from"))
		if err != nil {
			from = 0 // absent or not a number: everything
		}
		writeJSON(w, http.StatusOK, append([]Effect{}, c.truth.Since(from)...))
	})
	mux.HandleFunc("GET /sandbox/counts", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, append([]Count{}, c.counts()...))
	})
	mux.HandleFunc("GET /sandbox/faults", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, c.faults.Get())
	})
	mux.HandleFunc("PUT /sandbox/faults", func(w http.ResponseWriter, r *http.Request) {
		var f Faults
		if !readControl(w, r, &f) {
			return
		}
		if err := c.faults.Set(f); err != nil {
			refuseControl(w, err)
			return
		}
		writeJSON(w, http.StatusOK, f)
	})
	mux.HandleFunc("POST /sandbox/webhooks", c.switchWebhooks)
	mux.HandleFunc("GET /sandbox/requests", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, c.requests.All())
	})
}

// switchWebhooks pauses, resumes, or waits for idleness (as long as the client waits); it answers with the counts.
func (c controls) switchWebhooks(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Do string `json:"do"`
	}
	if !readControl(w, r, &in) {
		return
	}
	switch in.Do {
	case "pause":
		c.courier.Pause()
	case "resume":
		c.courier.Resume()
	case "idle":
		if err := c.courier.Idle(r.Context()); err != nil {
			writeJSON(w, http.StatusServiceUnavailable, map[string]string{"error": "waiting for webhooks: " + err.Error()})
			return
		}
	default:
		refuseControl(w, fmt.Errorf("do is %.20q, not pause, resume or idle", in.Do))
		return
	}
	writeJSON(w, http.StatusOK, map[string]int64{
		"sent": c.courier.Sent(), "delivered": c.courier.Delivered(), "dropped": c.courier.Dropped(), "gave_up": c.courier.GaveUp(),
	})
}

// readControl decodes a control request; when it cannot it has answered 400 and returns false.
func readControl(w http.ResponseWriter, r *http.Request, into any) bool {
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, controlBodyMax))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil && !errors.Is(err, io.EOF) {
		refuseControl(w, fmt.Errorf("reading the request: %w", err))
		return false
	}
	return true
}

// refuseControl answers 400 with the reason.
func refuseControl(w http.ResponseWriter, err error) {
	writeJSON(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
}

// answerControl answers with what was done, or 400 with why not.
func answerControl(w http.ResponseWriter, done any, err error) {
	if err != nil {
		refuseControl(w, err)
		return
	}
	writeJSON(w, http.StatusOK, done)
}

// writeJSON answers with a JSON body. Values are the package's own, so marshalling them cannot go wrong except by a
// mistake in this package, which answers 500.
func writeJSON(w http.ResponseWriter, status int, value any) {
	body, err := json.Marshal(value)
	if err != nil {
		http.Error(w, "writing JSON: "+err.Error(), http.StatusInternalServerError)
		return
	}
	writeBody(w, status, body)
}

// writeBody answers with JSON that is already marshalled.
func writeBody(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client is gone: nobody is left to tell
}
