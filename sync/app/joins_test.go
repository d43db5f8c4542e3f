package app_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
	"github.com/evenstock/evenstock/sync/app/apptest"
)

// An article that came in the place of a deleted one is linked beside it without a word, waits with its own count, and joins.
func TestAnArticleMadeAnew(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.Open(8, 8)
	b.Till.Items = []stock.CatalogItem{{Item: "V9", SoldAs: "V9", SKU: "TEE-M", Name: "A tee, size M"}}
	b.Apply(ledger.OwnRead{Reading: stock.Reading{Ref: apptest.TillTee, Status: stock.Gone}, Mark: 99, ReadAt: b.Now()})
	a := app.New(b.Options())
	result, err := a.ImportLinks(t.Context(), ann, app.LinkRequest{Rows: []app.LinkRow{{SKU: "TEE-M", Channel: "till", Item: "V9"}}})
	require.NoError(t, err)
	require.Empty(t, result.Refused)
	require.Equal(t, 1, result.Refs)
	made := stock.Ref{Channel: "till", Item: "V9", Location: "L1"}
	b.Pass(time.Second)
	b.Read(made, 5, b.Now(), ledger.OwnRead{})
	waiting, err := a.WaitingRefs(t.Context())
	require.NoError(t, err)
	require.Len(t, waiting, 1)
	require.Equal(t, []stock.Quantity{stock.Units(5), stock.Units(8)}, []stock.Quantity{waiting[0].Counted, waiting[0].Level})
	list, err := a.Stock(t.Context(), app.StockQuery{SKU: "TEE-M"})
	require.NoError(t, err)
	states := map[string]string{}
	for _, counter := range list.Shelves[0].Channels {
		states[counter.Ref.Item] = string(counter.State) + counter.Reason
	}
	require.Equal(t, map[string]string{"V1": "gone" + "the platform shows no item with this id", "V9": "waiting", "45": "even"}, states)
	joined, err := a.Join(t.Context(), ann, app.JoinRequest{Channel: "till", Item: "TEE-M", How: "counter"})
	require.NoError(t, err)
	require.Equal(t, stock.Units(5), joined[0].Becomes)
	require.Len(t, joined[0].Pushes, 1, "what is gone is not pushed to")
}

// Between its link and its first reading a counter at an open shelf is counted as being read; it waits afterwards, or has joined.
func TestWhatIsReadBeforeItJoins(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	joining := func() int64 {
		status, err := app.New(b.Options()).Status(t.Context())
		require.NoError(t, err)
		return status.Joining
	}
	b.Link()
	require.Zero(t, joining(), "no shelf is open yet")
	b.Apply(ledger.WantBaseline{Ref: apptest.TillTee, Authority: true}, ledger.WantBaseline{Ref: apptest.WebTee})
	b.TakeBaselines(8, 8)
	require.Zero(t, joining(), "it joined by its baseline")
	b.Apply(ledger.UnlinkRef{Ref: apptest.WebTee})
	b.Pass(time.Minute)
	b.Apply(ledger.LinkRef{Ref: apptest.WebTee, Shelf: apptest.Tee, SoldAs: "43"})
	require.EqualValues(t, 1, joining())
	counted := b.Now()
	for range 2 {
		b.Pass(5 * time.Second)
		b.Read(apptest.WebTee, 3, counted, ledger.OwnRead{})
	}
	require.Zero(t, joining())
}

// An item that waits is found by the SKU that any channel has for it now; where that names several, by its id.
func TestWhatWaitsIsFoundByAnySKU(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.Waits()
	require.NoError(t, b.Store.SaveLabels(t.Context(), []ledger.Label{{Channel: "web", Item: "45", SKU: "TEEM"}, {Channel: "till", Item: "V1", SKU: "0500"}}))
	a := app.New(b.Options())
	for _, sku := range []string{"TEEM", "0500"} {
		joined, err := a.Join(t.Context(), ann, app.JoinRequest{Channel: "web", Item: sku, How: "add", DryRun: true})
		require.NoError(t, err, sku)
		require.Len(t, joined, 1)
		require.Equal(t, apptest.WebTee, joined[0].Ref)
		_, err = a.Join(t.Context(), ann, app.JoinRequest{Channel: "web", Item: sku, Location: "attic", How: "add", DryRun: true})
		require.ErrorContains(t, err, "waits to join the shelf at main, and not at attic")
	}
}

