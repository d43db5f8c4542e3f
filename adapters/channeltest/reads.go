package channeltest

import (
	"net/http/httptest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/stock"
)

// read: each ref has one reading, and what is not known is never zero.
func read(b *bench) {
	ref := b.stock(10)
	other := b.stock(0)
	gone := stock.Ref{Channel: channel, Item: "999999", Location: ref.Location}
	first := b.read(ref)
	require.Equal(b.t, stock.Counted, first.Status)
	require.Equal(b.t, stock.Units(10), first.Quantity)
	require.False(b.t, first.Version.After(b.clock.Now()))
	require.False(b.t, b.PlatformNow().After(b.clock.Now()), "ahead of the platform's clock")

	b.sell(ref, 3)
	page, err := b.ReadRefs(b.t.Context(), []stock.Ref{ref, other, gone, ref}, time.Time{})
	require.NoError(b.t, err)
	require.Empty(b.t, page.Next)
	readings := map[stock.Ref]stock.Reading{}
	for _, reading := range page.Readings {
		require.NotContains(b.t, readings, reading.Ref, "twice")
		readings[reading.Ref] = reading
	}
	require.Len(b.t, readings, 3)
	require.Equal(b.t, stock.Units(7), readings[ref].Quantity)
	require.True(b.t, readings[ref].Version.After(first.Version))
	require.Equal(b.t, stock.Counted, readings[other].Status, "none left is a count")
	require.Contains(b.t, []stock.CountStatus{stock.Missing, stock.Gone}, readings[gone].Status)

	before, _ := b.gate.asked()
	page, err = b.ReadRefs(b.t.Context(), nil, time.Time{})
	require.NoError(b.t, err)
	require.Empty(b.t, page.Readings)
	for _, bad := range []stock.Ref{{Channel: "another", Item: ref.Item, Location: ref.Location}, {Channel: channel, Item: ref.Item}, {Channel: channel, Location: ref.Location}} {
		_, err = b.ReadRefs(b.t.Context(), []stock.Ref{ref, bad}, time.Time{})
		require.Error(b.t, err)
		require.False(b.t, classOf(err).retryable)
	}
	after, _ := b.gate.asked()
	require.Equal(b.t, before, after, "nothing was asked")

	typo := stock.Ref{Channel: channel, Item: "no id", Location: ref.Location}
	page, err = b.ReadRefs(b.t.Context(), []stock.Ref{ref, typo, other}, time.Time{})
	require.NoError(b.t, err, "a ref that cannot be asked for does not keep the others from being read")
	require.Len(b.t, page.Readings, 3)
	for _, reading := range page.Readings {
		require.Equal(b.t, reading.Ref == typo, reading.Status == stock.Missing, "%s", reading.Ref)
	}

	b.shop.Untrack(b.t, ref.Item)
	b.clock.advance(time.Hour)
	require.Equal(b.t, stock.Untracked, b.read(ref).Status)
}

// readMoved: a read can bring what moved the counter since then, and so can a list.
func readMoved(b *bench) {
	ref := b.stock(10)
	b.now()
	since := b.clock.Now()
	b.clock.advance(moment)
	b.sell(ref, 3)
	page, err := b.ReadRefs(b.t.Context(), []stock.Ref{ref}, since)
	require.NoError(b.t, err)
	require.Equal(b.t, stock.Units(-3), explained(page))
	page, err = b.ListMovements(b.t.Context(), since, "")
	require.NoError(b.t, err)
	require.Equal(b.t, stock.Units(-3), explained(page))
	page, err = b.ListMovements(b.t.Context(), b.clock.Now(), "")
	require.NoError(b.t, err)
	require.Zero(b.t, explained(page), "nothing since then")
}

// changes: what people do to the catalog is listed, with what it means for counters; of what was deleted at least the number is told. The
// read that follows agrees, however lately the adapter asked.
func changes(b *bench) {
	same, untracked, deleted := b.stock(1), b.stock(2), b.stock(3)
	since := b.clock.Now()
	list := func() (all stock.CatalogChanges, shows map[string]stock.CountStatus) {
		shows = map[string]stock.CountStatus{}
		for cursor := ""; ; {
			page, err := b.ListChanges(b.t.Context(), since, cursor)
			require.NoError(b.t, err)
			for _, r := range page.Readings {
				shows[r.Ref.Item] = r.Status
			}
			all.Items, all.Articles, all.Made = append(all.Items, page.Items...), page.Articles, all.Made+page.Made
			if cursor = page.Next; cursor == "" {
				return all, shows
			}
		}
	}
	before, shows := list()
	require.Empty(b.t, before.Items)
	require.Empty(b.t, shows)
	for _, ref := range []stock.Ref{untracked, deleted} {
		require.Equal(b.t, stock.Counted, b.read(ref).Status)
	}
	b.clock.advance(moment)
	b.shop.Untrack(b.t, untracked.Item)
	b.shop.Delete(b.t, deleted.Item)
	made := b.stock(4)
	after, shows := list()
	require.Equal(b.t, stock.Untracked, shows[untracked.Item])
	require.NotContains(b.t, shows, same.Item)
	if after.Articles > 0 {
		require.Less(b.t, after.Articles, before.Articles+after.Made)
	} else {
		require.Equal(b.t, stock.Gone, shows[deleted.Item])
	}
	var listed []string
	for _, item := range after.Items {
		listed = append(listed, item.Item)
	}
	require.ElementsMatch(b.t, []string{untracked.Item, made.Item}, listed)
	require.Equal(b.t, stock.Untracked, b.read(untracked).Status)
	require.Equal(b.t, stock.Gone, b.read(deleted).Status)
}

