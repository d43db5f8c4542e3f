package app_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
	"github.com/evenstock/evenstock/sync/app/apptest"
	"github.com/evenstock/evenstock/sync/stream"
)

// letter is a dead letter whose event can be sent again.
var letter = stream.DeadLetter{ID: "letter-1", Reason: "item 45 overflows", Source: "evenstock.events/0/7", Channel: "web",
	Event: &stock.Event{ID: "e1", Channel: "web", Topic: "inventory_levels/update", Hint: &stock.Hint{Resource: "order/1001"}}}

// refusal is an act or a query that does not get what it asks for.
type refusal struct {
	name   string
	tell   func(b *apptest.Book)
	ask    func(ctx context.Context, b *apptest.Book, a *app.App) error
	kind   app.Kind
	says   string
	remedy app.Remedy
	meant  []string
}

// ask drops an answer.
func ask[T any](_ T, err error) error { return err }

func sell(b *apptest.Book)       { b.Sell() }
func waits(b *apptest.Book)      { b.Waits() }
func typedTwice(b *apptest.Book) { b.TypedTwice() }
func nothing(*apptest.Book)      {}

// lost has two units leave the till for no reason that anybody tells; twoLost one of the web too.
func lost(b *apptest.Book) {
	b.Open(8, 8)
	b.Deliver(apptest.TillTee, 6)
}

func twoLost(b *apptest.Book) {
	lost(b)
	b.Read(apptest.WebTee, 7, b.Now(), ledger.OwnRead{})
}

// twoTees gives a SKU twice, as merchants do.
func twoTees(b *apptest.Book) {
	b.Link()
	require.NoError(b, b.Store.SaveItems(b.Context(), []stock.Item{{ID: "item-tee-2", SKU: "TEE-M", Name: "Another tee"}}))
}

// growing is a ledger in which something happens whenever it is looked at.
type growing struct {
	ledger.Store
	b *apptest.Book
}

func (g growing) Balances(ctx context.Context, item stock.ItemID, at ledger.AsOf) (map[ledger.Account]stock.Quantity, error) {
	sold := g.b.Pass(time.Minute)
	g.b.Read(apptest.TillTee, int64(sold.Minute()), sold, ledger.OwnRead{})
	return g.Store.Balances(ctx, item, at)
}

// itemless is a ledger that has lost its items.
type itemless struct{ ledger.Store }

func (itemless) Item(context.Context, stock.ItemID) (stock.Item, error) {
	return stock.Item{}, ledger.ErrNotFound
}

func over(b *apptest.Book, store ledger.Store) *app.App {
	opts := b.Options()
	opts.Ledger = store
	return app.New(opts)
}

func typedTwiceID(ctx context.Context, b *apptest.Book, a *app.App) string {
	brakes, err := a.Brakes(ctx)
	require.NoError(b, err)
	i := slices.IndexFunc(brakes, func(brake app.Brake) bool { return brake.Kind == ledger.TypedTwice.String() })
	require.GreaterOrEqual(b, i, 0)
	return brakes[i].ID
}