// A SKU by which channels call two articles that wait is no answer: nothing joins until one is named by its id.
func TestOneWordJoinsNoTwoArticles(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.Waits()
	capRef := stock.Ref{Channel: "web", Item: "46", Location: "77"}
	capShelf := stock.Shelf{Item: "item-cap", Location: "main"}
	require.NoError(t, b.Store.SaveItems(t.Context(), []stock.Item{{ID: capShelf.Item, SKU: "CAP", Name: "A cap"}}))
	till := stock.Ref{Channel: "till", Item: "V2", Location: "L1"}
	b.Apply(ledger.LinkRef{Ref: till, Shelf: capShelf, SoldAs: "V2"})
	b.Apply(ledger.WantBaseline{Ref: till, Authority: true})
	b.Read(till, 4, b.Now(), ledger.OwnRead{})
	b.Apply(ledger.LinkRef{Ref: capRef, Shelf: capShelf, SoldAs: "44"})
	counted := b.Now()
	for range 2 {
		b.Pass(5 * time.Second)
		b.Read(capRef, 9, counted, ledger.OwnRead{})
	}
	require.NoError(t, b.Store.SaveLabels(t.Context(), []ledger.Label{{Channel: "web", Item: "45", SKU: "500"}, {Channel: "web", Item: "46", SKU: "500"}}))
	a := app.New(b.Options())
	waiting, err := a.WaitingRefs(t.Context())
	require.NoError(t, err)
	require.Len(t, waiting, 2)
	_, err = a.Join(t.Context(), ann, app.JoinRequest{Channel: "web", Item: "500", How: "add"})
	var refused *app.Error
	require.ErrorAs(t, err, &refused)
	require.Equal(t, app.RemedyNameByID, refused.Remedy)
	require.ElementsMatch(t, []string{"45", "46"}, refused.Meant)
	_, err = a.Join(t.Context(), ann, app.JoinRequest{Channel: "web", Item: "46", How: "add"})
	require.NoError(t, err)
}

// A dry run with a standing answer says what would be pushed where, what is read for it, and what it cannot say.
func TestJoinsOfAnImport(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.Waits() // the web's tee came with 3 to 8, and shows 2
	b.Deliver(apptest.TillTee, 7)
	b.Till.Items = append(b.Till.Items, stock.CatalogItem{Item: "V9", SoldAs: "V9", SKU: "TEE-M", Name: "A tee, size M", Tracked: true},
		stock.CatalogItem{Item: "V8", SoldAs: "V8", SKU: "TEE-M", Name: "A tee, size M", Tracked: true})
	made := stock.Ref{Channel: "till", Item: "V9", Location: "L1"}
	b.Till.Counters[made] = 5
	a := app.New(b.Options())
	request := app.LinkRequest{DryRun: true, Join: "add", Rows: rows{
		shared(row("TEE-M", "till", "V9")), shared(row("TEE-M", "till", "V8")), row("TEE-M", "web", "45"), row("TEE-M", "till", "V1")}}
	before := b.Written()
	result, err := a.ImportLinks(t.Context(), ann, request)
	require.NoError(t, err)
	require.Equal(t, before, b.Written())
	require.Empty(t, result.Refused)
	require.Len(t, result.Joined, 2)
	require.Equal(t, stock.Units(7+5), result.Joined[0].Becomes)
	require.Equal(t, []app.JoinPush{{Ref: apptest.TillTee, From: stock.Units(7), Delta: stock.Units(5)}, {Ref: made, From: stock.Units(5), Delta: stock.Units(7)}},
		result.Joined[0].Pushes)
	require.Equal(t, stock.Units(7+5+2), result.Joined[1].Becomes)
	require.Len(t, result.Joined[1].Pushes, 3)
	require.Len(t, result.Noted, 1)
	require.Equal(t, app.NoteNoCount, result.Noted[0].Code)

	request.Join = "level"
	result, err = a.ImportLinks(t.Context(), ann, request)
	require.NoError(t, err)
	require.Len(t, result.Joined, 1, "that of the web was changed while it waited, and nobody told why")
	require.Equal(t, app.NoteUntold, result.Noted[1].Code)
	request.DryRun, request.Rows = false, request.Rows[2:]
	result, err = a.ImportLinks(t.Context(), ann, request)
	require.NoError(t, err)
	require.Empty(t, result.Joined)
	require.Len(t, result.Noted, 1)
	waiting, err := a.WaitingRefs(t.Context())
	require.NoError(t, err)
	require.Len(t, waiting, 1, "it goes on waiting")
	require.Equal(t, -stock.Unit, waiting[0].Untold)
	require.Equal(t, []app.JoinAnswer{{How: "add", Becomes: stock.Units(9)}, {How: "level", Untold: "counted", Becomes: stock.Units(7)}, {How: "level", Untold: "moved", Becomes: stock.Units(6)},
		{How: "counter", Becomes: stock.Units(1)}}, waiting[0].Answers)
}