// explained sums what the facts of a page did to counters. Sales have a history row or an order, never both.
func explained(page stock.Page) (sum stock.Quantity) {
	for _, m := range page.Movements {
		if m.Cause == stock.Sold {
			sum += m.Quantity
		}
	}
	for _, order := range page.Orders {
		for _, line := range order.Lines {
			sum -= line.Taken
		}
	}
	return sum
}

// staleAnswer: a copy of the shop that lags behind is told by its version, whenever it answered.
func staleAnswer(b *bench) {
	ref := b.stock(10)
	copied := &memory{answers: map[string]*httptest.ResponseRecorder{}}
	b.gate.strike(copied.remember)
	then := b.read(ref)
	b.gate.strike(nil)
	b.sell(ref, 3)
	fresh := b.read(ref)
	require.Equal(b.t, stock.Units(7), fresh.Quantity)
	clock := b.PlatformNow()

	b.gate.strike(copied.remember)
	stale := b.read(ref)
	require.Equal(b.t, then, stale, "as it was then, version and all")
	require.True(b.t, stale.Version.Before(fresh.Version))
	require.False(b.t, b.PlatformNow().Before(clock), "the clock is not the copy's")
	require.False(b.t, b.PlatformNow().After(b.clock.Now()))
}

// pages: every list goes to its end, each row comes once, and another adapter can go on where one stopped.
func pages(b *bench) {
	var ref stock.Ref
	items := map[string]bool{}
	for range b.harness.Items {
		ref = stock.Ref{Channel: channel, Item: b.shop.Add(b.t, int64(b.harness.Sales)), Location: b.shop.Location()}
		items[ref.Item] = true
	}
	b.clock.advance(moment)
	turns := []Platform{b.Platform, b.connect()}

	counts := map[string]stock.Reading{}
	b.toTheEnd(func(i int, cursor string) string {
		page, err := turns[i%2].ListCounts(b.t.Context(), time.Time{}, cursor)
		require.NoError(b.t, err)
		for _, reading := range page.Readings {
			require.NotContains(b.t, counts, reading.Ref.Item, "twice")
			require.Equal(b.t, stock.Units(int64(b.harness.Sales)), reading.Quantity)
			counts[reading.Ref.Item] = reading
		}
		return page.Next
	})
	require.Len(b.t, counts, len(items))

	listed := map[string]bool{}
	b.toTheEnd(func(i int, cursor string) string {
		page, next, err := turns[i%2].Catalog(b.t.Context(), cursor)
		require.NoError(b.t, err)
		for _, item := range page {
			require.False(b.t, listed[item.Item], "twice")
			require.NotEmpty(b.t, item.SoldAs)
			listed[item.Item] = true
		}
		return next
	})
	require.Equal(b.t, items, listed)

	since := b.clock.Now()
	b.clock.advance(moment)
	for range b.harness.Sales {
		b.shop.Sell(b.t, ref.Item, 1)
	}
	b.clock.advance(moment)
	var sum stock.Quantity
	b.toTheEnd(func(i int, cursor string) string {
		page, err := turns[i%2].ListMovements(b.t.Context(), since, cursor)
		require.NoError(b.t, err)
		sum += explained(page)
		return page.Next
	})
	require.Equal(b.t, stock.Units(-int64(b.harness.Sales)), sum)
}

// toTheEnd asks for page after page, and that there are several.
func (b *bench) toTheEnd(page func(i int, cursor string) (next string)) {
	b.t.Helper()
	cursor, i := page(0, ""), 1
	for ; cursor != ""; i++ {
		require.Less(b.t, i, 10_000, "it does not end")
		cursor = page(i, cursor)
	}
	require.Greater(b.t, i, 1, "one page proves nothing: the harness has too few")
}
