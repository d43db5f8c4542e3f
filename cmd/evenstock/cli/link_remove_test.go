package cli

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
)

// TestPrintUnlinked expects that whoever unlinks what ends a question is told which, and what the counters that stay get.
func TestPrintUnlinked(t *testing.T) {
	t.Parallel()
	plain := app.LinkResult{Refs: 1}
	asked := app.LinkResult{Refs: 1, Dropped: []ledger.Finding{{SKU: "MUG", Channel: "till", Shelf: stock.Shelf{Location: "main"}, Action: "say so"}},
		Pushes: []app.JoinPush{{Ref: stock.Ref{Channel: "web", Item: "45"}, Delta: stock.Units(-47)}}}
	for want, c := range map[string]struct {
		dryRun bool
		result app.LinkResult
	}{
		"1 counter unlinked, at once or when what is on its way there is answered\nwhat is sold there while it is unlinked is not booked: count the shelf before you link it again\n": {false, plain},
		"1 counter would be unlinked\nwhat is sold there while it is unlinked is not booked: count the shelf before you link it again\n":                                              {true, plain},
		"1 counter unlinked, at once or when what is on its way there is answered\nwhat is sold there while it is unlinked is not booked: count the shelf before you link it again\nnot answered: MUG at main, till: say so\n" +
			"to be pushed, for nothing waits for an answer any more: web from 0 to -47\n": {false, asked},
		"1 counter would be unlinked\nwhat is sold there while it is unlinked is not booked: count the shelf before you link it again\nnot answered: MUG at main, till: say so\n" +
			"would be pushed, for nothing waits for an answer any more: web from 0 to -47\n": {true, asked},
	} {
		var out bytes.Buffer
		require.NoError(t, printUnlinked(&out, app.UnlinkRequest{DryRun: c.dryRun}, c.result))
		require.Equal(t, want, out.String())
	}
}

// TestUnansweredWords expects whole commands for both answers, and the way past them.
func TestUnansweredWords(t *testing.T) {
	t.Parallel()
	require.Equal(t, "no: answer it first, evenstock brakes shows it: evenstock brakes release typed-twice/1 if the level is right, with --correct if not; or unlink all the same with --unanswered",
		Words(&app.Error{What: "no", Remedy: app.RemedyAnswer, Meant: []string{"typed-twice/1"}}, nil))
}
