package ledgertest

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// bothClocks writes a sale that happened early and was told late, and asks for the past on either clock.
func bothClocks(t *testing.T, s ledger.Store) {
	till := ref("till", "v1")
	live(t, s, "mug", 8*stock.Unit, till)
	apply(t, s, clock(20), Read(till, 7*stock.Unit, clock(15)))
	apply(t, s, clock(30), Sell(till, "A1", stock.Unit, clock(10)))
	mug, sold := ledger.AvailableOn(shelf("mug")), ledger.Account{Item: "mug", Kind: ledger.Sold, Name: "till"}
	for _, c := range []struct {
		what  string
		at    ledger.AsOf
		level stock.Quantity
		sold  stock.Quantity
	}{
		{"now", ledger.AsOf{}, 7, 1},
		{"happened by 9 s", ledger.AsOf{Occurred: clock(9)}, 8, 0},
		{"happened by 10 s", ledger.AsOf{Occurred: clock(10)}, 8, 1},
		{"happened by 15 s", ledger.AsOf{Occurred: clock(15)}, 7, 1},
		{"known at 19 s", ledger.AsOf{Recorded: clock(19)}, 8, 0},
		{"known at 20 s", ledger.AsOf{Recorded: clock(20)}, 7, 0},
		{"happened by 10 s as known at 29 s", ledger.AsOf{Occurred: clock(10), Recorded: clock(29)}, 8, 0},
		{"happened by 10 s as known at 30 s", ledger.AsOf{Occurred: clock(10), Recorded: clock(30)}, 8, 1},
		{"happened by the year 9999", ledger.AsOf{Occurred: farFuture}, 7, 1},
		{"known in the year 9999", ledger.AsOf{Recorded: farFuture}, 7, 1},
	} {
		balances, err := s.Balances(t.Context(), "mug", c.at)
		require.NoError(t, err)
		require.Equal(t, c.level*stock.Unit, balances[mug], c.what)
		require.Equal(t, c.sold*stock.Unit, balances[sold], c.what)
		levels, err := s.Levels(t.Context(), c.at)
		require.NoError(t, err)
		require.Equal(t, map[stock.Shelf]stock.Quantity{shelf("mug"): c.level * stock.Unit}, levels, c.what)
	}
	for _, at := range []ledger.AsOf{{Occurred: farPast}, {Recorded: farPast}} {
		levels, err := s.Levels(t.Context(), at)
		require.NoError(t, err)
		require.Empty(t, levels, "nothing had happened in the year 1000")
	}
	entries, err := s.Entries(t.Context(), ledger.EntryFilter{RecordedUpTo: farFuture})
	require.NoError(t, err)
	require.Len(t, entries, 4)
}

// Times that a person may ask for and no store keeps.
var (
	farPast   = time.Date(1000, 1, 1, 0, 0, 0, 0, time.UTC)
	farFuture = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
)

