package config

import (
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAPlatformIsOneRow adds a platform that nobody sells on: its row alone makes channels on it possible, and is obeyed.
func TestAPlatformIsOneRow(t *testing.T) {
	t.Parallel()
	known := append(slices.Clone(platforms), platform{name: "bazaar", title: "Bazaar", apiURL: "https://<stall>.bazaar.example", locationID: "B-1",
		locationForm: regexp.MustCompile(`^B-[0-9]+$`), locationFormNote: "which begin with B-", apiHost: ".bazaar.example", apiHostNote: "only stalls have an API", signsURL: true})
	read := func(api, location, secrets string) (*Config, error) {
		return parse("evenstock.yaml", []byte("locations: [main]\nchannels:\n  - name: stall\n    platform: bazaar\n    api_url: "+api+
			"\n    token_file: stall.token\n    locations: {"+location+": main}\n"+secrets), nil, nil, known)
	}
	c, err := read("https://mugs.bazaar.example", "B-1", "")
	require.NoError(t, err)
	require.Empty(t, c.Warnings())

	c, err = read("https://mugs.example", "B-1", "")
	require.NoError(t, err)
	require.Contains(t, c.Warnings()[0], `host "mugs.example" does not end in .bazaar.example: only stalls have an API`)

	_, err = read("https://mugs.bazaar.example", "77", "")
	require.ErrorContains(t, err, `"77" is not a location id of Bazaar, which begin with B-: write the id as the platform's admin shows it, such as L8A1XYZ or 77 or B-1; of "gid://shopify/Location/77" only the 77`)

	_, err = read("https://mugs.bazaar.example", "B-1", "    webhook_secret_files: [stall.hook]\n")
	require.ErrorContains(t, err, "Bazaar signs the address together with the body")

	_, err = Parse("evenstock.yaml", []byte("channels: [{platform: bazaar}]"), nil, nil)
	require.ErrorContains(t, err, `"bazaar" is not known: known are square, shopify`, "without the row")
}

func TestEveryPlatformHasItsExamples(t *testing.T) {
	t.Parallel()
	for _, row := range platforms {
		require.NotEmpty(t, row.title, row.name)
		require.NotEmpty(t, row.apiURL, row.name)
		require.True(t, locationID.matches(row.locationID), row.locationID)
		require.Equal(t, row.locationForm != nil, row.locationFormNote != "", row.name)
		require.Equal(t, row.apiHost != "", row.apiHostNote != "", row.name)
	}
}
