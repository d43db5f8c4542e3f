package config

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCheckSchedule(t *testing.T) {
	t.Parallel()
	tests := map[string]string{ // value -> part of the reason, empty when good
		"0 3 * * *": "", "*/5 8-20 * * MON-SAT": "", "@every 1m": "", "@every 1s": "", "@daily": "", "@hourly": "",
		"TZ=UTC 0 3 * * *": "", "CRON_TZ=UTC @every 1m": "", "0 0 29 2 *": "",
		"":                  "empty spec",
		" ":                 "is not a schedule",
		"0 0 3 * * *":       "expected exactly 5 fields",
		"60 * * * *":        "above maximum",
		"@every":            "is not a schedule",
		"@every soon":       "is not a schedule",
		"@every 999ms":      "more often than once a second",
		"@every -1h":        "more often than once a second",
		"@reboot":           "unrecognized descriptor",
		"TZ=":               "time zone without a schedule",
		"CRON_TZ=UTC":       "time zone without a schedule",
		"TZ=UTC ":           "is not a schedule",
		"TZ=Moon/Sea * * *": "bad location",
		", * * * *":         "empty field",
		"0 0 31 4 *":        "never comes",
	}
	for value, want := range tests {
		reason, remedy := checkSchedule(value)
		if want == "" {
			require.Empty(t, reason, value)
			continue
		}
		require.Contains(t, reason, want, value)
		require.NotEmpty(t, remedy, value)
	}
}

func TestCheckRecent(t *testing.T) {
	t.Parallel()
	for _, good := range []string{Adaptive, "@every 5s", "*/5 * * * *"} {
		reason, _ := checkRecent(good)
		require.Empty(t, reason, good)
	}
	for _, bad := range []string{"", "Adaptive", "adaptive ", "often"} {
		reason, remedy := checkRecent(bad)
		require.NotEmpty(t, reason, bad)
		require.Contains(t, remedy, `write "adaptive", or five fields`, bad)
	}
	reason, _ := checkSchedule(Adaptive)
	require.NotEmpty(t, reason, "a full sweep is made at a time")
}

func TestCheckListen(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"127.0.0.1:8080", ":8080", "localhost:0", "[::1]:65535", "shop.example.com:80", "[fe80::1%eth0]:80"} {
		reason, _ := checkListen(good)
		require.Empty(t, reason, good)
	}
	for _, bad := range []string{"", "8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:http", "127.0.0.1:65536", ":-1", ":08", "::1:80", "a b:80", "http://x:80"} {
		reason, remedy := checkListen(bad)
		require.NotEmpty(t, reason, bad)
		require.NotEmpty(t, remedy, bad)
	}
}

func TestIsLoopback(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]bool{
		"127.0.0.1": true, "127.8.8.8": true, "::1": true, "localhost": true, "LocalHost": true, "a.localhost": true,
		"": false, "0.0.0.0": false, "::": false, "10.0.0.1": false, "localhost.example.com": false, "127.0.0.1.example.com": false,
	} {
		require.Equal(t, want, isLoopback(host), host)
	}
}

func TestSuggest(t *testing.T) {
	t.Parallel()
	known := []string{"api_url", "token_file", "locations"}
	for wrong, want := range map[string]string{
		"apiUrl": `did you mean "api_url"?`, "API-URL": `did you mean "api_url"?`, "location": `did you mean "locations"?`,
		"tokenfile": `did you mean "token_file"?`, "frobnicate": "known are api_url, token_file, locations",
		strings.Repeat("x", 5000): "known are api_url, token_file, locations",
		"":                        "known are api_url, token_file, locations",
	} {
		require.Equal(t, want, suggest(wrong, known), wrong)
	}
	require.Empty(t, suggest("x", nil))
	require.Equal(t, 3, distance("kitten", "sitting"))
	require.Equal(t, 2, distance("", "ab"))
}

func TestPrintableCannotBreakALine(t *testing.T) {
	t.Parallel()
	require.Equal(t, "a_b", printable("a_b"))
	require.Equal(t, `"a\nb"`, printable("a\nb"))
	require.Less(t, len(printable(strings.Repeat("x", 1000))), 50)
	require.Equal(t, "a?b/Läden", cleanLine("a\nb/Läden"))
	require.Equal(t, `"a b"`, printablePath("a b"))
	require.Equal(t, "secrets/a", printablePath("secrets/a"))
}
