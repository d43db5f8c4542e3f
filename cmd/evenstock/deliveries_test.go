package main

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/adapters/sandbox/shopify"
	"github.com/evenstock/evenstock/cmd/evenstock/cli"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
)

// deliver posts a delivery without a signature of ours, and returns the answer's status.
func (s *stage) deliver(path string) int {
	s.t.Helper()
	// No platform follows a redirect.
	sender := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := sender.Post(s.hooks+path, "application/json", strings.NewReader(`{"a":1}`))
	must(s.t, err)
	must(s.t, res.Body.Close())
	return res.StatusCode
}

func (s *stage) shownStatus() (shown app.Status) {
	s.t.Helper()
	must(s.t, json.Unmarshal([]byte(s.command("status", "--json")), &shown))
	return shown
}

// TestRefusedDeliveriesAreSeen: who registered a webhook with another key or address is told, by status and doctor.
func TestRefusedDeliveriesAreSeen(t *testing.T) {
	t.Parallel()
	s := newStage(t, stageOptions{})
	tee := s.sells("TEE-M", 8, 8)
	s.serve()
	s.open()
	must(t, s.shopify.SetAvailable(shopify.StockChange{Item: tee.web, Quantity: 7}))
	s.even(tee, "7")
	const secretPath = "/hooks/till/AbCdEfGhIjKlMnOp"
	for range 25 {
		require.Contains(t, []int{http.StatusUnauthorized, http.StatusTooManyRequests}, s.deliver(secretPath))
	}
	require.Equal(t, http.StatusTooManyRequests, s.deliver(secretPath+"/"), "a slash makes no other address")
	require.Equal(t, http.StatusNotFound, s.deliver("/hooks/till/AbCdEfGhIjKlMnOq"))
	require.Equal(t, http.StatusNotFound, s.deliver("/webhooks/till"))
	require.Equal(t, http.StatusNotFound, s.deliver("/"))
	require.Equal(t, http.StatusNotFound, s.deliver("//webhooks//till"))
	for _, path := range []string{"//hooks/till/AbCdEfGhIjKlMnOp", "/hooks//till/AbCdEfGhIjKlMnOp//", "/hooks/./till/AbCdEfGhIjKlMnOp", "/hooks/til%6C/AbCdEfGhIjKlMnOp"} {
		require.Equal(t, http.StatusTooManyRequests, s.deliver(path), "%s: taken for what it means, and never redirected", path)
	}
	by := map[stock.Channel]app.Deliveries{}
	for _, d := range s.shownStatus().Deliveries {
		by[d.Channel] = d
	}
	require.Positive(t, by["web"].Taken)
	require.False(t, by["web"].LastTaken.IsZero())
	require.Empty(t, by["web"].Refused)
	require.Len(t, by["till"].Refused, 1, "%v", by["till"].Refused)
	require.Equal(t, "bad_signature", by["till"].Refused[0].Reason)
	require.EqualValues(t, 30, by["till"].Refused[0].Count)
	require.Equal(t, "not_found", by[""].Refused[0].Reason)
	require.EqualValues(t, 4, by[""].Refused[0].Count)
	for _, command := range []string{"status", "doctor"} {
		text, code := s.exit(command)
		require.Equal(t, map[string]int{"status": cli.ExitOK, "doctor": cli.ExitWarned}[command], code, text)
		require.Contains(t, text, "signed with another key, or for another address than webhook_url")
		require.Contains(t, text, "no address of ours")
		require.NotContains(t, text, "AbCdEfGhIjKlMnO", "addresses are secrets")
	}
	s.stop()
	require.NotContains(t, s.log.String(), "AbCdEfGhIjKlMnO")
}

// TestSigningKeyReplacedWhileServing: a key that is replaced at the platform is taken once its file has it, without a restart.
func TestSigningKeyReplacedWhileServing(t *testing.T) {
	t.Parallel()
	s := newStage(t, stageOptions{})
	tee := s.sells("TEE-M", 8, 8)
	s.serve()
	s.open()
	must(t, s.square.Courier().Idle(t.Context())) // what is sent again bears the signature of its first time
	const next = "square-signature-key-of-tomorrow"
	must(t, os.WriteFile(filepath.Join(filepath.Dir(s.cfgPath), "till.hook"), []byte(next+"\n"), 0o600))
	s.square.SetWebhook(s.hooks+"/hooks/till/AbCdEfGhIjKlMnOp", next)
	_, err := s.square.Sell(tee.till, stock.Units(1))
	must(t, err)
	s.even(tee, "7")
	for _, d := range s.shownStatus().Deliveries {
		require.Empty(t, d.Refused, "%v", d)
	}
	s.stop()
	require.Contains(t, s.log.String(), "secret read again")
	require.NotContains(t, s.log.String(), next)
}
