package main

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/cmd/evenstock/cli"
	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
)

// TestStockPast asks for levels before and after each thing happened and was known.
func TestStockPast(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.busyDay()
	at := func(clock string) time.Time {
		moment, err := time.Parse(time.DateTime, "2026-11-23 "+clock)
		require.NoError(t, err)
		return moment
	}
	none := time.Time{}
	tests := []struct {
		name              string
		happened, knownAt time.Time
		want              string
	}{
		{"now", none, none, "16"},
		{"nothing was known before the baseline", none, at("09:00:08"), ""},
		{"the opening was known", none, at("09:00:09"), "8"},
		{"the till's sale was not known yet", none, at("09:02:10"), "8"},
		{"the till's sale was known", none, at("09:02:11"), "7"},
		{"the till's sale had not happened", at("09:02:08"), none, "8"},
		{"the till's sale had happened", at("09:02:09"), none, "7"},
		{"the order had happened", at("09:03:12"), none, "5"},
		{"the order had happened but was not known", at("09:03:12"), at("09:03:13"), "7"},
		{"the return had happened", at("09:04:16"), none, "6"},
		{"everything had happened", at("09:05:17"), none, "16"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			found, err := b.app().Stock(t.Context(), app.StockQuery{At: ledger.AsOf{Occurred: test.happened, Recorded: test.knownAt}})
			require.NoError(t, err)
			require.False(t, found.More)
			list := found.Shelves
			if test.want == "" {
				require.Empty(t, list)
				return
			}
			require.Len(t, list, 1)
			require.Equal(t, test.want, list[0].Level.String())
			require.Equal(t, test.happened.IsZero() && test.knownAt.IsZero(), list[0].Channels != nil)
		})
	}
	stdout, _, code := b.command("stock", "TEE-M", "--as-of", "2026-11-23T09:03:12Z", "--known-at", "2026-11-23T09:03:13Z", "--json")
	require.Equal(t, cli.ExitOK, code)
	require.JSONEq(t, `[{"sku": "TEE-M", "name": "A tee, size M", "item": "item-tee", "location": "main", "opened": true, "level": "7"}]`, stdout)
	_, stderr, code := b.command("stock", "--as-of", "yesterday")
	require.Equal(t, cli.ExitUsage, code)
	require.Contains(t, stderr, `"yesterday" is not a time`)
}

// TestStockTable lists an oversold, an even and a closed shelf.
func TestStockTable(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.open(2, 2)
	sold := b.deliver(tillTee, 0)
	ordered := b.deliver(webTee, 1)
	b.ordered("1001", ordered, 1, 0)
	b.read(tillTee, 0, sold, ledger.OwnRead{Movements: []stock.Movement{adjusted("A1", -2, stock.Sold, sold)}})
	require.NoError(t, b.store.SaveItems(t.Context(), []stock.Item{{ID: "item-mug", SKU: "MUG"}, {ID: "item-cap", SKU: "CAP", Name: "A cap"}}))
	b.apply(
		ledger.LinkRef{Ref: stock.Ref{Channel: "till", Item: "V2", Location: "L1"}, Shelf: stock.Shelf{Item: "item-mug", Location: "main"}, SoldAs: "V2"},
		ledger.LinkRef{Ref: stock.Ref{Channel: "till", Item: "V3", Location: "L1"}, Shelf: stock.Shelf{Item: "item-cap", Location: "main"}, SoldAs: "V3"},
		ledger.WantBaseline{Ref: stock.Ref{Channel: "till", Item: "V3", Location: "L1"}, Authority: true})
	b.read(stock.Ref{Channel: "till", Item: "V3", Location: "L1"}, 4, b.at, ledger.OwnRead{})

	list, err := b.app().Stock(t.Context(), app.StockQuery{})
	require.NoError(t, err)
	var text bytes.Buffer
	require.NoError(t, cli.PrintStock(&text, list.Shelves, false, "", time.UTC))
	golden(t, "stock.txt", text.Bytes())

	list, err = b.app().Stock(t.Context(), app.StockQuery{Limit: 1})
	require.NoError(t, err)
	require.True(t, list.More)
	require.Equal(t, "CAP", list.Shelves[0].SKU)
	list, err = b.app().Stock(t.Context(), app.StockQuery{Uneven: true})
	require.NoError(t, err)
	require.Len(t, list.Shelves, 2)
	_, stderr, code := b.command("stock", "--limit", "2")
	require.Equal(t, cli.ExitOK, code)
	require.Contains(t, stderr, "only the first 2 shelves")
}