// What is said beforehand of the pushes that follow a join names no counter that the configuration does not have: nothing is pushed there.
func TestJoinPushesNothingWhereNothingIsConfigured(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.Waits() // the web's tee came with 3 to 8, and shows 2
	opts := b.Options()
	for configured, want := range map[string][]app.JoinPush{
		"L1": {{Ref: apptest.TillTee, From: stock.Units(8), Delta: stock.Units(2)}, {Ref: apptest.WebTee, From: stock.Units(2), Delta: stock.Units(8)}},
		"L2": {{Ref: apptest.WebTee, From: stock.Units(2), Delta: stock.Units(8)}},
	} {
		opts.Channels[0].Locations = map[string]stock.Location{configured: "main"}
		joined, err := app.New(opts).Join(t.Context(), ann, app.JoinRequest{Channel: "web", Item: "TEE-M", How: "add", DryRun: true})
		require.NoError(t, err)
		require.Equal(t, want, joined[0].Pushes, configured)
	}
}

// Right after a change, whose cause may still be told, nobody is asked what it was; who knows may say so at once. A cause ends the question.
func TestNothingIsAskedOfAFreshChange(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.Waits() // it came with 3, and shows 2 since a minute
	a := app.New(b.Options())
	request := app.JoinRequest{Channel: "web", Item: "TEE-M", How: "level", DryRun: true}
	sold := b.Deliver(apptest.WebTee, 1)
	_, err := a.Join(t.Context(), ann, request)
	refused := errorIs(t, err, app.Busy)
	require.Equal(t, app.RemedyAgain, refused.Remedy)
	require.Equal(t, "the counter of TEE-M at web was changed by -2 while it waited, the last time less than 20s ago, and the cause may still be told", refused.What)
	told := request
	told.Untold = "moved"
	_, err = a.Join(t.Context(), ann, told)
	require.NoError(t, err)

	order := stock.Order{Channel: "web", ID: "900", CreatedAt: sold, UpdatedAt: sold, Lines: []stock.OrderLine{{ID: "1", SoldAs: "43", Location: "77", Taken: stock.Units(2)}}}
	b.Apply(ledger.Delivered{Event: stock.Event{ID: "order", Channel: "web", ObservedAt: b.Now(), Order: &order}})
	_, err = a.Join(t.Context(), ann, request)
	require.NoError(t, err, "both are sold")

	b.Deliver(apptest.WebTee, 0)
	b.Pass(30 * time.Second)
	_, err = a.Join(t.Context(), ann, request)
	require.Equal(t, app.RemedyUntold, errorIs(t, err, app.Conflict).Remedy, "it is late to be told")
}