func entriesReadBack(t *testing.T, s ledger.Store) {
	till, web := ref("till", "v1"), ref("web", "i1")
	live(t, s, "mug", 8*stock.Unit, till, web)
	far := stock.Shelf{Item: "mug", Location: "far"}
	full := ledger.Entry{
		Key: "full", Fingerprint: "f", Kind: ledger.KindPush, Shelf: far, Ref: web, OccurredAt: clock(10), ObservedAt: clock(11),
		ExpectedDelta: -stock.Unit, Status: ledger.SetAside, Opens: true,
		Push:    &ledger.PushMark{Call: "c", Row: 2, Delta: -stock.Unit, Phase: ledger.Undecided, OccurredAt: clock(10)},
		Recount: &ledger.RecountMark{Key: "r", Counted: 5, OccurredAt: clock(9), ChannelTime: clock(12)},
		Postings: []ledger.Posting{
			{From: ledger.Account{Item: "mug", Kind: ledger.Received}, To: ledger.AvailableOn(far), Quantity: 3},
			{From: ledger.AvailableOn(far), To: ledger.Account{Item: "mug", Kind: ledger.Shrinkage}, Quantity: 1},
		},
		Evidence: stock.Evidence{"b": "2 < 3", "a": "1"},
	}
	receipt := apply(t, s, clock(20), Do(ledger.Scope{}, ledger.Changes{Entries: []ledger.Entry{full}}))
	full.Seq, full.RecordedAt = 5, clock(20)
	same(t, []ledger.Entry{full}, receipt.Entries, "receipt")
	for _, c := range []struct {
		what   string
		filter ledger.EntryFilter
		want   []int64
	}{
		{"all", ledger.EntryFilter{}, []int64{1, 2, 3, 4, 5}},
		{"item", ledger.EntryFilter{Item: "mug"}, []int64{1, 2, 3, 4, 5}},
		{"other item", ledger.EntryFilter{Item: "cup"}, nil},
		{"location", ledger.EntryFilter{Item: "mug", Location: "far"}, []int64{5}},
		{"ref", ledger.EntryFilter{Ref: web}, []int64{3, 4, 5}},
		{"page", ledger.EntryFilter{AfterSeq: 1, Limit: 2}, []int64{2, 3}},
		{"occurred", ledger.EntryFilter{OccurredUpTo: clock(9)}, []int64{1, 2, 3, 4}},
		{"recorded", ledger.EntryFilter{RecordedUpTo: clock(19)}, []int64{1, 2, 3, 4}},
	} {
		entries, err := s.Entries(t.Context(), c.filter)
		require.NoError(t, err)
		var seqs []int64
		for _, e := range entries {
			seqs = append(seqs, e.Seq)
		}
		require.Equal(t, c.want, seqs, c.what)
	}
	entries, err := s.Entries(t.Context(), ledger.EntryFilter{AfterSeq: 4})
	require.NoError(t, err)
	same(t, []ledger.Entry{full}, entries, "entry")
	clean(t, s)
}

func refsAndShelvesPage(t *testing.T, s ledger.Store) {
	var want []stock.Ref
	for i := range 5 {
		r := ref("till", fmt.Sprintf("v%d", i))
		live(t, s, stock.ItemID(r.Item), stock.Unit, r, ref("web", r.Item))
		want = append(want, r)
	}
	page, err := s.Refs(t.Context(), ledger.RefFilter{Channel: "till", After: want[1], Limit: 2})
	require.NoError(t, err)
	require.Len(t, page, 2)
	require.Equal(t, want[2], page[0].State.Ref)
	refs, err := s.Refs(t.Context(), ledger.RefFilter{Item: "v3"})
	require.NoError(t, err)
	require.Len(t, refs, 2)
	require.Equal(t, "till", string(refs[0].State.Ref.Channel))
	article, err := s.Refs(t.Context(), ledger.RefFilter{Channel: "web", Article: "v3"})
	require.NoError(t, err)
	require.Equal(t, refs[1:], article)
	require.Equal(t, stock.Unit, refs[0].Level)
	require.True(t, refs[0].Opened)

	one, err := s.Ref(t.Context(), want[0])
	require.NoError(t, err)
	require.Equal(t, shelf("v0"), one.State.Shelf)
	require.Equal(t, stock.Unit, one.Level)
	require.True(t, one.Opened)
	_, err = s.Ref(t.Context(), ref("till", "none"))
	require.ErrorIs(t, err, ledger.ErrNotFound)
	shelves, err := s.Shelves(t.Context(), ledger.ShelfFilter{After: shelf("v1"), Limit: 2})
	require.NoError(t, err)
	require.Equal(t, []ledger.ShelfState{{Shelf: shelf("v2"), Level: stock.Unit, Opened: true}, {Shelf: shelf("v3"), Level: stock.Unit, Opened: true}}, shelves)
	shelves, err = s.Shelves(t.Context(), ledger.ShelfFilter{Item: "v4"})
	require.NoError(t, err)
	require.Len(t, shelves, 1)
}

func itemsQueries(t *testing.T, s ledger.Store) {
	ctx := t.Context()
	items := []stock.Item{{ID: "a", SKU: "MUG", Name: "Mug"}, {ID: "b", SKU: "MUG"}, {ID: "c", SKU: "CUP"}}
	require.NoError(t, s.SaveItems(ctx, items))
	items[2].SKU = "BOWL"
	require.NoError(t, s.SaveItems(ctx, items[2:]))
	got, err := s.Items(ctx, "", 0)
	require.NoError(t, err)
	require.Equal(t, items, got)
	got, err = s.Items(ctx, "a", 1)
	require.NoError(t, err)
	require.Equal(t, items[1:2], got)
	for sku, want := range map[string]int{"MUG": 2, "BOWL": 1, "CUP": 0, "mug": 0, "": 0} {
		got, err = s.ItemBySKU(ctx, sku)
		require.NoError(t, err)
		require.Len(t, got, want, sku)
	}
	item, err := s.Item(ctx, "a")
	require.NoError(t, err)
	require.Equal(t, items[0], item)
	_, err = s.Item(ctx, "none")
	require.ErrorIs(t, err, ledger.ErrNotFound)
}