var refusals = []refusal{
	{"explain an item by half its name", sell, func(ctx context.Context, _ *apptest.Book, a *app.App) error {
		return ask(a.Explain(ctx, app.ExplainQuery{SKU: "tee"}))
	}, app.NotFound, `no item has the SKU "tee"`, app.RemedyMeant, []string{"TEE-M"}},
	{"explain an unknown item", sell, func(ctx context.Context, _ *apptest.Book, a *app.App) error {
		return ask(a.Explain(ctx, app.ExplainQuery{SKU: "MUG"}))
	}, app.NotFound, `no item has the SKU "MUG"`, app.RemedyListLinks, nil},
	{"explain one of two", twoTees, func(ctx context.Context, _ *apptest.Book, a *app.App) error {
		return ask(a.Explain(ctx, app.ExplainQuery{SKU: "TEE-M"}))
	}, app.Conflict, `2 items have the SKU "TEE-M"`, app.RemedyNameByID, []string{"item-tee (A tee, size M)", "item-tee-2 (Another tee)"}},
	{"explain at another place", sell, func(ctx context.Context, _ *apptest.Book, a *app.App) error {
		return ask(a.Explain(ctx, app.ExplainQuery{SKU: "TEE-M", Location: "attic"}))
	}, app.NotFound, `TEE-M has no shelf at location "attic"`, app.RemedyNameLocation, []string{"main"}},
	{"explain what was not known", sell, func(ctx context.Context, b *apptest.Book, a *app.App) error {
		return ask(a.Explain(ctx, app.ExplainQuery{SKU: "TEE-M", At: ledger.AsOf{Recorded: b.Now().Add(-time.Hour)}}))
	}, app.NotFound, "the ledger knew nothing about TEE-M then", "", nil},
	{"explain what never stands still", sell, func(ctx context.Context, b *apptest.Book, _ *app.App) error {
		return ask(over(b, growing{b.Store, b}).Explain(ctx, app.ExplainQuery{SKU: "TEE-M"}))
	}, app.Busy, `explaining "TEE-M" at main: the shelf changes faster than it can be read`, app.RemedyAgain, nil},
	{"what was even", sell, func(ctx context.Context, b *apptest.Book, a *app.App) error {
		return ask(a.Stock(ctx, app.StockQuery{Uneven: true, At: ledger.AsOf{Occurred: b.Now()}}))
	}, app.Invalid, "nobody remembers which shelves were even in a past: ask for all of them", "", nil},
	{"links of lost items", sell, func(ctx context.Context, b *apptest.Book, _ *app.App) error {
		return ask(over(b, itemless{b.Store}).Links(ctx))
	}, app.Damaged, `the ledger speaks of an item "item-tee" that it does not have`, "", nil},

	{"unlink what is not linked", sell, func(ctx context.Context, _ *apptest.Book, a *app.App) error {
		return ask(a.Unlink(ctx, app.UnlinkRequest{Channel: "web", Item: "46"}))
	}, app.NotFound, `channel web has no link to an item "46"`, app.RemedyListLinks, nil},
	{"unlink where it is not linked", sell, func(ctx context.Context, _ *apptest.Book, a *app.App) error {
		return ask(a.Unlink(ctx, app.UnlinkRequest{Channel: "web", Item: "45", Location: "attic"}))
	}, app.NotFound, `item "45" of web is not linked at "attic"`, app.RemedyNameLocation, []string{"main"}},
	{"unlink what is asked about", typedTwice, func(ctx context.Context, _ *apptest.Book, a *app.App) error {
		return ask(a.Unlink(ctx, app.UnlinkRequest{Channel: "web", Item: "45", DryRun: true}))
	}, app.Conflict, "a question about TEE-M at main is open and would end with this link: the level of 28 may count 10 at web twice", app.RemedyAnswer,
		[]string{"typed-twice/item-tee/main/web/10"}},

	{"settle what has a cause", sell, func(ctx context.Context, _ *apptest.Book, a *app.App) error {
		return ask(a.Settle(ctx, ann, app.SettleRequest{SKU: "TEE-M", As: "shrinkage"}))
	}, app.NotFound, "no counter of TEE-M has unexplained units", app.RemedyExplain, nil},
	{"settle as what only comes", lost, func(ctx context.Context, _ *apptest.Book, a *app.App) error {
		return ask(a.Settle(ctx, ann, app.SettleRequest{SKU: "TEE-M", As: "found"}))
	}, app.Invalid, `2 of TEE-M left till without a cause: "found" is no word for that`, app.RemedySettleAs, []string{"shrinkage", "sold", "moved"}},
	{"settle more than there is", lost, func(ctx context.Context, _ *apptest.Book, a *app.App) error {
		return ask(a.Settle(ctx, ann, app.SettleRequest{SKU: "TEE-M", As: "sold", Units: 3 * stock.Unit}))
	}, app.Conflict, "2 of TEE-M at till are unexplained, not 3", app.RemedyExplain, nil},
	{"settle at two counters", twoLost, func(ctx context.Context, _ *apptest.Book, a *app.App) error {
		return ask(a.Settle(ctx, ann, app.SettleRequest{SKU: "TEE-M", As: "sold"}))
	}, app.Conflict, "2 counters of TEE-M have unexplained units", app.RemedyNameCounter, []string{"till V1 at main", "web 45 at main"}},
	{"settle what waits to join", waits, func(ctx context.Context, _ *apptest.Book, a *app.App) error {
		return ask(a.Settle(ctx, ann, app.SettleRequest{SKU: "TEE-M", As: "sold"}))
	}, app.Conflict, "TEE-M of web waits to join its shelf", app.RemedyJoin, nil},

	{"join what does not wait", sell, func(ctx context.Context, _ *apptest.Book, a *app.App) error {
		return ask(a.Join(ctx, ann, app.JoinRequest{Channel: "web", Item: "TEE-M", How: "level"}))
	}, app.NotFound, `"TEE-M" of web does not wait to join a shelf`, app.RemedyListWaiting, nil},
	{"join another item", waits, func(ctx context.Context, _ *apptest.Book, a *app.App) error {
		return ask(a.Join(ctx, ann, app.JoinRequest{Channel: "web", Item: "tee", How: "level"}))
	}, app.NotFound, `no item "tee" of web waits to join a shelf`, app.RemedyMeant, []string{"TEE-M"}},
	{"join with a slip", waits, func(ctx context.Context, _ *apptest.Book, a *app.App) error {
		return ask(a.Join(ctx, ann, app.JoinRequest{Channel: "web", Item: "TEA-M", How: "level"}))
	}, app.NotFound, `no item "TEA-M" of web waits to join a shelf`, app.RemedyMeant, []string{"TEE-M"}},
	{"join at another channel", waits, func(ctx context.Context, _ *apptest.Book, a *app.App) error {
		return ask(a.Join(ctx, ann, app.JoinRequest{Channel: "till", Item: "TEE-M", How: "level"}))
	}, app.NotFound, `"TEE-M" of till does not wait to join a shelf: that of web does`, app.RemedyListWaiting, nil},
	{"join at another place", waits, func(ctx context.Context, _ *apptest.Book, a *app.App) error {
		return ask(a.Join(ctx, ann, app.JoinRequest{Channel: "web", Item: "TEE-M", Location: "attic", How: "level"}))
	}, app.NotFound, `"TEE-M" of web waits to join the shelf at main, and not at attic`, app.RemedyListWaiting, nil},
	{"join what was changed", waits, func(ctx context.Context, _ *apptest.Book, a *app.App) error {
		return ask(a.Join(ctx, ann, app.JoinRequest{Channel: "web", Item: "TEE-M", How: "level"}))
	}, app.Conflict, `the counter of TEE-M at web was changed by -1 while it waited, and nobody has told why: if somebody typed a count in (counted) the level becomes 8, if goods came or went (moved) it becomes 7`,
		app.RemedyUntold, []string{"counted", "moved"}},
	{"join with an odd change", waits, func(ctx context.Context, _ *apptest.Book, a *app.App) error {
		return ask(a.Join(ctx, ann, app.JoinRequest{Channel: "web", Item: "TEE-M", How: "level", Untold: "odd"}))
	}, app.Invalid, `"odd" does not say what a change was that nobody told the cause of: it is moved or counted`, "", nil},
	{"join without an answer", sell, func(ctx context.Context, _ *apptest.Book, a *app.App) error {
		return ask(a.Join(ctx, ann, app.JoinRequest{Channel: "web", Item: "TEE-M", How: "both"}))
	}, app.Invalid, `"both" does not say what a count means: it is add, level or counter`, "", nil},
	{"import with no answer", sell, func(ctx context.Context, _ *apptest.Book, a *app.App) error {
		return ask(a.ImportLinks(ctx, ann, app.LinkRequest{Join: "both"}))
	}, app.Invalid, `"both" does not say what a count means: it is add, level or counter`, "", nil},

	{"plan from no channel", sell, func(ctx context.Context, _ *apptest.Book, a *app.App) error {
		return ask(a.PlanBaseline(ctx, app.BaselineRequest{Authority: "etsy"}))
	}, app.Invalid, "the authority must be the channel whose counts are right", app.RemedyNameChannel, []string{"till", "web"}},
	{"begin from no channel", sell, func(ctx context.Context, _ *apptest.Book, a *app.App) error {
		return ask(a.ApplyBaseline(ctx, ann, app.BaselineRequest{}))
	}, app.Invalid, "the authority must be the channel whose counts are right", app.RemedyNameChannel, []string{"till", "web"}},
	{"sweep in another way", nothing, func(ctx context.Context, _ *apptest.Book, a *app.App) error {
		return ask(a.Sweep(ctx, ann, app.SweepRequest{Kind: "all"}))
	}, app.Invalid, `no kind of sweep is called "all": there are recent and full`, "", nil},
	{"sweep another channel", nothing, func(ctx context.Context, _ *apptest.Book, a *app.App) error {
		return ask(a.Sweep(ctx, ann, app.SweepRequest{Kind: app.SweepFull, Channel: "etsy"}))
	}, app.NotFound, `no channel is called "etsy"`, app.RemedyNameChannel, []string{"till", "web"}},
	{"ask for another job", nothing, func(ctx context.Context, _ *apptest.Book, a *app.App) error {
		return ask(a.Job(ctx, "7"))
	}, app.NotFound, `no job has the id "7": the last 50 are remembered while the process lives`, "", nil},

	{"release no brake", typedTwice, func(ctx context.Context, _ *apptest.Book, a *app.App) error {
		return ask(a.ReleaseBrake(ctx, ann, app.ReleaseRequest{ID: "typed-twice/x"}))
	}, app.NotFound, `no brake with the id "typed-twice/x" holds: it ended, or was judged anew`, app.RemedyListBrakes, nil},
	{"release what ends by itself", typedTwice, func(ctx context.Context, _ *apptest.Book, a *app.App) error {
		return ask(a.ReleaseBrake(ctx, ann, app.ReleaseRequest{ID: "raise/item-tee/main/web"}))
	}, app.Refused, `a brake of the kind "raise unconfirmed" cannot be released`, app.RemedyWait, nil},
	{"release before the baseline", func(b *apptest.Book) { b.Link() }, func(ctx context.Context, _ *apptest.Book, a *app.App) error {
		return ask(a.ReleaseBrake(ctx, ann, app.ReleaseRequest{ID: "observing/item-tee/main"}))
	}, app.Refused, `a brake of the kind "observing" cannot be released`, app.RemedyApplyBaseline, nil},
	{"correct a mass change", sell, func(ctx context.Context, b *apptest.Book, a *app.App) error {
		return ask(a.ReleaseBrake(ctx, ann, app.ReleaseRequest{ID: b.MassChange(), Correct: true, DryRun: true}))
	}, app.Refused, "a mass change has nothing to correct", app.RemedyReleaseBrake, []string{"mass-change/web/1795424472000000000"}},

	{"resolve no call", sell, func(ctx context.Context, _ *apptest.Book, a *app.App) error {
		return ask(a.ResolvePush(ctx, ann, app.ResolveRequest{Call: "x", Item: "45"}))
	}, app.NotFound, `no call has the key "x"`, app.RemedyListPushes, nil},
	{"resolve another item", sell, func(ctx context.Context, b *apptest.Book, a *app.App) error {
		return ask(a.ResolvePush(ctx, ann, app.ResolveRequest{Call: b.SetAside(), Item: "46"}))
	}, app.NotFound, `call call-2 has no row for item "46"`, app.RemedyListPushes, nil},
	{"resolve what is definite", sell, func(ctx context.Context, _ *apptest.Book, a *app.App) error {
		return ask(a.ResolvePush(ctx, ann, app.ResolveRequest{Call: "call-1", Item: "45", Applied: true, DryRun: true}))
	}, app.Conflict, "resolving the push of web/45@77: the ref is not set aside: not found", "", nil},
	{"resolve twice", sell, func(ctx context.Context, b *apptest.Book, a *app.App) error {
		request := app.ResolveRequest{Call: b.SetAside(), Item: "45", Applied: true}
		require.NoError(b, ask(a.ResolvePush(ctx, ann, request)))
		return ask(a.ResolvePush(ctx, ann, request))
	}, app.Conflict, "resolving the push of web/45@77: the ref is not set aside: not found", "", nil},

	{"show no letter", nothing, func(ctx context.Context, _ *apptest.Book, a *app.App) error {
		return ask(a.Letter(ctx, "x"))
	}, app.NotFound, `no dead letter has the id "x"`, app.RemedyListLetters, nil},
	{"send no letter", nothing, func(ctx context.Context, _ *apptest.Book, a *app.App) error {
		return ask(a.RetryLetters(ctx, app.RetryRequest{IDs: []string{"x"}}))
	}, app.NotFound, `no dead letter has the id "x"`, app.RemedyListLetters, nil},
	{"send whatever", nothing, func(ctx context.Context, _ *apptest.Book, a *app.App) error {
		return ask(a.RetryLetters(ctx, app.RetryRequest{DryRun: true}))
	}, app.Invalid, "no dead letter is named to be sent again", app.RemedyListLetters, nil},
}

