package cli

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/config"
	"github.com/evenstock/evenstock/sync/health"
)

// TestDoctorHasWords: whatever is looked at has a name at a terminal, and whatever can be done has words, with what it speaks of.
func TestDoctorHasWords(t *testing.T) {
	t.Parallel()
	for _, code := range health.Codes() {
		require.NotEmpty(t, checkName(health.Check{Code: code}), code)
	}
	require.Equal(t, "till token", checkName(health.Check{Code: health.CodeToken, Channel: "till"}))
	require.Len(t, checkNames, len(health.Codes()))
	for _, remedy := range health.Remedies() {
		require.NotEmpty(t, remedyText(health.Check{Remedy: remedy}, nil), remedy)
	}
	require.Len(t, remedyWords, len(health.Remedies()))
	require.Equal(t, "chmod 700 ./data", remedyText(health.Check{Remedy: health.RemedyFolderClose, With: []string{"./data"}}, nil))
	cfg := &config.Config{Channels: []config.Channel{{Name: "web", TokenFile: "secrets/web.token"}}}
	require.Equal(t, "make a new token with the scopes a, b, and put it into secrets/web.token (channel web); serve reads it again by itself",
		remedyText(health.Check{Channel: "web", Remedy: health.RemedyToken, With: []string{"a", "b"}}, cfg))
}
