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

func TestWords(t *testing.T) {
	t.Parallel()
	tests := map[string]error{
		`no item has the SKU "tee": did you mean "TEE-M" or "TEE-L"?`: &app.Error{What: `no item has the SKU "tee"`, Remedy: app.RemedyMeant, Meant: []string{"TEE-M", "TEE-L"}},
		"no channel: the configuration has till, web":                 &app.Error{What: "no channel", Remedy: app.RemedyNameChannel, Meant: []string{"till", "web"}},
		"no channel: the configuration has -":                         &app.Error{What: "no channel", Remedy: app.RemedyNameChannel},
		"no shelf: it has m?in":                                       &app.Error{What: "no shelf", Remedy: app.RemedyNameLocation, Meant: []string{"m\x1bin"}},
		"it does not fit":                                             &app.Error{What: "it does not fit"},
	}
	for want, err := range tests {
		require.Equal(t, want, Words(err))
	}
}
