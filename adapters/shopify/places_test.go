package shopify

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/stock"
)

// levelsAt answers reads of levels: item i at location l counts 10·i + l, item 500 is gone, and each answer says what it cost.
func levelsAt(cost func(ids, places int) float64) *pretend {
	return &pretend{answer: func(_ int, _ string, vars map[string]any) (int, map[string]string, string) {
		names := map[string]any{"inventoryLevel": vars["location"]}
		for place := 2; place <= placesAtOnce; place++ {
			if at := vars[placeName(place)]; at != nil {
				names[placeName(place)] = at
			}
		}
		var nodes []string
		for _, id := range vars["ids"].([]any) {
			var item int
			_, _ = fmt.Sscanf(id.(string), gidPrefix+typeItem+"/%d", &item)
			node := fmt.Sprintf(`{"id":%q,"tracked":true`, id)
			for name, at := range names {
				var location int
				_, _ = fmt.Sscanf(at.(string), gidPrefix+typeLocation+"/%d", &location)
				node += fmt.Sprintf(`,%q:{"updatedAt":"2026-10-02T13:00:00Z","isActive":true,"quantities":[{"name":"available","quantity":%d}]}`, name, item*10+location)
			}
			if node += "}"; item == 500 {
				node = "null"
			}
			nodes = append(nodes, node)
		}
		return 200, map[string]string{"Date": today}, fmt.Sprintf(`{"data":{"nodes":[%s]},"extensions":{"cost":{"requestedQueryCost":%g}}}`,
			strings.Join(nodes, ","), cost(len(vars["ids"].([]any)), len(names)))
	}}
}

// Items that are asked for at every location take one request for several, once an answer has told that this is not too much.
func TestReadRefsAtSeveralLocations(t *testing.T) {
	t.Parallel()
	cheap := func(ids, places int) float64 { return 1 + float64(size(ids)*(1+2*places)) }
	dear := func(ids, places int) float64 { return 1 + float64(ids*(1+2*places)) }
	one, at2, at3, at4 := opReadRefs.name, opReadPlaces[2].name, opReadPlaces[3].name, opReadPlaces[4].name
	for name, c := range map[string]struct {
		items, places int
		more          []stock.Ref
		cost          func(ids, places int) float64
		first, then   []string
	}{
		"one place":                     {items: 3, places: 1, cost: cheap, first: []string{one}, then: []string{one}},
		"two places":                    {items: 3, places: 2, cost: cheap, first: []string{one, one}, then: []string{at2}},
		"three places":                  {items: 3, places: 3, cost: cheap, first: []string{one, one, one}, then: []string{at3}},
		"six places":                    {items: 3, places: 6, cost: cheap, first: []string{one, one, one, one, one, one}, then: []string{at4, at2}},
		"a full page of two places":     {items: 250, places: 2, cost: cheap, first: []string{one, one}, then: []string{at2}},
		"a full page, each a node":      {items: 250, places: 2, cost: dear, first: []string{one, one}, then: []string{one, one}},
		"half a page, each a node":      {items: 100, places: 2, cost: dear, first: []string{one, one}, then: []string{at2}},
		"another item at one of two":    {items: 3, places: 2, cost: cheap, more: []stock.Ref{ref("901", "1")}, first: []string{one, one}, then: []string{one, one}},
		"another item at one of three":  {items: 3, places: 3, cost: cheap, more: []stock.Ref{ref("901", "1")}, first: []string{one, one, one}, then: []string{one, at3}},
		"others, each at another place": {places: 2, cost: cheap, more: []stock.Ref{ref("901", "1"), ref("902", "2")}, first: []string{one, one}, then: []string{one, one}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := levelsAt(c.cost)
			channel := channelOn(t, p)
			refs := append([]stock.Ref(nil), c.more...)
			for i := range c.items {
				for place := range c.places {
					refs = append(refs, ref(fmt.Sprint(500+i), fmt.Sprint(1+place)))
				}
			}
			want := map[stock.Ref]stock.Reading{}
			for _, r := range refs {
				var item, location int64
				_, _ = fmt.Sscan(r.Item, &item)
				_, _ = fmt.Sscan(r.Location, &location)
				want[r] = stock.Reading{Ref: r, Status: stock.Counted, Quantity: stock.Units(item*10 + location), Version: at(t, "2026-10-02T13:00:00Z")}
				if item == 500 {
					want[r] = stock.Reading{Ref: r, Status: stock.Gone}
				}
			}
			for _, asks := range [][]string{c.first, c.then} {
				before := len(p.operations())
				page, err := channel.ReadRefs(t.Context(), refs, time.Time{})
				require.NoError(t, err)
				require.Equal(t, asks, p.operations()[before:])
				got := map[stock.Ref]stock.Reading{}
				for _, reading := range page.Readings {
					got[reading.Ref] = reading
				}
				require.Equal(t, want, got)
				require.Len(t, page.Readings, len(refs), "none twice")
			}
		})
	}
}

// size is less than n, as the factor of many nodes is by the costs that were seen.
func size(n int) int {
	factor := 1
	for n > factor*factor {
		factor++
	}
	return factor
}
