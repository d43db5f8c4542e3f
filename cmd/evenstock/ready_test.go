package main

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/adapters/api"
	"github.com/evenstock/evenstock/adapters/brokers"
	"github.com/evenstock/evenstock/adapters/embedkafka"
	"github.com/evenstock/evenstock/config"
	"github.com/evenstock/evenstock/sync/health"
)

// TestReadyz: the page for load balancers says by its status whether webhooks are taken in, and by a report why not.
func TestReadyz(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	closed, err := brokers.Open(t.Context(), brokers.Options{Folder: t.TempDir(), Partitions: 1, Logger: slog.New(slog.DiscardHandler), Now: time.Now})
	require.NoError(t, err)
	require.NoError(t, closed.Close())
	stopped := &runtime{cfg: &config.Config{}, broker: closed, store: b.store}
	got := httptest.NewRecorder()
	httpHandler(stopped.readiness, http.NotFoundHandler()).ServeHTTP(got, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/readyz", nil))
	require.Equal(t, http.StatusServiceUnavailable, got.Code)
	var answer api.Readiness
	require.NoError(t, json.Unmarshal(got.Body.Bytes(), &answer))
	require.False(t, answer.Ready)
	require.Equal(t, []string{"the stream: " + embedkafka.ErrClosed.Error()}, answer.Reasons)
	require.Equal(t, health.Fail, answer.Result)
	require.Len(t, answer.Checks, 3)
	require.Equal(t, health.OK, answer.Checks[1].Result)

	s := newStage(t, stageOptions{})
	s.serve()
	res, err := sender.Get(s.hooks + "/readyz")
	require.NoError(t, err)
	defer res.Body.Close()
	require.Equal(t, http.StatusOK, res.StatusCode)
	require.NoError(t, json.NewDecoder(res.Body).Decode(&answer))
	require.True(t, answer.Ready)
	require.Equal(t, health.OK, answer.Result)
	require.Empty(t, answer.Reasons)
}
