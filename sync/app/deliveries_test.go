package app_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
)

// TestRefusalsRecover: after good deliveries for an hour, what was refused before is no fault any more.
func TestRefusalsRecover(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	refused := b.Now()
	of := func(channel stock.Channel, last time.Duration) app.Deliveries {
		return app.Deliveries{Channel: channel, Taken: 1, LastTaken: refused.Add(last), Refused: []app.Refusals{{Reason: "bad_signature", Count: 3, Last: refused}}}
	}
	none := app.Deliveries{Channel: "till"}
	stray := app.Deliveries{Refused: []app.Refusals{{Reason: "not_found", Count: 1, Last: refused}}}
	for name, c := range map[string]struct {
		list      []app.Deliveries
		recovered []bool
	}{
		"the last was refused":              {[]app.Deliveries{of("till", -time.Minute)}, []bool{false}},
		"one good since":                    {[]app.Deliveries{of("till", time.Minute)}, []bool{false}},
		"good ones for an hour":             {[]app.Deliveries{of("till", time.Hour)}, []bool{true}},
		"each channel for itself":           {[]app.Deliveries{of("till", time.Hour), of("web", 0)}, []bool{true, false}},
		"a stray, and both well":            {[]app.Deliveries{of("till", time.Hour), of("web", time.Hour), stray}, []bool{true, true, true}},
		"a stray that may be one channel's": {[]app.Deliveries{of("till", time.Hour), of("web", 0), stray}, []bool{true, false, false}},
		"a stray, and one never heard":      {[]app.Deliveries{none, of("web", time.Hour), stray}, []bool{true, false}},
		"a stray, and no channel":           {[]app.Deliveries{stray}, []bool{false}},
	} {
		opts := b.Options()
		opts.Deliveries = func() []app.Deliveries { return c.list }
		status, err := app.New(opts).Status(t.Context())
		require.NoError(t, err)
		var recovered []bool
		for _, d := range status.Deliveries {
			for _, refusals := range d.Refused {
				recovered = append(recovered, refusals.Recovered)
			}
		}
		require.Equal(t, c.recovered, recovered, name)
	}
}
