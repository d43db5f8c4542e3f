package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/evenstock/evenstock/sync/health"
)

// Readiness is what /readyz says: the report, and for who wants no more, whether webhooks are taken in and why not.
type Readiness struct {
	Ready   bool     `json:"ready"`
	Reasons []string `json:"reasons"`
	health.Report
}

// Ready says by its status whether webhooks are taken in, and by a report why not.
func Ready(examine func(ctx context.Context) health.Report) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		report := examine(req.Context())
		answer := Readiness{Ready: report.Result != health.Fail, Reasons: report.Reasons(), Report: report}
		w.Header().Set("Content-Type", "application/json")
		if !answer.Ready {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_ = json.NewEncoder(w).Encode(answer)
	}
}

// Alive says that the process answers.
func Alive(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "alive") }
