package cli

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/config"
	"github.com/evenstock/evenstock/sync/app"
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

// TestPlaceWords expects what differs and what to do about it, in one and in many.
func TestPlaceWords(t *testing.T) {
	t.Parallel()
	moved := app.Place{Channel: "web", ID: "77", Location: "stall", Moved: 12, From: "main"}
	require.Equal(t, "12 counters of web are linked at main, the configuration says stall (77): nothing is pushed to them, and nothing of them moves the level, until both agree", placeText(moved))
	require.Equal(t, "put main back into the configuration; or, if stall is meant: evenstock link export > links.csv, evenstock link remove web ITEM for each item, evenstock link import links.csv", placeRemedy(moved))
	left := app.Place{Channel: "web", ID: "77", Location: "main", Left: 1}
	require.Equal(t, "1 counter of web at main (77) is no longer configured: nothing is pushed to them, and nothing of them moves the level", placeText(left))
	require.Equal(t, "put the location back into the configuration, or unlink the items there: evenstock link remove web ITEM --location 77 for each item", placeRemedy(left))
}
