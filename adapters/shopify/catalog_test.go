package shopify

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/evenstock/evenstock/ledger/stock"
)

func TestCatalogPagesAndRenewsItsSearch(t *testing.T) {
	t.Parallel()
	page := func(variant int, sku, next string) string {
		return fmt.Sprintf(`{"data":{"productVariants":{"nodes":[{"id":"gid://shopify/ProductVariant/%d","sku":%s,"displayName":"Tee\u0000 - M","inventoryItem":{"id":"gid://shopify/InventoryItem/5","tracked":true}}],
			"pageInfo":{"hasNextPage":%v,"endCursor":%q}}}}`, variant, sku, next != "", next)
	}
	p := script(t, page(31, `"TEE-M"`, "c1"), page(32, "null", "c2"), page(33, `""`, ""))
	c := channelOn(t, p)
	items, next, err := c.Catalog(t.Context(), "")
	if err != nil || next != "1||c1" {
		t.Fatalf("next %q, %v", next, err)
	}
	if want := []stock.CatalogItem{{Item: "5", SoldAs: "31", SKU: "TEE-M", Name: "Tee - M", Tracked: true}}; !reflect.DeepEqual(items, want) {
		t.Errorf("got %s", asJSON(t, items))
	}
	// As if 19,999 variants had been listed: the next search begins after the last id, for Shopify pages no further than 25,000.
	if _, next, err = c.Catalog(t.Context(), fmt.Sprintf("%d||c1", renewAfter-1)); err != nil || next != "0|32|" {
		t.Fatalf("next %q, %v", next, err)
	}
	if _, next, err = c.Catalog(t.Context(), next); err != nil || next != "" || p.vars[2]["query"] != "id:>32" || p.vars[2]["after"] != nil {
		t.Fatalf("next %q, asked %v, %v", next, p.vars[2], err)
	}
	for _, bad := range []string{"x", "1|", "-1||", "0|x|"} {
		if _, _, err := c.Catalog(t.Context(), bad); !errors.Is(err, ErrCursor) {
			t.Errorf("cursor %q: %v", bad, err)
		}
	}
}

