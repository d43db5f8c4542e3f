package config

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSoldOutEverywhere(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]struct {
		on     bool
		reason string
	}{
		"true": {on: true}, "false": {}, "True": {on: true},
		`"true"`: {reason: "true or false is expected"}, "yes": {reason: "true or false is expected"}, "1": {reason: "true or false is expected"}, "[true]": {reason: "true or false is expected"},
	} {
		cfg, err := Parse("evenstock.yaml", []byte(strings.Replace(channelFile, "    locations: {", "    sold_out_everywhere: "+value+"\n    locations: {", 1)), nil, nil)
		if want.reason != "" {
			require.ErrorContains(t, err, want.reason, value)
			continue
		}
		require.NoError(t, err, value)
		require.Equal(t, want.on, cfg.Channels[0].SoldOutEverywhere, value)
		var printed bytes.Buffer
		require.NoError(t, cfg.Print(&printed))
		require.Equal(t, want.on, strings.Contains(printed.String(), "sold_out_everywhere: true"), value)
	}
}