// TestRefusals expects of each that it says what is wrong and what to do, and writes nothing.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for _, r := range refusals {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			b := newBook(t)
			r.tell(b)
			err := r.ask(t.Context(), b, app.New(b.Options()))
			typed := errorIs(t, err, r.kind)
			require.Equal(t, app.Error{Kind: r.kind, What: r.says, Remedy: r.remedy, Meant: r.meant}, *typed)
			require.NotContains(t, typed.What, "evenstock ", "an answer names no command")
		})
	}
}

// Every kind and every remedy is given by some path; what begins without a ledger is said by whoever opens one.
func TestNoKindOrRemedyIsIdle(t *testing.T) {
	t.Parallel()
	kinds, remedies := map[app.Kind]bool{}, map[app.Remedy]bool{app.RemedyBegin: true, "": true}
	for _, ofMerchants := range []app.Remedy{app.RemedyNameMerchant, app.RemedyDeclare, app.RemedyUndeclare, app.RemedyOwner} {
		remedies[ofMerchants] = true // who has several says them
	}
	for _, r := range refusals {
		kinds[r.kind], remedies[r.remedy] = true, true
	}
	for _, c := range stoppedBaselines {
		remedies[c.remedy] = true
	}
	for _, c := range linkChecks {
		for _, f := range c.refused {
			remedies[f.Remedy] = true
		}
	}
	b := newBook(t)
	b.TypedTwice()
	b.MassChange()
	program := newBook(t)
	program.OtherProgram()
	for _, b := range []*apptest.Book{b, program} {
		brakes, err := app.New(b.Options()).Brakes(t.Context())
		require.NoError(t, err)
		for _, brake := range brakes {
			remedies[brake.Remedy] = true
		}
	}
	w := newBook(t)
	w.Waits()
	waiting, err := app.New(w.Options()).WaitingRefs(t.Context())
	require.NoError(t, err)
	remedies[waiting[0].Remedy] = true
	waiting, err = restarted(w, map[string]stock.Location{"78": "main"}).WaitingRefs(t.Context())
	require.NoError(t, err)
	remedies[waiting[0].Remedy] = true
	for _, c := range closedShelves {
		remedies[c.remedy] = true
	}
	for _, failure := range stock.Failures() {
		b := newBook(t)
		b.Web.Err = failing{failure: failure}
		_, err := app.New(b.Options()).SuggestLinks(t.Context())
		remedies[errorIs(t, err, app.Busy).Remedy] = true
	}
	delete(remedies, "")
	require.ElementsMatch(t, app.Remedies(), slices.Collect(maps.Keys(remedies)))
	require.Len(t, kinds, int(app.Damaged))
}

