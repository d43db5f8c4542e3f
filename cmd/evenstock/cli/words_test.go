package cli

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/config"
	"github.com/evenstock/evenstock/ledger/explain"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
	"time"
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
		require.Equal(t, want, Words(err, nil))
	}
}

// TestWordsOfAChannel expects that what a channel lacks is named as the configuration names it: which file, which address.
func TestWordsOfAChannel(t *testing.T) {
	t.Parallel()
	cfg := &config.Config{Channels: []config.Channel{{Name: "till", APIURL: "https://till.example.com"}, {Name: "web", APIURL: "https://web.example.com", TokenFile: "secrets/web.token"}}}
	for want, err := range map[string]*app.Error{
		"no: put a new token into secrets/web.token (channel web); evenstock doctor says whether it is taken":                       {What: "no", Remedy: app.RemedyToken, Meant: []string{"web"}},
		"no: put a new token into the environment variable that holds it (channel till); evenstock doctor says whether it is taken": {What: "no", Remedy: app.RemedyToken, Meant: []string{"till"}},
		"no: look whether this machine reaches https://web.example.com (channel web), then try again":                               {What: "no", Remedy: app.RemedyReach, Meant: []string{"web"}},
		"no: try again in a minute; evenstock doctor says whether web answers":                                                      {What: "no", Remedy: app.RemedyLater, Meant: []string{"web"}},
		"no: look whether this machine reaches shop, then try again":                                                                {What: "no", Remedy: app.RemedyReach, Meant: []string{"shop"}},
	} {
		require.Equal(t, want, Words(err, cfg))
	}
	require.Equal(t, "no: look whether this machine reaches web, then try again", Words(&app.Error{What: "no", Remedy: app.RemedyReach, Meant: []string{"web"}}, nil))
}

// What explain prints too does not send its reader to explain.
func TestOversoldByNobody(t *testing.T) {
	t.Parallel()
	require.Equal(t, "oversold by 2; no sale is known that did it", oversoldText(&explain.Oversold{Units: stock.Units(2)}, time.UTC))
}