// An answer is about what was shown. Sales that are told since change none; whatever else people do meanwhile has them look again.
func TestAnswerToWhatWasSeen(t *testing.T) {
	t.Parallel()
	sold := func(b *apptest.Book, ref stock.Ref, key string, quantity int64, cause stock.Cause) {
		b.Apply(ledger.Delivered{Event: stock.Event{ID: key, Channel: ref.Channel, ObservedAt: b.Now(), Movement: &stock.Movement{Key: key, Ref: ref,
			Quantity: stock.Units(quantity), Cause: cause, OccurredAt: b.Now(), ChannelTime: b.Now()}}})
	}
	for name, test := range map[string]struct {
		happens func(b *apptest.Book)
		kind    app.Kind
		what    string
		becomes int64
	}{
		"nothing": {happens: func(*apptest.Book) {}, becomes: 7},
		"sales that are told, there and elsewhere": {happens: func(b *apptest.Book) {
			b.Deliver(apptest.TillTee, 6)
			sold(b, apptest.TillTee, "s1", -2, stock.Sold)
			b.Deliver(apptest.WebTee, 1)
			sold(b, apptest.WebTee, "s2", -1, stock.Sold)
			b.Pass(time.Minute)
		}, becomes: 4},
		"one of two that is told late": {happens: func(b *apptest.Book) {
			sold(b, apptest.WebTee, "s0", -1, stock.Sold) // of before it was shown
			b.Deliver(apptest.TillTee, 7)
			sold(b, apptest.TillTee, "s1", -1, stock.Sold)
		}, becomes: 6},
		"a count typed in elsewhere": {happens: func(b *apptest.Book) {
			b.Deliver(apptest.TillTee, 5)
			b.Pass(time.Minute)
		}, kind: app.Conflict, what: "the counter at till was changed by -3, for no sale that anybody told, since the question about TEE-M at main was shown, and nothing was done: its count is 2 and the level 5 now"},
		"a count typed in elsewhere this moment": {happens: func(b *apptest.Book) { b.Deliver(apptest.TillTee, 5) }, kind: app.Busy, what: "the cause may still be told"},
		"goods that came elsewhere": {happens: func(b *apptest.Book) {
			b.Deliver(apptest.TillTee, 18)
			sold(b, apptest.TillTee, "s1", 10, stock.Received)
			b.Pass(time.Minute)
		}, kind: app.Conflict, what: "the counter at till was changed by 10"},
		"a count typed in there": {happens: func(b *apptest.Book) {
			b.Deliver(apptest.WebTee, 8)
			b.Pass(time.Minute)
		}, kind: app.Conflict, what: "the counter at web was changed by 6"},
		"it came again": {happens: func(b *apptest.Book) {
			b.Apply(ledger.UnlinkRef{Ref: apptest.WebTee})
			b.Pass(time.Minute)
			b.Apply(ledger.LinkRef{Ref: apptest.WebTee, Shelf: apptest.Tee, SoldAs: "43"})
			counted := b.Now()
			for range 2 {
				b.Pass(5 * time.Second)
				b.Read(apptest.WebTee, 2, counted, ledger.OwnRead{})
			}
		}, kind: app.Conflict, what: "something was decided about this shelf since the question"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBook(t)
			b.Waits() // with 3 to 8, and shows 2
			a := app.New(b.Options())
			waiting, err := a.WaitingRefs(t.Context())
			require.NoError(t, err)
			request := app.JoinRequest{Channel: "web", Item: "TEE-M", How: "level", Untold: "moved", Seen: waiting[0].Seen}
			test.happens(b)
			before := b.Written()
			joined, err := a.Join(t.Context(), ann, request)
			if test.kind == 0 {
				require.NoError(t, err)
				require.Equal(t, stock.Units(test.becomes), joined[0].Becomes)
				return
			}
			require.Contains(t, errorIs(t, err, test.kind).What, test.what)
			require.Equal(t, before, b.Written(), "nothing was done")
			request.Seen = 0
			_, err = a.Join(t.Context(), ann, request)
			require.NoError(t, err, "one who has seen nothing is not compared with")
		})
	}
}

// What changes between the check of an answer and its transaction has it checked anew.
func TestAnswerIsCheckedAnew(t *testing.T) {
	t.Parallel()
	for _, changes := range []int{1, 100} {
		b := newBook(t)
		b.Waits()
		opts := b.Options()
		store := &movingStore{Store: b.Store, left: changes}
		store.move = func() { b.Deliver(apptest.TillTee, 8-int64(changes-store.left)) }
		opts.Ledger = store
		joined, err := app.New(opts).Join(t.Context(), ann, app.JoinRequest{Channel: "web", Item: "TEE-M", How: "level", Untold: "moved"})
		if changes > 1 {
			require.Equal(t, app.RemedyAgain, errorIs(t, err, app.Busy).Remedy)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, stock.Units(7), joined[0].Level)
		require.Equal(t, stock.Units(6), joined[0].Becomes, "what it says is what was done")
	}
}

// movingStore has something happen before each act.
type movingStore struct {
	ledger.Store
	left int
	move func()
}

func (s *movingStore) Apply(ctx context.Context, step ledger.Step, batch ledger.Batch) (ledger.Receipt, error) {
	if s.left > 0 {
		s.left--
		s.move()
	}
	return s.Store.Apply(ctx, step, batch)
}
