package cli

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/sync/app"
)

// Every remedy of the application has words at a terminal.
func TestRemediesHaveWords(t *testing.T) {
	t.Parallel()
	for _, remedy := range app.Remedies() {
		require.NotEmpty(t, remedies[remedy], remedy)
	}
	require.Len(t, remedies, len(app.Remedies()))
}
