package app_test

import (
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
	"github.com/evenstock/evenstock/sync/app/apptest"
	"github.com/evenstock/evenstock/sync/reconcile"
)

// linkOne ties the n-th pair of counters to a shelf of its own and has them show counts.
func linkOne(b *apptest.Book, n int, till, web int64) {
	shelf := stock.Shelf{Item: stock.ItemID(fmt.Sprintf("item-%02d", n)), Location: "main"}
	require.NoError(b, b.Store.SaveItems(b.Context(), []stock.Item{{ID: shelf.Item, SKU: fmt.Sprintf("SKU-%02d", n), Name: fmt.Sprintf("Article %d", n)}}))
	onTill, onWeb := stock.Ref{Channel: "till", Item: fmt.Sprintf("T%d", n), Location: "L1"}, stock.Ref{Channel: "web", Item: fmt.Sprint(500 + n), Location: "77"}
	b.Apply(ledger.LinkRef{Ref: onTill, Shelf: shelf, SoldAs: onTill.Item}, ledger.LinkRef{Ref: onWeb, Shelf: shelf, SoldAs: onWeb.Item})
	b.Till.Counters[onTill], b.Web.Counters[onWeb] = till, web
}

// second ties another counter of a channel to the n-th shelf.
func second(b *apptest.Book, n int, channel stock.Channel, item, location string, units int64) stock.Ref {
	ref := stock.Ref{Channel: channel, Item: item, Location: location}
	b.Apply(ledger.LinkRef{Ref: ref, Shelf: stock.Shelf{Item: stock.ItemID(fmt.Sprintf("item-%02d", n)), Location: "main"}, SoldAs: item})
	platform := map[stock.Channel]*apptest.Platform{"till": b.Till, "web": b.Web}[channel]
	platform.Counters[ref] = units
	return ref
}

// uncounted leaves nothing on a till that sold on without being counted.
func uncounted(b *apptest.Book) {
	for n := range 10 {
		linkOne(b, n, int64(n%2*-3), 20)
	}
	linkOne(b, 10, 5, 5)
}

func planOf(b *apptest.Book, authority stock.Channel) app.BaselinePlan {
	b.Helper()
	opts := b.Options()
	opts.Limits = reconcile.Limits{MaxShelves: 250, MaxPercent: 30}
	plan, err := app.New(opts).PlanBaseline(b.Context(), app.BaselineRequest{Authority: authority})
	require.NoError(b, err)
	return plan
}

// TestPlanIsTheSameEveryTime plans unchanged shops often, with two counters of each channel on a shelf.
func TestPlanIsTheSameEveryTime(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	for n := range 5 {
		linkOne(b, n, int64(10+n), 12)
		second(b, n, "till", fmt.Sprintf("S%d", n), "L1", 3)
		second(b, n, "web", fmt.Sprint(700+n), "77", 2)
	}
	first := planOf(b, "till")
	require.Equal(t, "13", first.Shelves[0].Opening.String(), "the sum of both counters")
	require.Equal(t, map[stock.Channel]string{"till": "3 + 10", "web": "12 + 2"}, first.Shelves[0].Counts)
	require.Equal(t, map[stock.Channel]string{"till": "10, 3", "web": "1, 11"}, first.Shelves[0].Pushes)
	require.Equal(t, "opens with the sum of 2 counters of till", first.Shelves[0].Note)
	require.Equal(t, 5, first.Summary.Sums)
	for range 30 {
		require.Equal(t, shown(first), shown(planOf(b, "till")))
	}
	b.Till.Counters[stock.Ref{Channel: "till", Item: "S2", Location: "L1"}] = 4
	moved := planOf(b, "till")
	require.NotEqual(t, first.ID, moved.ID)
	require.Equal(t, first.ID[:8], moved.ID[:8], "the same is decided, about other numbers")
	delete(b.Till.Counters, stock.Ref{Channel: "till", Item: "S2", Location: "L1"})
	missing := planOf(b, "till")
	require.NotEqual(t, first.ID[:8], missing.ID[:8])
	require.Equal(t, "stays closed: till has no count for it", missing.Shelves[2].Note, "a sum of which a part is unknown is unknown")
}

// shown is a plan as a face sees it.
func shown(plan app.BaselinePlan) string {
	text := fmt.Sprintf("%s %+v", plan.ID, plan.Summary)
	for _, shelf := range plan.Shelves {
		text += fmt.Sprintf("\n%s %v %s %v %s", shelf.SKU, shelf.Counts, shelf.Opening, shelf.Pushes, shelf.Note)
	}
	return text
}