func TestKindsAsWords(t *testing.T) {
	t.Parallel()
	for kind := app.NotFound; kind <= app.Damaged; kind++ {
		text, err := kind.MarshalText()
		require.NoError(t, err)
		require.Equal(t, kind.String(), string(text))
		var read app.Kind
		require.NoError(t, read.UnmarshalText(text))
		require.Equal(t, kind, read)
	}
	_, err := app.Kind(0).MarshalText()
	require.ErrorIs(t, err, app.ErrKind)
	_, err = (app.Damaged + 1).MarshalText()
	require.ErrorIs(t, err, app.ErrKind)
	require.ErrorIs(t, new(app.Kind).UnmarshalText([]byte("gone")), app.ErrKind)
}

// act is something that can be tried first.
type act struct {
	name string
	tell func(b *apptest.Book)
	do   func(ctx context.Context, b *apptest.Book, a *app.App, dryRun bool) (any, error)
}

func answer[T any](result T, err error) (any, error) { return result, err }

var acts = []act{
	{"link", nothing, func(ctx context.Context, _ *apptest.Book, a *app.App, dryRun bool) (any, error) {
		return answer(a.ImportLinks(ctx, ann, app.LinkRequest{Rows: []app.LinkRow{{SKU: "TEE-M", Channel: "till", Item: "V1"}, {SKU: "TEE-M", Channel: "web", Item: "45"}}, DryRun: dryRun}))
	}},
	{"link another", sell, func(ctx context.Context, _ *apptest.Book, a *app.App, dryRun bool) (any, error) {
		rows := []app.LinkRow{{SKU: "TEE-M", Channel: "till", Item: "V1"}, {SKU: "TEE-M", Channel: "web", Item: "46", Shared: true}}
		return answer(a.ImportLinks(ctx, ann, app.LinkRequest{Rows: rows, DryRun: dryRun}))
	}},
	{"unlink", sell, func(ctx context.Context, _ *apptest.Book, a *app.App, dryRun bool) (any, error) {
		return answer(a.Unlink(ctx, app.UnlinkRequest{Channel: "web", Item: "45", DryRun: dryRun}))
	}},
	{"release typed twice", typedTwice, func(ctx context.Context, b *apptest.Book, a *app.App, dryRun bool) (any, error) {
		return answer(a.ReleaseBrake(ctx, ann, app.ReleaseRequest{ID: typedTwiceID(ctx, b, a), Correct: true, DryRun: dryRun}))
	}},
	{"join", func(b *apptest.Book) { b.Waits() }, func(ctx context.Context, _ *apptest.Book, a *app.App, dryRun bool) (any, error) {
		return answer(a.Join(ctx, ann, app.JoinRequest{Channel: "web", Item: "TEE-M", Location: "main", How: "counter", Untold: "moved", DryRun: dryRun}))
	}},
	{"resolve", func(b *apptest.Book) { b.Sell(); b.SetAside() }, func(ctx context.Context, _ *apptest.Book, a *app.App, dryRun bool) (any, error) {
		return answer(a.ResolvePush(ctx, ann, app.ResolveRequest{Call: "call-2", Item: "45", Applied: true, DryRun: dryRun}))
	}},
	{"send a letter again", func(b *apptest.Book) { require.NoError(b, b.Stream.Put(b.Context(), letter)) },
		func(ctx context.Context, _ *apptest.Book, a *app.App, dryRun bool) (any, error) {
			return answer(a.RetryLetters(ctx, app.RetryRequest{All: true, DryRun: dryRun}))
		}},
}

