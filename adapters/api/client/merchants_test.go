package client_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/adapters/api"
	"github.com/evenstock/evenstock/sync/app"
	"github.com/evenstock/evenstock/sync/fleet"
	"github.com/evenstock/evenstock/sync/fleet/fleettest"
)

// ofMerchants are the methods about the merchants of a process.
var ofMerchants = []string{"Merchants", "AddMerchant", "PauseMerchant", "ResumeMerchant", "EraseMerchant"}

// asAnn lets ann ask.
func asAnn(handler http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		handler.ServeHTTP(w, req.WithContext(api.WithCaller(req.Context(), api.LocalCaller("ann"))))
	})
}

func TestMerchantsOfAProcess(t *testing.T) {
	t.Parallel()
	for way, connect := range ways {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			w := fleettest.New(false, "bakery")
			require.NoError(t, w.Fleet.Start(t.Context()))
			far, near := newBook(t), newBook(t)
			far.Sell()
			apps := map[string]*app.App{"bakery": app.New(far.Options()), "florist": app.New(near.Options())}
			c := connect(t, asAnn(api.NewSwitch(w.Fleet, func(merchant string) http.Handler {
				if a := apps[merchant]; a != nil {
					return api.New(a)
				}
				return nil
			})))

			added, err := c.AddMerchant(t.Context(), fleet.AddRequest{Name: "florist", Settings: "{}"})
			require.NoError(t, err)
			require.Equal(t, fleet.Merchant{Name: "florist", State: "working", Since: fleettest.Now, By: "ann"}, added)
			paused, err := c.PauseMerchant(t.Context(), fleet.Named{Name: "florist"})
			require.NoError(t, err)
			require.Equal(t, "paused", paused.State)
			resumed, err := c.ResumeMerchant(t.Context(), fleet.Named{Name: "florist"})
			require.NoError(t, err)
			require.Equal(t, "working", resumed.State)

			sold, err := c.Of("bakery").Stock(t.Context(), app.StockQuery{})
			require.NoError(t, err)
			other, err := c.Of("florist").Stock(t.Context(), app.StockQuery{})
			require.NoError(t, err)
			require.NotEqual(t, sold, other, "each has its own")
			var typed *app.Error
			_, err = c.Stock(t.Context(), app.StockQuery{})
			require.ErrorAs(t, err, &typed, "nobody knows which")
			_, err = c.Of("nobody").Stock(t.Context(), app.StockQuery{})
			require.ErrorAs(t, err, &typed)
			require.Equal(t, app.NotFound, typed.Kind)
			_, err = c.Of("florist").Merchants(t.Context())
			require.ErrorAs(t, err, &typed, "one merchant's way knows of no other")

			erased, err := c.EraseMerchant(t.Context(), fleet.EraseRequest{Name: "florist", Confirm: "florist"})
			require.NoError(t, err)
			require.Equal(t, "florist", erased.Name)
			list, err := c.Merchants(t.Context())
			require.NoError(t, err)
			require.Equal(t, []fleet.Merchant{{Name: "bakery", State: "working", Declared: true}}, list)
		})
	}
}