func TestPlanSummary(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	uncounted(b)
	linkOne(b, 11, 9, 2)
	linkOne(b, 12, 1, 7)
	delete(b.Till.Counters, stock.Ref{Channel: "till", Item: "T12", Location: "L1"})
	s := planOf(b, "till").Summary
	require.Equal(t, []int{12, 1, 5, 1, 0, 0, 0}, []int{s.Opens, s.Closed, s.Negative, s.Uncounted, s.Sums, s.Waits, s.Unasked})
	require.Equal(t, []app.PlannedChannel{
		{Channel: "till", Shown: stock.Units(29)},
		{Channel: "web", Changed: 11, Units: stock.Units(222), Shown: stock.Units(214), Leaves: 10, Exceeds: true},
	}, s.Channels)
	require.True(t, s.Exceeds())
	require.Len(t, s.Falls, 5)
	require.Equal(t, app.PlannedChange{SKU: "SKU-01", Location: "main", Channel: "web", From: stock.Units(20), To: stock.Units(-3)}, s.Falls[0])
	require.Equal(t, []app.PlannedChange{{SKU: "SKU-11", Location: "main", Channel: "web", From: stock.Units(2), To: stock.Units(9)}}, s.Raises)
	fromWeb := planOf(b, "web").Summary
	require.True(t, fromWeb.Exceeds(), "the other way round the till is raised")
	require.Zero(t, fromWeb.Channels[0].Leaves)
}

// refusing is an error of a platform about what was asked.
type refusing struct{ again, denied bool }

func (refusing) Error() string     { return "no such location" }
func (e refusing) Retryable() bool { return e.again }
func (e refusing) Denied() bool    { return e.denied }

// One counter that cannot be asked for does not end a plan; a platform that fails does.
func TestPlanWithACounterThatCannotBeAskedFor(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	for n := range 5 {
		linkOne(b, n, 4, 4)
	}
	b.Web.Refuse = func(ref stock.Ref) error {
		if ref.Item == "502" {
			return refusing{}
		}
		return nil
	}
	plan := planOf(b, "till")
	require.Equal(t, "cannot be asked: no such location", plan.Shelves[2].Counts["web"])
	require.Equal(t, "4", plan.Shelves[3].Counts["web"])
	require.Equal(t, 1, plan.Summary.Unasked)
	require.Equal(t, 5, plan.Summary.Opens)
	for _, err := range []error{refusing{again: true}, refusing{denied: true}, errSilent} {
		b.Web.Refuse = func(stock.Ref) error { return err }
		_, got := app.New(b.Options()).PlanBaseline(t.Context(), app.BaselineRequest{Authority: "till"})
		require.ErrorIs(t, got, err)
	}
}

// An open shelf is joined by a counter that shows the level; one that shows something else waits, and is not pushed.
func TestPlanOfWhatJoins(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.Sell() // the level is 7
	for item, units := range map[string]int64{"46": 7, "47": 9} {
		ref := stock.Ref{Channel: "web", Item: item, Location: "77"}
		b.Apply(ledger.LinkRef{Ref: ref, Shelf: apptest.Tee, SoldAs: item})
		b.Web.Counters[ref] = units
	}
	plan := planOf(b, "till")
	require.Equal(t, "open already; web waits to join: it counts 9, the level is 7", plan.Shelves[0].Note)
	require.Empty(t, plan.Shelves[0].Pushes)
	require.Equal(t, 1, plan.Summary.Waits)
}

var stoppedBaselines = []struct {
	name    string
	request app.BaselineRequest
	tell    func(b *apptest.Book)
	kind    app.Kind
	remedy  app.Remedy
}{
	{"more than the brake lets pass", app.BaselineRequest{}, uncounted, app.Refused, app.RemedyConfirm},
	{"another plan", app.BaselineRequest{Plan: "00000000-00000000", Confirmed: true}, uncounted, app.Conflict, app.RemedyPlan},
	{"another half of a plan", app.BaselineRequest{Plan: "0000", Confirmed: true}, uncounted, app.Conflict, app.RemedyPlan},
}

// TestBaselineThatStops expects that nothing is written when what would be done is not what a person has seen.
func TestBaselineThatStops(t *testing.T) {
	t.Parallel()
	for _, c := range stoppedBaselines {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBook(t)
				c.tell(b)
				opts := b.Options()
				opts.Limits = reconcile.Limits{MaxPercent: 30}
				p := start(t, opts)
				c.request.Authority = "till"
				before := b.Written()
				job, err := p.ApplyBaseline(t.Context(), ann, c.request)
				require.NoError(t, err)
				failed := p.ended(job.ID)
				require.Equal(t, app.JobFailed, failed.State)
				require.Equal(t, c.kind, failed.Error.Kind)
				require.Equal(t, c.remedy, failed.Error.Remedy)
				require.Equal(t, before, b.Written())
			})
		})
	}
}

// The plan that a person has seen is done, however much it changes.
func TestBaselineThatIsConfirmed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBook(t)
		uncounted(b)
		opts := b.Options()
		opts.Limits = reconcile.Limits{MaxPercent: 30}
		p := start(t, opts)
		plan, err := p.PlanBaseline(t.Context(), app.BaselineRequest{Authority: "till"})
		require.NoError(t, err)
		job, err := p.ApplyBaseline(t.Context(), ann, app.BaselineRequest{Authority: "till", Plan: plan.ID, Confirmed: true})
		require.NoError(t, err)
		synctest.Wait()
		require.Equal(t, app.JobRunning, p.job(job.ID).State)
		require.Equal(t, "0 of 22 baselines taken", p.job(job.ID).Progress)
	})
}
