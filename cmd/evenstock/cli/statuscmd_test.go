package cli

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/sync/app"
)

// TestServeText: who looks whether serve runs is not told that it does not, when it only does not answer.
func TestServeText(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status shownStatus
		says   string
	}{
		"works":           {shownStatus{Status: app.Status{Serving: true}}, "running and ready\n"},
		"does not run":    {shownStatus{Data: "/srv/data"}, "NOT RUNNING on /srv/data: "},
		"does not answer": {shownStatus{Silent: true}, "DOES NOT ANSWER: "},
		"is not ready":    {shownStatus{Status: app.Status{Serving: true, NotReady: []string{"the disk is full"}}}, "NOT READY: the disk is full\n"},
		"a channel fails": {shownStatus{Status: app.Status{Serving: true, Workers: []app.Worker{{Channel: "web", Error: "401"}}}}, "NOT WORKING for web: "},
	} {
		var out bytes.Buffer
		require.NoError(t, printStatus(&out, c.status, time.Now()))
		require.Contains(t, out.String(), c.says, name)
	}
}