// TestDryRuns expects that a dry run says what the act then does, and leaves everything as it is.
func TestDryRuns(t *testing.T) {
	t.Parallel()
	for _, act := range acts {
		t.Run(act.name, func(t *testing.T) {
			t.Parallel()
			b := newBook(t)
			act.tell(b)
			opts := b.Options()
			woken := 0
			opts.Wake = func(channels ...stock.Channel) { woken += len(channels) }
			a := app.New(opts)
			before := b.Written()
			tried, err := act.do(t.Context(), b, a, true)
			require.NoError(t, err)
			require.Equal(t, before, b.Written())
			require.Zero(t, woken)
			done, err := act.do(t.Context(), b, a, false)
			require.NoError(t, err)
			require.Equal(t, tried, done)
			require.NotEqual(t, before, b.Written())
		})
	}
}

// An act of a person is written down with their name.
func TestTheLedgerNamesWhoActed(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.Sell()
	a := app.New(b.Options())
	id := b.MassChange()
	_, err := a.ReleaseBrake(t.Context(), ann, app.ReleaseRequest{ID: id})
	require.NoError(t, err)
	brakes, err := b.Store.StoredBrakes(t.Context())
	require.NoError(t, err)
	require.Equal(t, "ann", brakes[0].ReleasedBy)
	_, err = a.ResolvePush(t.Context(), ann, app.ResolveRequest{Call: b.SetAside(), Item: "45"})
	require.NoError(t, err)
	var by []string
	for entry, err := range ledger.AllEntries(t.Context(), b.Store, ledger.EntryFilter{}) {
		require.NoError(t, err)
		if entry.Kind == ledger.KindCorrection {
			by = append(by, entry.Evidence["by"])
		}
	}
	require.Equal(t, []string{"ann"}, by)
}

