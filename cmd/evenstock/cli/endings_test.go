package cli

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/sync/app"
)

// TestEndingsAreShort: few lines, and no ending is left out of them.
func TestEndingsAreShort(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, printEndings(&out, []app.Endings{
		{Channel: "", Ending: "ignored", Reason: "restock type unknown", Count: 1},
		{Channel: "till", Ending: "applied", Reason: "baseline", Count: 12},
		{Channel: "till", Ending: "applied", Reason: "linked", Count: 24},
		{Channel: "till", Ending: "applied", Reason: "call repeated later", Count: 3},
		{Channel: "till", Ending: "applied", Reason: "difference posted", Count: 3},
		{Channel: "till", Ending: "applied", Reason: "explained with a cause that was not told before", Count: 2},
		{Channel: "till", Ending: "parked", Reason: "its location is not known yet", Count: 1},
	}))
	require.Equal(t, `
What became of everything taken in since the ledger began:
CHANNEL  ENDED AS  TIMES  OF WHICH
-        ignored   1      1 restock type unknown
till     applied   44     24 linked, 12 baseline, 3 call repeated later, 3 difference posted,
                          2 explained with a cause that was not told before
till     parked    1      1 its location is not known yet
`, out.String())
	out.Reset()
	require.NoError(t, printEndings(&out, nil))
	require.Contains(t, out.String(), "nothing was taken in yet")
}
