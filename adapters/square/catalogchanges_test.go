package square_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/adapters/sandbox/shop"
	sandbox "github.com/evenstock/evenstock/adapters/sandbox/square"
	"github.com/evenstock/evenstock/adapters/square"
	"github.com/evenstock/evenstock/ledger/stock"
)

// TestListChanges: what a person does to the catalog moves no count and is listed all the same, and the read that follows asks the
// catalog again, however lately it said that the variation is counted.
func TestListChanges(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	s := sandbox.New(sandbox.Options{Token: "token", Now: func() time.Time { return now }})
	t.Cleanup(s.Close)
	place := s.Locations()[0]
	renamed, deleted, untracked := s.AddVariation("MUG", "Mug", true), s.AddVariation("CUP", "Cup", true), s.AddVariation("JAR", "Jar", true)
	s.AddVariation("SAME", "Same", true)
	refs := map[string]stock.Ref{}
	for _, item := range []string{renamed, deleted, untracked} {
		must(t)(s.Recount(item, stock.Units(5), time.Time{}))
		refs[item] = stock.Ref{Channel: "till", Item: item, Location: place}
	}
	c, err := square.New(square.Options{Token: func() string { return "token" }, Channel: "till", Locations: []string{place}, RequestsPerSecond: 100_000,
		HTTPClient: &http.Client{Transport: shop.Direct(s)}, Now: func() time.Time { return now }})
	require.NoError(t, err)
	read := func(item string) stock.CountStatus {
		t.Helper()
		page, err := c.ReadRefs(t.Context(), []stock.Ref{refs[item]}, now.Add(-time.Hour))
		require.NoError(t, err)
		return page.Readings[0].Status
	}
	for item := range refs {
		require.Equal(t, stock.Counted, read(item))
	}
	now = now.Add(10 * time.Second)
	before := now.Add(-time.Second)
	require.NoError(t, s.SetSKU(renamed, "MUG-2"))
	require.NoError(t, s.DeleteVariation(deleted))
	require.NoError(t, s.SetTracking(untracked, "", false))
	for item := range refs {
		require.Equal(t, stock.Counted, read(item), "the catalog was asked seconds ago")
	}

	changes, err := c.ListChanges(t.Context(), before, "")
	require.NoError(t, err)
	require.Empty(t, changes.Next)
	shows := map[stock.Ref]stock.CountStatus{}
	for _, reading := range changes.Readings {
		shows[reading.Ref] = reading.Status
	}
	require.Equal(t, map[stock.Ref]stock.CountStatus{refs[renamed]: stock.Counted, refs[deleted]: stock.Gone, refs[untracked]: stock.Untracked}, shows)
	called := map[string]string{}
	for _, item := range changes.Items {
		called[item.Item] = item.SKU + " " + item.Name
	}
	require.Equal(t, map[string]string{renamed: "MUG-2 Mug, Regular", untracked: "JAR Jar, Regular"}, called)

	require.Equal(t, stock.Counted, read(renamed))
	require.Equal(t, stock.Gone, read(deleted))
	require.Equal(t, stock.Untracked, read(untracked))
}