// A shelf that a brake holds says so.
func TestStockNamesBrakes(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.open(8, 8)
	b.read(tillTee, 18, b.deliver(tillTee, 18), ledger.OwnRead{})
	b.read(webTee, 18, b.deliver(webTee, 18), ledger.OwnRead{})
	list, err := b.app().Stock(t.Context(), app.StockQuery{})
	require.NoError(t, err)
	require.Equal(t, []string{"typed in twice"}, list.Shelves[0].Held)
	var text bytes.Buffer
	require.NoError(t, cli.PrintStock(&text, list.Shelves, false, "", time.UTC))
	require.Contains(t, text.String(), "held: typed in twice (evenstock brakes)")
}

func TestItemBySKU(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.open(2, 2)
	require.NoError(t, b.store.SaveItems(t.Context(), []stock.Item{
		{ID: "item-1", SKU: "MUG", Name: "Blue"}, {ID: "item-2", SKU: "MUG", Name: "Red"}, {ID: "item-3", SKU: "TEE-L"}}))
	tests := []struct{ sku, want, err string }{
		{"TEE-M", "item-tee", ""},
		{"item-tee", "item-tee", ""},
		{"item-2", "", "the ledger knew nothing about MUG then"},
		{"tee-m ", "", `no item has the SKU "tee-m ": did you mean "TEE-M"?`},
		{"TEE", "", `no item has the SKU "TEE": did you mean "TEE-L" or "TEE-M"?`},
		{"MUG", "", `2 items have the SKU "MUG": name one by its id: item-1 (Blue), item-2 (Red)`},
		{"hat\x1b[2J", "", `no item has the SKU "hat\x1b[2J": see evenstock link list`},
		{" ", "", `no item has the SKU " ": see evenstock link list`},
	}
	for _, test := range tests {
		e, err := b.app().Explain(t.Context(), app.ExplainQuery{SKU: test.sku})
		if test.err != "" {
			require.Equal(t, test.err, cli.Words(err, nil))
			continue
		}
		require.NoError(t, err)
		require.Equal(t, test.want, string(e.Item.ID))
	}
	_, stderr, code := b.command("explain", "TEE-M", "--location", "attic")
	require.Equal(t, cli.ExitFailed, code)
	require.Contains(t, stderr, `TEE-M has no shelf at location "attic": it has main`)
}

// TestStockWithoutLedger says what to do first.
func TestStockWithoutLedger(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	stdout, _, code := b.command("stock")
	require.Equal(t, cli.ExitOK, code)
	require.Equal(t, "no shelves yet: begin with evenstock --config "+b.cfg+" link suggest\n", stdout)
	stdout, _, code = b.command("stock", "--uneven")
	require.Equal(t, cli.ExitOK, code)
	require.Equal(t, "every shelf is even\n", stdout)
	stdout, _, code = b.command("stock", "--json")
	require.Equal(t, cli.ExitOK, code)
	var list []app.Shelf
	require.NoError(t, json.Unmarshal([]byte(stdout), &list))
	require.Empty(t, list)
	b.cfg = writeConfig(t, t.TempDir(), "https://connect.squareup.com", "https://example.myshopify.com")
	_, stderr, code := b.command("stock")
	require.Equal(t, cli.ExitFailed, code)
	require.Contains(t, stderr, "there is no ledger yet in ")
}
