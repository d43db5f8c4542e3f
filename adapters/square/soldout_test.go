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

// TestMarksOfSoldOut: a mark moves no count, and is told by a read that looks at everything, by one of a counter that is known to be
// marked, and by the list of what changed in the catalog.
func TestMarksOfSoldOut(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	s := sandbox.New(sandbox.Options{Token: "token", Now: func() time.Time { return now }})
	t.Cleanup(s.Close)
	place := s.Locations()[0]
	mug, cup := s.AddVariation("MUG", "Mug", true), s.AddVariation("CUP", "Cup", true)
	for _, item := range []string{mug, cup} {
		must(t)(s.Recount(item, stock.Units(5), time.Time{}))
	}
	c, err := square.New(square.Options{Token: func() string { return "token" }, Channel: "till", Locations: []string{place}, RequestsPerSecond: 100_000,
		HTTPClient: &http.Client{Transport: shop.Direct(s)}, Now: func() time.Time { return now }})
	require.NoError(t, err)
	ref := stock.Ref{Channel: "till", Item: mug, Location: place}
	read := func(since time.Time) stock.Reading {
		t.Helper()
		page, err := c.ReadRefs(t.Context(), []stock.Ref{ref}, since)
		require.NoError(t, err)
		return page.Readings[0]
	}
	listed := func(since time.Time) map[stock.Ref]stock.SoldOut {
		t.Helper()
		marks := map[stock.Ref]stock.SoldOut{}
		for cursor := ""; ; {
			page, err := c.ListChanges(t.Context(), since, cursor)
			require.NoError(t, err)
			for _, r := range page.Readings {
				require.Equal(t, stock.Units(5), r.Quantity)
				marks[r.Ref] = r.SoldOut
			}
			if cursor = page.Next; cursor == "" {
				return marks
			}
		}
	}
	var marks []stock.SoldOut
	require.Equal(t, stock.IsNotSoldOut, read(now.Add(-time.Hour)).SoldOut)
	now = now.Add(10 * time.Second)
	before := now.Add(-time.Second)
	require.NoError(t, s.SetSoldOut(mug, place, true))
	require.Empty(t, read(before).SoldOut, "nothing hints at it")
	require.Equal(t, stock.IsSoldOut, read(time.Time{}).SoldOut, "a sweep asks it")
	require.Equal(t, map[stock.Ref]stock.SoldOut{ref: stock.IsSoldOut}, listed(before))
	require.Len(t, listed(time.Time{}), 2)
	now = now.Add(time.Hour)
	require.Equal(t, stock.IsSoldOut, read(before).SoldOut)
	c.ExpectMarks([]stock.Ref{ref})
	require.Equal(t, stock.IsSoldOut, read(before).SoldOut)
	other, err := square.New(square.Options{Token: func() string { return "token" }, Channel: "till", Locations: []string{place}, RequestsPerSecond: 100_000,
		HTTPClient: &http.Client{Transport: shop.Direct(s)}, Now: func() time.Time { return now }})
	require.NoError(t, err)
	require.NoError(t, s.SetSoldOut(mug, place, false))
	for _, expected := range []bool{false, false, true} { // it has seen no mark, and is told of one that another process saw
		if expected {
			other.ExpectMarks([]stock.Ref{ref})
		}
		page, err := other.ReadRefs(t.Context(), []stock.Ref{ref}, before)
		require.NoError(t, err)
		marks = append(marks, page.Readings[0].SoldOut)
	}
	require.Equal(t, []stock.SoldOut{stock.IsNotSoldOut, "", stock.IsNotSoldOut}, marks)
	require.Equal(t, map[stock.Ref]stock.SoldOut{ref: stock.IsNotSoldOut}, listed(now.Add(-time.Second)))
}
