package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/adapters/api/client"
	"github.com/evenstock/evenstock/sync/app"
)

// serveJobs answers on a data folder's socket as a serve does whose jobs never end, and tells of each question.
func serveJobs(t *testing.T, data string, asked func(path string)) (stop func()) {
	t.Helper()
	path, err := client.SocketPath(data)
	require.NoError(t, err)
	listener, err := net.Listen("unix", path)
	require.NoError(t, err)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		_, _ = io.Copy(io.Discard, req.Body)
		_ = json.NewEncoder(w).Encode(app.Job{ID: "j", Kind: app.JobSweep, State: app.JobRunning})
		asked(req.URL.Path)
	})}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return func() { _ = server.Close() }
}

// TestWatchingEnds says what becomes of a job when nobody watches it any more, or when the serve that does it is gone.
func TestWatchingEnds(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		// end is done once the job is watched.
		end  func(cancel, stop func())
		says string
	}{
		"the person goes":   {func(cancel, _ func()) { cancel() }, "evenstock: " + errGoesOn.Error() + "\n"},
		"the serve is gone": {func(_, stop func()) { go stop() }, "evenstock: " + errServeEnded.Error() + "\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			require.NoError(t, os.Mkdir(filepath.Join(dir, "data"), 0o700))
			file := filepath.Join(dir, "evenstock.yaml")
			require.NoError(t, os.WriteFile(file, []byte("data: ./data\nlocations: [main]\nchannels:\n"+
				"  - {name: till, platform: square, api_url: \"http://127.0.0.1:1\", token_file: t, locations: {L1: main}}\n"), 0o600))
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var stop func()
			stop = serveJobs(t, filepath.Join(dir, "data"), func(path string) {
				if path == "/v1/jobs/j" {
					test.end(cancel, stop)
				}
			})
			var stdout, stderr bytes.Buffer
			require.Equal(t, ExitFailed, Run(ctx, bare, []string{"--config", file, "reconcile", "run"}, noEnv, &stdout, &stderr))
			require.Equal(t, test.says, stderr.String())
		})
	}
}
