package shopify

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	sandbox "github.com/evenstock/evenstock/adapters/sandbox/shopify"
	"github.com/evenstock/evenstock/ledger/stock"
)

// inbox takes what the pretend shop delivers, verifies and decodes it.
type inbox struct {
	t       *testing.T
	channel *Channel
	mu      sync.Mutex
	events  []stock.Event
}

func (in *inbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = in.channel.Verify(r.Header, body)
	}
	var events []stock.Event
	if err == nil {
		events, err = in.channel.Decode(r.Header, body, time.Now())
	}
	if err != nil {
		in.t.Errorf("%s: %v", r.Header.Get("X-Shopify-Topic"), err)
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	in.events = append(in.events, events...)
	w.WriteHeader(http.StatusOK)
}

// TestAgainstThePretendShop walks one order through its life and compares what the two ways say of it.
func TestAgainstThePretendShop(t *testing.T) {
	t.Parallel()
	web := sandbox.New(sandbox.Options{Token: testToken, Secret: "hush-current", Canary: testCanary, Seed: 7})
	t.Cleanup(web.Close)
	api := httptest.NewServer(web)
	t.Cleanup(api.Close)
	c := channelOn(t, nil, func(o *Options) {
		o.BaseURL, o.HTTPClient, o.Locations = api.URL, nil, []string{"77"}
	})
	in := &inbox{t: t, channel: c}
	hook := httptest.NewServer(in)
	t.Cleanup(hook.Close)
	variant, err := web.AddVariant(sandbox.NewVariant{SKU: "TEE-M", Name: "Tee", Tracked: true, Available: 10})
	if err != nil {
		t.Fatal(err)
	}
	web.SetWebhook(hook.URL)

	orders := liveOrder(t, web, variant.Item)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := web.Idle(ctx); err != nil {
		t.Fatal(err)
	}
	listed, err := c.ListMovements(ctx, time.Now().Add(-time.Hour), "")
	if err != nil || len(listed.Orders) != 1 {
		t.Fatalf("%d orders, %v", len(listed.Orders), err)
	}
	read, err := c.ReadOrders(ctx, []string{orders.ID})
	if err != nil || !reflect.DeepEqual(read.Orders, listed.Orders) {
		t.Errorf("read\n%s\nlisted\n%s\n%v", asJSON(t, read.Orders), asJSON(t, listed.Orders), err)
	}
	times, err := c.ListOrders(ctx, time.Now().Add(-time.Hour), "")
	if want := []stock.OrderTime{{ID: orders.ID, UpdatedAt: listed.Orders[0].UpdatedAt}}; err != nil || !reflect.DeepEqual(times.Orders, want) {
		t.Errorf("%+v, want %+v: %v", times.Orders, want, err)
	}
	in.compare(listed.Orders[0])

	checkShelf(ctx, t, c, variant)
}

// liveOrder places, edits, sends and refunds: 4 + 1 taken, 1 removed, 1 returned, 1 refunded without restocking.
func liveOrder(t *testing.T, web *sandbox.Shop, item string) sandbox.Order {
	t.Helper()
	order, err := web.PlaceOrder(sandbox.NewOrder{Lines: []sandbox.OrderedLine{{Item: item, Quantity: 4}}})
	if err != nil {
		t.Fatal(err)
	}
	line := order.Lines[0].ID
	steps := []func() (sandbox.Order, error){
		func() (sandbox.Order, error) {
			return web.EditAdd(sandbox.OrderEditAdd{Order: order.ID, Line: line, Quantity: 1})
		},
		func() (sandbox.Order, error) {
			return web.EditRemove(sandbox.OrderEditRemove{Order: order.ID, Line: line, Quantity: 1, Restock: true})
		},
		func() (sandbox.Order, error) {
			return web.Fulfil(sandbox.OrderFulfil{Order: order.ID, Line: line, Quantity: 2})
		},
		func() (sandbox.Order, error) {
			return web.Refund(sandbox.OrderRefund{Order: order.ID, Line: line, Quantity: 1, Restock: sandbox.RestockReturn})
		},
		func() (sandbox.Order, error) {
			return web.Refund(sandbox.OrderRefund{Order: order.ID, Line: line, Quantity: 1, Restock: sandbox.RestockNone})
		},
	}
	for i, step := range steps {
		if order, err = step(); err != nil {
			t.Fatalf("step %d: %v", i, err)
		}
	}
	return order
}

// compare checks that the greatest counters that were delivered are the ones listed.
func (in *inbox) compare(listed stock.Order) {
	in.t.Helper()
	in.mu.Lock()
	defer in.mu.Unlock()
	if strings.Contains(asJSON(in.t, in.events), testCanary) {
		in.t.Error("customer data in an event")
	}
	if len(listed.Lines) != 1 || listed.Lines[0].Taken != stock.Units(5) || len(listed.Lines[0].Restocks) != 2 || listed.Lines[0].Location != "77" {
		in.t.Fatalf("listed %s", asJSON(in.t, listed))
	}
	kinds := map[string]int{}
	full := 0
	for _, event := range in.events {
		kinds[event.Topic]++
		if event.Order == nil {
			continue
		}
		delivered := *event.Order
		if len(delivered.Lines) != 1 || len(delivered.Lines[0].Restocks) < 2 {
			continue
		}
		full++
		delivered.Lines[0].Location, delivered.UpdatedAt = "77", listed.UpdatedAt
		if !reflect.DeepEqual(delivered, listed) {
			in.t.Errorf("delivered\n%s\nlisted\n%s", asJSON(in.t, delivered), asJSON(in.t, listed))
		}
	}
	if full == 0 || kinds[topicLevel] == 0 || kinds[topicOrderCreate] == 0 || kinds[topicRefund] == 0 {
		in.t.Errorf("%d whole orders, deliveries %v", full, kinds)
	}
}

// checkShelf reads the counter in every way: 10 - 5 + 1 + 1 sold and restocked. Readings come by item.
func checkShelf(ctx context.Context, t *testing.T, c *Channel, variant sandbox.Variant) {
	t.Helper()
	page, err := c.ReadRefs(ctx, []stock.Ref{ref(variant.Item, "77"), ref("999999", "77")}, time.Now().Add(-time.Hour))
	if err != nil || len(page.Readings) != 2 || len(page.Orders) != 1 || page.ReadAt.IsZero() {
		t.Fatalf("%+v, %v", page, err)
	}
	if page.Readings[1].Quantity != stock.Units(7) || page.Readings[0].Status != stock.Gone {
		t.Errorf("read %s", asJSON(t, page.Readings))
	}
	for _, since := range []time.Time{{}, time.Now().Add(-time.Hour)} {
		if counts, err := c.ListCounts(ctx, since, ""); err != nil || !reflect.DeepEqual(counts.Readings, page.Readings[1:]) || counts.Next != "" {
			t.Errorf("since %s listed %s, %v", since, asJSON(t, counts.Readings), err)
		}
	}
	items, next, err := c.Catalog(ctx, "")
	if err != nil || next != "" || len(items) != 1 || items[0].Item != variant.Item || items[0].SoldAs != variant.Variant || items[0].SKU != "TEE-M" {
		t.Errorf("catalog %+v, %q, %v", items, next, err)
	}
	locations, err := c.Locations(ctx)
	if err != nil || len(locations) != 1 || locations[0].ID != "77" || !locations[0].Active {
		t.Errorf("locations %+v, %v", locations, err)
	}
}
