package client_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/evenstock/evenstock/adapters/api"
	"github.com/evenstock/evenstock/adapters/api/client"
	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/sqlite"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
	"github.com/evenstock/evenstock/sync/reconcile"
)

// A client asks a handler of this process what is linked, and why a number is what it is: for a name that nobody has. Over the
// socket of a running serve (DialServe) it asks in the same way.
func ExampleClient() {
	ctx := context.Background()
	store, giveUp := exampleLedger(ctx)
	defer giveUp()
	handler := api.New(app.New(app.Options{Ledger: store, Now: time.Now}))
	// Who asks comes from the transport: here this process vouches for them.
	vouched := http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		handler.ServeHTTP(w, req.WithContext(api.WithCaller(req.Context(), api.LocalCaller("ann"))))
	})

	evenstock := client.New(client.InProcess{Handler: vouched}, "http://evenstock")
	links, err := evenstock.Links(ctx)
	if err != nil {
		panic(err)
	}
	for _, link := range links {
		fmt.Println(link.SKU, "is", link.Item, "on", link.Channel, "at", link.Locations[0].Ours)
	}
	_, err = evenstock.Explain(ctx, app.ExplainQuery{SKU: "tee"})
	var refused *app.Error
	if errors.As(err, &refused) {
		fmt.Printf("%s (%s): %s, perhaps %v\n", err, refused.Kind, refused.Remedy, refused.Meant)
	}
	// Output:
	// TEE-M is V1 on till at main
	// TEE-M is 45000000000053 on web at main
	// no item has the SKU "tee" (not found): item.meant, perhaps [TEE-M]
}

// exampleLedger is a ledger in a temporary folder with one linked item.
func exampleLedger(ctx context.Context) (store ledger.Store, giveUp func()) {
	must := func(err error) {
		if err != nil {
			panic(err)
		}
	}
	folder, err := os.MkdirTemp("", "evenstock")
	must(err)
	store, err = sqlite.Open(ctx, sqlite.Options{Folder: folder})
	must(err)
	engine, err := reconcile.New(reconcile.Options{Channels: map[stock.Channel]reconcile.Channel{
		"till": {Traits: stock.Traits{Platform: "square", History: true, Step: 1}, Locations: map[string]stock.Location{"L1": "main"}},
		"web":  {Traits: stock.Traits{Platform: "shopify", Step: stock.Unit}, Locations: map[string]stock.Location{"77": "main"}},
	}})
	must(err)
	shelf := stock.Shelf{Item: "item-tee", Location: "main"}
	must(store.SaveItems(ctx, []stock.Item{{ID: shelf.Item, SKU: "TEE-M"}}))
	_, err = store.Apply(ctx, engine.Step, ledger.Batch{At: time.Now(), Inputs: []ledger.Input{
		ledger.LinkRef{Ref: stock.Ref{Channel: "till", Item: "V1", Location: "L1"}, Shelf: shelf, SoldAs: "V1"},
		ledger.LinkRef{Ref: stock.Ref{Channel: "web", Item: "45000000000053", Location: "77"}, Shelf: shelf, SoldAs: "43000000000053"},
	}})
	must(err)
	return store, func() {
		must(store.Close())
		must(os.RemoveAll(folder))
	}
}
