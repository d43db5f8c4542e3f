package config

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRequestsPerSecond(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]struct {
		most   int
		reason string
	}{
		"40": {most: 40}, "1000": {most: 1000},
		"0": {reason: "write a whole number from 1 to"}, "1001": {reason: "write a whole number from 1 to"}, "-1": {reason: "write a whole number from 1 to"},
		"2.5": {reason: "write a whole number from 1 to"}, `"40"`: {reason: "write a whole number from 1 to"}, "[40]": {reason: "write a whole number from 1 to"},
	} {
		cfg, err := Parse("evenstock.yaml", []byte(strings.Replace(channelFile, "    locations: {", "    requests_per_second: "+value+"\n    locations: {", 1)), nil, nil)
		if want.reason != "" {
			require.ErrorContains(t, err, want.reason, value)
			continue
		}
		require.NoError(t, err, value)
		require.Equal(t, want.most, cfg.Channels[0].RequestsPerSecond, value)
		var printed bytes.Buffer
		require.NoError(t, cfg.Print(&printed))
		require.Contains(t, printed.String(), "requests_per_second: "+value)
	}
	on := strings.Replace(strings.Replace(channelFile, "platform: square", "platform: shopify", 1), "    locations: {", "    requests_per_second: 40\n    locations: {", 1)
	_, err := Parse("evenstock.yaml", []byte(on), nil, nil)
	require.ErrorContains(t, err, "is not for Shopify, which tells with each answer")
}
