package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/adapters/webhook"
	"github.com/evenstock/evenstock/config"
	"github.com/evenstock/evenstock/ledger/stock"
)

// paddable is a delivery of each platform that says nothing about stock; blanks may follow it.
var paddable = map[string]struct{ topic, body string }{
	config.Square:  {"", `{"type":"inventory.count.updated","event_id":"E1","data":{"object":{"inventory_counts":[]}}}`},
	config.Shopify: {"refunds/create", `{"id":1,"order_id":2}`},
}

// drain takes everything in.
type drain struct{}

func (drain) Publish(context.Context, []stock.Event) error   { return nil }
func (drain) Reject(context.Context, webhook.Rejected) error { return nil }

// TestOneBodyLimitForEveryPlatform sends well signed deliveries around the limit through the intake of each platform. What is
// longer is always too long, never badly signed: a platform disables what it thinks refuses it.
func TestOneBodyLimitForEveryPlatform(t *testing.T) {
	t.Parallel()
	for name := range platforms {
		for _, raised := range []int64{0, 2 * webhook.BodyMax} {
			limit := max(int(raised), webhook.BodyMax)
			for size, want := range map[int]int{limit: http.StatusOK, limit + 1: http.StatusRequestEntityTooLarge} {
				t.Run(fmt.Sprintf("%s, %d of %d bytes", name, size, limit), func(t *testing.T) {
					t.Parallel()
					require.Equal(t, []int{want, want}, deliverPadded(t, name, size, raised))
				})
			}
		}
	}
}

// deliverPadded sends a delivery of that size twice, with and without its length declared, and returns the answers.
func deliverPadded(t *testing.T, platform string, size int, limit int64) (statuses []int) {
	t.Helper()
	const hook = "/hooks/any/0123456789abcdef"
	opened, err := platforms[platform].open(platformOptions{channel: "any", url: "https://platform.example", token: func() string { return "token" },
		webhookURL: "https://hooks.example.com" + hook, webhookSecrets: func() []string { return []string{"secret"} }})
	require.NoError(t, err)
	intake, err := webhook.New(webhook.Options{Hooks: []webhook.Hook{{Channel: "any", Path: hook, Decoder: opened}},
		Sink: drain{}, DeadLetters: drain{}, BodyMax: limit})
	require.NoError(t, err)
	server := httptest.NewServer(intake)
	t.Cleanup(server.Close)
	what := paddable[platform]
	require.NotEmpty(t, what.body, "no delivery of the platform to send")
	body := append([]byte(what.body), bytes.Repeat([]byte(" "), size-len(what.body))...)
	for _, reader := range []io.Reader{bytes.NewReader(body), struct{ io.Reader }{bytes.NewReader(body)}} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+hook, reader)
		require.NoError(t, err)
		request.Header = opened.Sign("secret", body)
		if what.topic != "" {
			request.Header.Set("X-Shopify-Topic", what.topic)
		}
		response, err := server.Client().Do(request)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		statuses = append(statuses, response.StatusCode)
	}
	return statuses
}

func TestReadmeSaysTheBodyLimit(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	require.Contains(t, strings.ReplaceAll(string(readme), "\n", " "), fmt.Sprintf("Deliveries of more than %d MiB are refused", webhook.BodyMax>>20))
}