// labels are what the channels call linked articles: an item is found by each of them as long as the article is linked.
func labels(t *testing.T, s ledger.Store) {
	ctx := t.Context()
	require.NoError(t, s.SaveItems(ctx, []stock.Item{{ID: "v1", SKU: "MUG"}, {ID: "v2", SKU: "CUP"}}))
	apply(t, s, clock(1), Link(ref("till", "v1"), shelf("v1"), "s"), Link(ref("web", "v1"), shelf("v1"), "s"), Link(ref("till", "v2"), shelf("v2"), "s"))
	all := []ledger.Label{{Channel: "till", Item: "v1", SKU: "T-1", Name: "Mug at the till"}, {Channel: "web", Item: "v1", SKU: "MUG"}, {Channel: "till", Item: "v2"}, {Channel: "till", Item: "gone", SKU: "T-1"}}
	require.NoError(t, s.SaveLabels(ctx, all))
	found := func(sku string) (ids []stock.ItemID) {
		items, err := s.ItemBySKU(ctx, sku)
		require.NoError(t, err)
		for _, item := range items {
			ids = append(ids, item.ID)
		}
		return ids
	}
	require.Equal(t, []stock.ItemID{"v1"}, found("T-1"), "by the till's SKU; what is linked nowhere is no item")
	require.Equal(t, []stock.ItemID{"v1"}, found("MUG"), "once, by its label and by the web's SKU")
	require.Empty(t, found(""))
	got, err := s.Labels(ctx, "v1")
	require.NoError(t, err)
	require.Equal(t, all[:2], got)

	got, err = s.Labels(ctx, "v2", "nobody's", "v1")
	require.NoError(t, err)
	require.Equal(t, []ledger.Label{{Channel: "till", Item: "v1", SKU: "T-1", Name: "Mug at the till"}, {Channel: "till", Item: "v2"}, {Channel: "web", Item: "v1", SKU: "MUG"}}, got, "of several, by channel and article")

	all[2].SKU = "MUG"
	require.NoError(t, s.SaveLabels(ctx, all[2:3]))
	require.Equal(t, []stock.ItemID{"v1", "v2"}, found("MUG"), "two articles of one SKU are a question")
	apply(t, s, clock(2), decideEntry(ref("till", "v2"), func(ledger.Ref, *ledger.Snapshot) ledger.Entry {
		return ledger.Entry{Kind: ledger.KindBaseline, Status: ledger.Unlinked}
	}))
	require.Equal(t, []stock.ItemID{"v1"}, found("MUG"))
	got, err = s.Labels(ctx, "v2")
	require.NoError(t, err)
	require.Empty(t, got)
	got, err = s.Labels(ctx)
	require.NoError(t, err)
	require.Empty(t, got)
}