// An item that was linked before a place was added to the configuration can be unlinked.
func TestUnlinkAfterAPlaceWasAdded(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.Sell()
	opts := b.Options()
	opts.Channels[1].Locations = map[string]stock.Location{"77": "main", "78": "attic"}
	a := app.New(opts)
	for _, want := range []app.LinkResult{{Refs: 1}, {Before: 1}} {
		got, err := a.Unlink(t.Context(), app.UnlinkRequest{Channel: "web", Item: "45"})
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}

// A letter is marked only after its event is durable, and a second time is skipped.
func TestRetryOfLetters(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	a := app.New(b.Options())
	require.NoError(t, b.Stream.Put(t.Context(), letter))
	require.NoError(t, b.Stream.Put(t.Context(), stream.DeadLetter{ID: "letter-2", Reason: "the body is no JSON", Size: 12}))
	b.Stream.Fail(errors.New("disk full"))
	_, err := a.RetryLetters(t.Context(), app.RetryRequest{IDs: []string{"letter-1"}})
	require.ErrorContains(t, err, "disk full")
	b.Stream.Fail(nil)
	for _, want := range []app.RetryResult{{Sent: []string{"letter-1"}, Skipped: []string{"letter-2"}}, {Sent: []string{}, Skipped: []string{"letter-1", "letter-2"}}} {
		got, err := a.RetryLetters(t.Context(), app.RetryRequest{All: true})
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	var events []string
	require.NoError(t, a.TailEvents(t.Context(), app.TailQuery{Last: 9}, func(e app.Event) error { events = append(events, e.Event.ID); return nil }))
	require.Equal(t, "e1", strings.Join(events, " "))
}

// A person says who is right when another program writes a counter; a dry run only says what would be taken back.
func TestReleaseOtherProgram(t *testing.T) {
	t.Parallel()
	for _, correct := range []bool{false, true} {
		b := newBook(t)
		b.OtherProgram()
		a := app.New(b.Options())
		brakes, err := a.Brakes(t.Context())
		require.NoError(t, err)
		i := slices.IndexFunc(brakes, func(brake app.Brake) bool { return brake.Kind == ledger.OtherProgram.String() })
		require.GreaterOrEqual(t, i, 0)
		require.Equal(t, apptest.WebTee, brakes[i].Ref)
		require.Equal(t, stock.Units(2), brakes[i].Quantity)
		for _, dry := range []bool{true, false} {
			_, err = a.ReleaseBrake(t.Context(), app.Actor{Name: "anna"}, app.ReleaseRequest{ID: brakes[i].ID, Correct: correct, DryRun: dry})
			require.NoError(t, err)
		}
		list, err := a.Stock(t.Context(), app.StockQuery{SKU: "TEE-M"})
		require.NoError(t, err)
		require.Equal(t, map[bool]stock.Quantity{false: stock.Units(8), true: stock.Units(6)}[correct], list.Shelves[0].Level)
		findings, err := a.Report(t.Context(), app.ReportQuery{})
		require.NoError(t, err)
		require.Len(t, findings.Findings, 1)
		require.Equal(t, "TEE-M", findings.Findings[0].SKU)
	}
}
