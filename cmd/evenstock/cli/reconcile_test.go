package cli

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
)

// A report without findings says that all is well only where a sweep came to its end.
func TestReportSaysWhatItKnows(t *testing.T) {
	t.Parallel()
	began := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	done := ledger.Run{ID: "1", Kind: "full", Channel: "web", StartedAt: began, EndedAt: began.Add(time.Second)}
	failed, unfinished := done, done
	failed.Error, unfinished.EndedAt = "HTTP 401", time.Time{}
	other := failed
	other.Channel = "till"
	for name, test := range map[string]struct {
		runs []ledger.Run
		says string
	}{
		"done":            {[]ledger.Run{done}, "nothing was found: every channel showed what the ledger expected"},
		"one of them":     {[]ledger.Run{failed, done}, "nothing was found"},
		"another's":       {[]ledger.Run{other, done}, "nothing was found on web; nothing is known of till, where no sweep came to its end"},
		"failed":          {[]ledger.Run{failed}, "nothing is known"},
		"still going on":  {[]ledger.Run{unfinished}, "nothing is known"},
		"none in a while": {nil, "nothing is known"},
	} {
		var text bytes.Buffer
		require.NoError(t, printReport(&text, test.runs, nil), name)
		require.Contains(t, text.String(), test.says, name)
	}
}
