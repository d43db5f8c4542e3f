package shop

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

// Controls is what the control routes that every shop has need to know.
type Controls struct {
	Truth    *Truth
	Counts   func() []Count
	Faults   *FaultSwitch
	Courier  *Courier
	Requests *Counters
}

// Routes are the shared routes. Those of a zero Controls are to be listed, not to be asked.
func (c Controls) Routes() []Route {
	return []Route{
		Get("/sandbox/truth", "what changed each counter, and by whom; ?from=N leaves out the first N", func(w http.ResponseWriter, r *http.Request) {
			from, err := strconv.Atoi(r.URL.Query().Get("from"))
			if err != nil {
				from = 0 // absent or not a number: everything
			}
			WriteJSON(w, http.StatusOK, append([]Effect{}, c.Truth.Since(from)...))
		}),
		Get("/sandbox/counts", "what each counter shows", func(w http.ResponseWriter, _ *http.Request) {
			WriteJSON(w, http.StatusOK, append([]Count{}, c.Counts()...))
		}),
		Get("/sandbox/requests", "how often each operation of the API was asked", func(w http.ResponseWriter, _ *http.Request) {
			WriteJSON(w, http.StatusOK, c.Requests.All())
		}),
		Get("/sandbox/faults", "what goes wrong, and how often", func(w http.ResponseWriter, _ *http.Request) {
			WriteJSON(w, http.StatusOK, c.Faults.Get())
		}),
		Put("/sandbox/faults", `{"drop_webhook":0.1,"delay_webhook":"2s"}`, "let that go wrong from now on, by the names that GET shows; what is left out: nothing", c.setFaults),
		Post("/sandbox/webhooks", `{"do":"pause"}`, "pause (what is due then is lost), resume, or wait until they are idle; the answer counts them", c.switchWebhooks),
	}
}

func (c Controls) setFaults(w http.ResponseWriter, r *http.Request) {
	var f Faults
	if !ReadControl(w, r, &f) {
		return
	}
	if err := c.Faults.Set(f); err != nil {
		RefuseControl(w, err)
		return
	}
	WriteJSON(w, http.StatusOK, f)
}

// switchWebhooks pauses, resumes, or waits for idleness (as long as the client waits); it answers with the counts.
func (c Controls) switchWebhooks(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Do string `json:"do"`
	}
	if !ReadControl(w, r, &in) {
		return
	}
	switch in.Do {
	case "pause":
		c.Courier.Pause()
	case "resume":
		c.Courier.Resume()
	case "idle":
		if err := c.Courier.Idle(r.Context()); err != nil {
			WriteJSON(w, http.StatusServiceUnavailable, map[string]string{"error": "waiting for webhooks: " + err.Error()})
			return
		}
	default:
		RefuseControl(w, fmt.Errorf("do is %.20q, not pause, resume or idle", in.Do))
		return
	}
	WriteJSON(w, http.StatusOK, map[string]int64{
		"sent": c.Courier.Sent(), "delivered": c.Courier.Delivered(), "dropped": c.Courier.Dropped(), "gave_up": c.Courier.GaveUp(),
	})
}

// ReadControl decodes a control request; when it cannot it has answered 400 and returns false.
func ReadControl(w http.ResponseWriter, r *http.Request, into any) bool {
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, controlBodyMax))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil && !errors.Is(err, io.EOF) {
		RefuseControl(w, fmt.Errorf("reading the request: %w", err))
		return false
	}
	return true
}

// Control serves an action of a shop as a control route: it takes the JSON form of the action's argument and answers with its result,
// or 400 with why not.
func Control[In, Out any](do func(In) (Out, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in In
		if ReadControl(w, r, &in) {
			done, err := do(in)
			AnswerControl(w, done, err)
		}
	}
}

// RefuseControl answers 400 with the reason.
func RefuseControl(w http.ResponseWriter, err error) {
	WriteJSON(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
}

// AnswerControl answers with what was done, or 400 with why not.
func AnswerControl(w http.ResponseWriter, done any, err error) {
	if err != nil {
		RefuseControl(w, err)
		return
	}
	WriteJSON(w, http.StatusOK, done)
}

// WriteJSON answers with a JSON body. Values are the package's own, so marshalling them cannot go wrong except by a
// mistake in this package, which answers 500.
func WriteJSON(w http.ResponseWriter, status int, value any) {
	body, err := json.Marshal(value)
	if err != nil {
		http.Error(w, "writing JSON: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client is gone: nobody is left to tell
}