func TestCatalogOfWhatIsLeftOut(t *testing.T) {
	t.Parallel()
	node := func(variant int, bundle, card bool, status string) string {
		return fmt.Sprintf(`{"id":"gid://shopify/ProductVariant/%d","sku":"A\u0000B","barcode":"036000291452","displayName":"Tee","requiresComponents":%v,
			"product":{"status":%q,"isGiftCard":%v},"inventoryItem":{"id":"gid://shopify/InventoryItem/5","tracked":true}}`, variant, bundle, status, card)
	}
	p := script(t, `{"data":{"productVariants":{"nodes":[`+strings.Join([]string{node(1, false, false, "ACTIVE"), node(2, false, false, "ARCHIVED"), node(3, false, false, "DRAFT"),
		node(4, false, false, "UNLISTED"), node(5, true, false, "DRAFT"), node(6, false, true, "ACTIVE"), node(7, false, false, "NEWWORD")}, ",")+`],"pageInfo":{"hasNextPage":false}}}}`)
	items, _, err := channelOn(t, p).Catalog(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	want := []stock.LeftOut{"", stock.Archived, stock.Draft, "", stock.BundleParent, stock.GiftCard, ""}
	for i, item := range items {
		if item.LeftOut != want[i] || item.Barcode != "036000291452" || item.SKU != "A\u2400B" {
			t.Errorf("%d: %+v, want left out %q", i, item, want[i])
		}
	}
}

func TestCheckItem(t *testing.T) {
	t.Parallel()
	c := channelOn(t, ok(""))
	if err := c.CheckItem("45000000000053"); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{"", "4.5E+13", "45000000000042.0", "045", "-1", "gid://shopify/InventoryItem/45", "FUXX6PQXBBRQ6LNVEWJNSKYQ", "99999999999999999999"} {
		if c.CheckItem(bad) == nil {
			t.Errorf("%q is taken for an id", bad)
		}
	}
}

func TestLocations(t *testing.T) {
	t.Parallel()
	p := script(t,
		`{"data":{"locations":{"nodes":[{"id":"gid://shopify/Location/77","name":"Main","isActive":true}],"pageInfo":{"hasNextPage":true,"endCursor":"a"}}}}`,
		`{"data":{"locations":{"nodes":[{"id":"gid://shopify/Location/78","name":"Old","isActive":false}],"pageInfo":{"hasNextPage":false,"endCursor":"b"}}}}`)
	got, err := channelOn(t, p).Locations(t.Context())
	want := []stock.ChannelLocation{{ID: "77", Name: "Main", Active: true}, {ID: "78", Name: "Old"}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v, %v", got, err)
	}
}

func TestCheckToken(t *testing.T) {
	t.Parallel()
	with := func(handles ...string) string {
		return `{"data":{"currentAppInstallation":{"accessScopes":[{"handle":"` + strings.Join(handles, `"},{"handle":"`) + `"}]}}}`
	}
	all := []string{"write_inventory", "read_products", "read_orders", "read_locations", "read_merchant_managed_fulfillment_orders"}
	if err := channelOn(t, ok(with(all...))).CheckToken(t.Context()); err != nil {
		t.Error(err)
	}
	for i, scope := range all {
		rest := append(append([]string(nil), all[:i]...), all[i+1:]...)
		err := channelOn(t, ok(with(rest...))).CheckToken(t.Context())
		if err == nil || !strings.Contains(err.Error(), scope) {
			t.Errorf("without %s: %v", scope, err)
		}
	}
	old := &pretend{answer: func(int, string, map[string]any) (int, map[string]string, string) {
		return 200, map[string]string{headerAPIVersion: "2027-10"}, with(all...)
	}}
	wantRetry(t, channelOn(t, old).CheckToken(t.Context()), false, 0)
}

func TestNewRefusesBadOptions(t *testing.T) {
	t.Parallel()
	good := Options{BaseURL: "https://example.myshopify.com", Token: func() string { return "t" }, Channel: "web"}
	for name, change := range map[string]func(*Options){
		"no URL":          func(o *Options) { o.BaseURL = "" },
		"no host":         func(o *Options) { o.BaseURL = "https://" },
		"another scheme":  func(o *Options) { o.BaseURL = "file:///etc/passwd" },
		"secret in URL":   func(o *Options) { o.BaseURL = "https://user:hunter2@example.com" },
		"query":           func(o *Options) { o.BaseURL = "https://example.com/?token=hunter2" },
		"no token":        func(o *Options) { o.Token = func() string { return " " } },
		"no channel":      func(o *Options) { o.Channel = "" },
		"empty secret":    func(o *Options) { o.WebhookSecrets = func() []string { return []string{"a", ""} } },
		"bad location":    func(o *Options) { o.Locations = []string{"gid://shopify/Location/77"} },
		"location twice":  func(o *Options) { o.Locations = []string{"77", "77"} },
		"location padded": func(o *Options) { o.Locations = []string{"077"} },
	} {
		o := good
		change(&o)
		if _, err := New(o); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", name, err)
		}
	}
	c, err := New(good)
	if err != nil {
		t.Fatal(err)
	}
	if tr := c.Traits(); tr.Platform != "shopify" || tr.History || tr.Step != stock.Unit || tr.ForgetsKeysAfterHours != 20 {
		t.Errorf("traits %+v", tr)
	}
	if c.MaxRows() > 100 || !c.PlatformNow().IsZero() {
		t.Errorf("rows %d, platform now %s", c.MaxRows(), c.PlatformNow())
	}
	for locations, reads := range map[int]int{0: 250, 1: 250, 2: 500, 4: 1000, 9: 1000} {
		o := good
		o.Locations = nil
		for i := range locations {
			o.Locations = append(o.Locations, fmt.Sprint(i+1))
		}
		if c, err := New(o); err != nil || c.MaxReads() != reads {
			t.Errorf("%d locations: reads %d, %v", locations, c.MaxReads(), err)
		}
	}
}
