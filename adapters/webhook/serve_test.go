package webhook_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/adapters/webhook"
)

// Whoever reads the log as JSON can read all of it.
func TestServersLogLikeTheRest(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var log bytes.Buffer
	server := &http.Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("broken") }), ReadHeaderTimeout: time.Minute}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- webhook.Serve(ctx, listener, server, slog.New(slog.NewJSONHandler(&log, nil))) }()
	_, err = http.Get("http://" + listener.Addr().String())
	require.Error(t, err)
	stop()
	require.NoError(t, <-ended)
	var line struct{ Level, Msg string }
	require.NoError(t, json.Unmarshal(log.Bytes(), &line), log.String())
	require.Equal(t, "WARN", line.Level)
	require.Contains(t, line.Msg, "broken")
}
