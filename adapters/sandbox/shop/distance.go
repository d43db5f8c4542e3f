package shop

import (
	"context"
	"net/http"
	"time"
)

// Distance is how far away a platform is: each request takes between Min and Max, half of it on the way there. Over loopback
// alone a platform would answer faster than any does.
type Distance struct {
	Dice     *Dice
	Min, Max time.Duration
}

// Wrap returns the handler at that distance.
func (d Distance) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		way := (d.Min + d.Dice.Part(d.Max-d.Min)) / 2
		if !travel(r, way) {
			return
		}
		// A shop answers while it holds its mutex, so the way back begins when it has let go of it.
		answer := &directAnswer{header: http.Header{}}
		next.ServeHTTP(answer, r)
		if !travel(r, way) {
			return
		}
		if answer.cut {
			cutConnection(w)
			return
		}
		answer.send(w)
	})
}

// travel waits and reports whether the client is still there.
func travel(r *http.Request, way time.Duration) bool { return Sleep(r.Context(), way) }

// Sleep waits and reports whether ctx goes on.
func Sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