func runsAndFindings(t *testing.T, s ledger.Store) {
	ctx := t.Context()
	first := ledger.Run{ID: "r1", Kind: "full", Channel: "till", StartedAt: clock(1)}
	second := ledger.Run{ID: "r2", Kind: "recent", Channel: "web", StartedAt: clock(2), EndedAt: clock(3), Read: 7, Repaired: 1, Error: "e"}
	for _, run := range []ledger.Run{first, second} {
		require.NoError(t, s.SaveRun(ctx, run))
	}
	first.EndedAt = clock(9)
	require.NoError(t, s.SaveRun(ctx, first), "a run is saved again when it ends")
	for what, c := range map[string]struct {
		filter ledger.RunFilter
		want   []ledger.Run
	}{
		"all, youngest first": {ledger.RunFilter{}, []ledger.Run{second, first}},
		"channel":             {ledger.RunFilter{Channel: "till"}, []ledger.Run{first}},
		"kind":                {ledger.RunFilter{Kind: "recent"}, []ledger.Run{second}},
		"period":              {ledger.RunFilter{From: clock(1), To: clock(2)}, []ledger.Run{first}},
		"limit":               {ledger.RunFilter{Limit: 1}, []ledger.Run{second}},
	} {
		runs, err := s.Runs(ctx, c.filter)
		require.NoError(t, err)
		same(t, c.want, runs, what)
	}
	var findings []ledger.Finding
	for i := range 4 {
		findings = append(findings, ledger.Finding{
			ID: fmt.Sprintf("f%d", i), Run: "r1", At: clock(i / 2), Class: "drift", Channel: "till", Ref: ref("till", "v1"), Shelf: shelf("mug"),
			SKU: "MUG", Evidence: stock.Evidence{"expected": "7"}, Action: "read",
		})
	}
	findings[3].Run, findings[3].Channel, findings[3].Class = "r2", "web", "unlinked"
	require.NoError(t, s.SaveFindings(ctx, findings[1:]))
	apply(t, s, clock(0), Do(ledger.Scope{}, ledger.Changes{Findings: findings[:1]}))
	for what, c := range map[string]struct {
		filter ledger.FindingFilter
		want   []ledger.Finding
	}{
		"all":     {ledger.FindingFilter{}, findings},
		"run":     {ledger.FindingFilter{Run: "r2"}, findings[3:]},
		"channel": {ledger.FindingFilter{Channel: "till"}, findings[:3]},
		"class":   {ledger.FindingFilter{Class: "unlinked"}, findings[3:]},
		"period":  {ledger.FindingFilter{From: clock(0), To: clock(1)}, findings[:2]},
		"page":    {ledger.FindingFilter{AfterAt: findings[0].At, AfterID: "f0", Limit: 2}, findings[1:3]},
	} {
		got, err := s.Findings(ctx, c.filter)
		require.NoError(t, err)
		same(t, c.want, got, what)
	}
}

func summary(t *testing.T, s ledger.Store) {
	sum, err := s.Summary(t.Context())
	require.NoError(t, err)
	require.Zero(t, sum.Entries)
	require.True(t, sum.OldestUnexplained.IsZero())

	till, web := ref("till", "v1"), ref("web", "i1")
	live(t, s, "mug", 8*stock.Unit, till, web)
	require.NoError(t, s.SaveItems(t.Context(), []stock.Item{{ID: "mug"}}))
	apply(t, s, clock(20), Read(till, 7*stock.Unit, clock(15)))
	apply(t, s, clock(30), Read(till, 6*stock.Unit, clock(25)), Link(ref("till", "v2"), shelf("cup"), ""))
	apply(t, s, clock(31), Do(ledger.Scope{}, ledger.Changes{
		Calls:     []ledger.Call{{Key: "c", Channel: "web", State: ledger.CallOpen}, {Key: "d", Channel: "web", State: ledger.CallRefused}},
		Resources: []ledger.ResourceWish{{Channel: "web", Resource: "order/1", Due: clock(1)}},
	}))
	sum, err = s.Summary(t.Context())
	require.NoError(t, err)
	require.Equal(t, ledger.Summary{
		Items: 1, Shelves: 2, Entries: 7, Refs: map[ledger.RefStatus]int64{ledger.Live: 2, ledger.Linked: 1}, OpenCalls: 1,
		Wishes: map[stock.Channel]ledger.Wishes{"till": {Reads: 1}, "web": {Pushes: 1, Resources: 1}},
		Uneven: 1, Unexplained: 1, OldestUnexplained: clock(20),
	}, sum)
	accounts, err := s.Unexplained(t.Context(), till.Channel, clock(20), 0)
	require.NoError(t, err)
	same(t, []ledger.Suspense{{Shelf: shelf("mug"), Ref: till, Quantity: 2 * stock.Unit, Since: clock(20)}}, accounts, "unexplained")
	for channel, before := range map[stock.Channel]time.Time{till.Channel: clock(19), web.Channel: clock(20)} {
		accounts, err = s.Unexplained(t.Context(), channel, before, 0)
		require.NoError(t, err)
		require.Empty(t, accounts)
	}
	apply(t, s, clock(40), Sell(till, "A1", 2*stock.Unit, clock(15)))
	sum, err = s.Summary(t.Context())
	require.NoError(t, err)
	require.True(t, sum.OldestUnexplained.IsZero())
	clean(t, s)
}
