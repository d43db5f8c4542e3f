package app_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
	"github.com/evenstock/evenstock/sync/app/apptest"
	"github.com/evenstock/evenstock/sync/reconcile"
)

// tenArticles are counted alike, but for one that the web has two more of.
func tenArticles(t *testing.T) (*apptest.Book, app.Options) {
	t.Helper()
	b := newBook(t)
	for n := range 10 {
		linkOne(b, n, 10, 10)
	}
	b.Web.Counters[webRef(0)] = 12
	opts := b.Options()
	opts.Limits = reconcile.Limits{MaxShelves: 250, MaxPercent: 30}
	return b, opts
}

func tillRef(n int) stock.Ref {
	return stock.Ref{Channel: "till", Item: fmt.Sprintf("T%d", n), Location: "L1"}
}

func webRef(n int) stock.Ref {
	return stock.Ref{Channel: "web", Item: fmt.Sprint(500 + n), Location: "77"}
}

// wishes counts the baselines that are wanted.
func wishes(b *apptest.Book) (count int) {
	b.Helper()
	for ref, err := range ledger.AllRefs(b.Context(), b.Store, ledger.RefFilter{}) {
		require.NoError(b, err)
		if ref.Work.Baseline != nil {
			count++
		}
	}
	return count
}

// What others do to the counters while the orders are listed, and what becomes of the baseline.
var meanwhile = []struct {
	name      string
	confirmed bool
	happens   func(b *apptest.Book)
	kind      app.Kind
	// what is said where nobody saw a plan, seen where its numbers were named.
	what, seen string
}{
	{name: "nothing"},
	{name: "a few sales", happens: func(b *apptest.Book) {
		for n := range 5 {
			sellTill(b, n, 1)
			sellWeb(b, 9-n, 1)
		}
	}},
	{name: "the authority is emptied", confirmed: true, happens: func(b *apptest.Book) { empty(b.Till.Counters) }, kind: app.Conflict,
		what: "the counts have changed since the plan: what is pushed to web would differ by 100 units at 10 counters, and no shelf was opened",
		seen: "on till from 10 to 0, and 7 counters more; no shelf was opened"},
	{name: "the other channel is emptied", confirmed: true, happens: func(b *apptest.Book) { empty(b.Web.Counters) }, kind: app.Conflict,
		what: "the counts have changed since the plan: what is pushed to web would differ by 102 units at 10 counters, and no shelf was opened",
		seen: "on web from 10 to 0, and 7 counters more; no shelf was opened"},
	{name: "a counter goes missing", happens: func(b *apptest.Book) { delete(b.Till.Counters, tillRef(3)) }, kind: app.Conflict},
	{name: "a counter is linked", happens: func(b *apptest.Book) { linkOne(b, 10, 3, 3) }, kind: app.Conflict},
}

func empty(counters map[stock.Ref]int64) {
	for ref := range counters {
		counters[ref] = 0
	}
}

// TestBaselineOfCountsThatChangeMeanwhile expects that nothing is opened that was not planned, with and without the id of a plan.
func TestBaselineOfCountsThatChangeMeanwhile(t *testing.T) {
	t.Parallel()
	for _, c := range meanwhile {
		for _, named := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, plan named %v", c.name, named), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					b, opts := tenArticles(t)
					p := start(t, opts)
					request := app.BaselineRequest{Authority: "till", Confirmed: c.confirmed}
					if named {
						plan, err := p.PlanBaseline(t.Context(), request)
						require.NoError(t, err)
						request.Plan = plan.ID
					}
					b.Web.Listing = func(context.Context) {
						if c.happens != nil && b.Web.Listed() == 0 {
							c.happens(b)
							b.Pass(time.Minute)
						}
					}
					job, err := p.ApplyBaseline(t.Context(), ann, request)
					require.NoError(t, err)
					synctest.Wait()
					if c.kind == 0 {
						require.Equal(t, app.JobRunning, p.job(job.ID).State)
						require.Equal(t, 20, wishes(b))
						return
					}
					failed := p.ended(job.ID)
					require.Equal(t, app.JobFailed, failed.State)
					require.Equal(t, c.kind, failed.Error.Kind)
					require.Equal(t, app.RemedyPlan, failed.Error.Remedy)
					what := c.what
					if named && c.seen != "" {
						what = c.seen
					}
					require.Contains(t, failed.Error.What, what)
					require.Zero(t, wishes(b))
				})
			})
		}
	}
}

// Counters are not read once more for a plan of this moment, and what it read of the web is the first of two readings. Links are compared.
func TestBaselineOfAPlanOfThisMoment(t *testing.T) {
	t.Parallel()
	for _, linked := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			b, opts := tenArticles(t)
			planned := b.Now()
			reads := 0
			b.Web.Refuse = func(stock.Ref) error {
				reads++
				return nil
			}
			b.Web.Listing = func(context.Context) {
				if b.Web.Listed() == 0 {
					b.Pass(10 * time.Second)
					if linked {
						linkOne(b, 10, 3, 3)
					}
				}
			}
			p := start(t, opts)
			job, err := p.ApplyBaseline(t.Context(), ann, app.BaselineRequest{Authority: "till"})
			require.NoError(t, err)
			synctest.Wait()
			require.Equal(t, 10, reads)
			if linked {
				failed := p.ended(job.ID)
				require.Equal(t, app.Conflict, failed.Error.Kind)
				require.Contains(t, failed.Error.What, "links have changed")
				require.Zero(t, wishes(b))
				return
			}
			due, err := b.Store.Ref(t.Context(), webRef(0))
			require.NoError(t, err)
			require.Equal(t, &ledger.Candidate{Quantity: stock.Units(12), Version: planned, ReadAt: planned}, due.Work.Baseline.Candidate)
			require.Equal(t, planned, due.Work.Baseline.OrdersFrom, "orders that change from then on are listed")
			due, err = b.Store.Ref(t.Context(), tillRef(0))
			require.NoError(t, err)
			require.Nil(t, due.Work.Baseline.Candidate)
		})
	}
}

// What a plan changes and what changes meanwhile may break a limit only together. Then a person is asked.
func TestBaselineThatBecomesTooMuch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, opts := tenArticles(t)
		for n := range 10 {
			b.Web.Counters[webRef(n)] = 12
		}
		b.Web.Listing = func(context.Context) {
			for n := range 10 {
				b.Till.Counters[tillRef(n)] = 8
			}
			b.Pass(time.Minute)
		}
		p := start(t, opts)
		job, err := p.ApplyBaseline(t.Context(), ann, app.BaselineRequest{Authority: "till"})
		require.NoError(t, err)
		failed := p.ended(job.ID)
		require.Equal(t, app.Refused, failed.Error.Kind)
		require.Equal(t, app.RemedyConfirm, failed.Error.Remedy)
		require.Zero(t, wishes(b))
	})
}

// sellWeb sells one of an article on the web, or gives one back.
func sellWeb(b *apptest.Book, n int, units int64) {
	b.Web.Counters[webRef(n)] -= units
	line := stock.OrderLine{ID: "1", SoldAs: webRef(n).Item, Location: "77", Taken: stock.Units(max(units, 0))}
	at := b.Now()
	if units < 0 {
		line.Taken, at = stock.Units(-units), at.Add(-time.Hour)
		line.Restocks = []stock.Restock{{ID: "9", Location: "77", Quantity: stock.Units(-units), Type: "return", At: b.Now()}}
	}
	id := fmt.Sprint(len(b.Web.Orders) + 1)
	b.Web.Orders = append(b.Web.Orders, stock.Order{Channel: "web", ID: id, Name: "#" + id, CreatedAt: at, UpdatedAt: b.Now(), Lines: []stock.OrderLine{line}})
}

// sellTill sells some of an article at the till.
func sellTill(b *apptest.Book, n int, units int64) {
	b.Till.Counters[tillRef(n)] -= units
	b.Till.Movements = append(b.Till.Movements, stock.Movement{Key: fmt.Sprint("sale/", len(b.Till.Movements)), Ref: tillRef(n), Quantity: stock.Units(-units),
		Cause: stock.Sold, OccurredAt: b.Now(), ChannelTime: b.Now()})
}

// A person looks at a plan while the shop goes on. What they have seen is done, with the sales in between; if anything else has changed,
// however little, nothing is, and they are asked again.
func TestBaselineOfWhatWasSeen(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		happens func(b *apptest.Book)
		what    string
	}{
		"nothing": {happens: func(*apptest.Book) {}},
		"sales that are told": {happens: func(b *apptest.Book) {
			sellTill(b, 4, 1)
			sellWeb(b, 7, 2)
			b.Pass(10 * time.Second)
			sellWeb(b, 7, 1)
		}},
		"a return that is told": {happens: func(b *apptest.Book) { sellWeb(b, 7, -1) }},
		"a flash sale that is told": {happens: func(b *apptest.Book) {
			for n := range 10 {
				sellWeb(b, n, 9)
			}
		}},
		"a sale of before the plan": {happens: func(b *apptest.Book) {
			sellWeb(b, 7, 1)
			b.Web.Counters[webRef(7)]++
			b.Web.Orders[0].CreatedAt = b.Now().Add(-22 * time.Second)
			sellWeb(b, 7, 3)
		}},
		"a sale that is not told": {func(b *apptest.Book) { b.Web.Counters[webRef(7)]-- },
			"counts have changed since the plan was shown, and no sale says why: SKU-07 at main on web from 10 to 9; nothing was done"},
		"a count typed in at the authority": {func(b *apptest.Book) { b.Till.Counters[tillRef(4)] = 7 }, "SKU-04 at main on till from 10 to 7; nothing was done"},
		"a count of none":                   {func(b *apptest.Book) { b.Till.Counters[tillRef(4)] = 0 }, "SKU-04 at main on till from 10 to 0"},
		"a count and sales": {func(b *apptest.Book) {
			sellTill(b, 4, 1)
			b.Pass(10 * time.Second)
			b.Till.Counters[tillRef(4)] = 13
			sellTill(b, 4, 2)
		}, "SKU-04 at main on till from 10 to 11"},
		"goods that came": {func(b *apptest.Book) {
			sellTill(b, 4, -5)
			b.Till.Movements[0].Cause = stock.Received
		}, "SKU-04 at main on till from 10 to 15"},
		"a sale that another program wrote": {func(b *apptest.Book) {
			sellTill(b, 4, 5)
			b.Till.Movements[0].Evidence = stock.Evidence{stock.EvidenceUnproven: "yes"}
		}, "SKU-04 at main on till from 10 to 5"},
		"a sale of another place": {func(b *apptest.Book) {
			sellWeb(b, 7, 1)
			b.Web.Orders[0].Lines[0].Location = "78"
		}, "SKU-07 at main on web from 10 to 9"},
		"many": {func(b *apptest.Book) { empty(b.Till.Counters) },
			"SKU-00 at main on till from 10 to 0, SKU-01 at main on till from 10 to 0, SKU-02 at main on till from 10 to 0, and 7 counters more; nothing was done"},
		"an article was linked": {func(b *apptest.Book) { linkOne(b, 10, 3, 3) }, "counters or links have changed, and nothing was done"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b, opts := tenArticles(t)
				p := start(t, opts)
				plan, err := p.PlanBaseline(t.Context(), app.BaselineRequest{Authority: "till"})
				require.NoError(t, err)
				shown := plan.Shown[slices.IndexFunc(plan.Shown, func(s app.ShownCounts) bool { return s.Channel == "web" })]
				require.Equal(t, stock.Units(12), shown.Counts[webRef(0).Item])
				require.Equal(t, b.Now(), shown.ReadAt)
				half, _, _ := strings.Cut(plan.ID, "-")
				b.Pass(20 * time.Second)
				test.happens(b)
				b.Pass(time.Minute)
				request := app.BaselineRequest{Authority: "till", Confirmed: true, Plan: half, Shown: plan.Shown}
				job, err := p.ApplyBaseline(t.Context(), ann, request)
				require.NoError(t, err)
				if test.what == "" {
					synctest.Wait()
					require.Equal(t, 20, wishes(b), "%v", p.job(job.ID).Error)
					request.Shown = nil
					again, err := p.ApplyBaseline(t.Context(), ann, request)
					require.NoError(t, err)
					require.Equal(t, job.ID, again.ID, "who looks at the same again watches it")
					return
				}
				failed := p.ended(job.ID)
				require.Equal(t, app.Conflict, failed.Error.Kind)
				require.Equal(t, app.RemedyPlan, failed.Error.Remedy)
				require.Contains(t, failed.Error.What, test.what)
				require.Zero(t, wishes(b))
			})
		})
	}
}

// A mark of sold out that counts for all channels is part of what is decided: it changes what is pushed.
func TestBaselineOfWhatIsMarkedSoldOutMeanwhile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, opts := tenArticles(t)
		for i := range opts.Channels {
			opts.Channels[i].SoldOutEverywhere = opts.Channels[i].Name == "till"
		}
		p := start(t, opts)
		plan, err := p.PlanBaseline(t.Context(), app.BaselineRequest{Authority: "till"})
		require.NoError(t, err)
		half, _, _ := strings.Cut(plan.ID, "-")
		b.Till.SoldOut = map[stock.Ref]bool{tillRef(3): true}
		b.Pass(time.Minute)
		job, err := p.ApplyBaseline(t.Context(), ann, app.BaselineRequest{Authority: "till", Confirmed: true, Plan: half, Shown: plan.Shown})
		require.NoError(t, err)
		failed := p.ended(job.ID)
		require.Equal(t, app.RemedyPlan, failed.Error.Remedy)
		require.Zero(t, wishes(b))
	})
}

// A plan that somebody else asked for just now is read no further, and is not what was shown.
func TestBaselineOfAPlanThatSomebodyElseSaw(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, opts := tenArticles(t)
		p := start(t, opts)
		plan, err := p.PlanBaseline(t.Context(), app.BaselineRequest{Authority: "till"})
		require.NoError(t, err)
		half, _, _ := strings.Cut(plan.ID, "-")
		b.Till.Counters[tillRef(4)] = 7
		b.Pass(time.Minute)
		_, err = p.PlanBaseline(t.Context(), app.BaselineRequest{Authority: "till"})
		require.NoError(t, err)
		job, err := p.ApplyBaseline(t.Context(), ann, app.BaselineRequest{Authority: "till", Confirmed: true, Plan: half, Shown: plan.Shown})
		require.NoError(t, err)
		failed := p.ended(job.ID)
		require.Contains(t, failed.Error.What, "SKU-04 at main on till from 10 to 7; nothing was done")
		require.Zero(t, wishes(b))
	})
}

// Orders take long to list. What somebody changes meanwhile was not shown either.
func TestBaselineOfWhatChangesWhileOrdersAreListed(t *testing.T) {
	t.Parallel()
	for _, whole := range []bool{false, true} {
		for _, told := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				b, opts := tenArticles(t)
				p := start(t, opts)
				plan, err := p.PlanBaseline(t.Context(), app.BaselineRequest{Authority: "till"})
				require.NoError(t, err)
				request := app.BaselineRequest{Authority: "till", Confirmed: true, Plan: plan.ID}
				if !whole {
					request.Plan, _, _ = strings.Cut(plan.ID, "-")
					request.Shown = plan.Shown
				}
				b.Web.Listing = func(context.Context) {
					if b.Web.Listed() == 0 {
						b.Pass(time.Minute)
						if b.Till.Counters[tillRef(4)] = 9; told {
							b.Till.Counters[tillRef(4)] = 10
							sellTill(b, 4, 1)
						}
					}
				}
				job, err := p.ApplyBaseline(t.Context(), ann, request)
				require.NoError(t, err)
				synctest.Wait()
				if told {
					require.Equal(t, 20, wishes(b))
					return
				}
				require.Contains(t, p.ended(job.ID).Error.What, "SKU-04 at main on till from 10 to 9; no shelf was opened")
				require.Zero(t, wishes(b))
			})
		}
	}
}

// Who applies a plan at once, as it was shown, has no counter read once more for it. One who names its numbers, another authority, or
// nothing, does; so does one who looked for long.
func TestBaselineOfAPlanThatWasJustSeen(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(request *app.BaselineRequest, plan app.BaselinePlan)
		looked time.Duration
		reads  int
	}{
		"at once":           {func(*app.BaselineRequest, app.BaselinePlan) {}, 29 * time.Second, 10},
		"long after":        {func(*app.BaselineRequest, app.BaselinePlan) {}, 30 * time.Second, 20},
		"the numbers":       {func(request *app.BaselineRequest, plan app.BaselinePlan) { request.Plan = plan.ID }, 0, 20},
		"nothing seen":      {func(request *app.BaselineRequest, _ app.BaselinePlan) { request.Shown = nil }, 0, 20},
		"another decision":  {func(request *app.BaselineRequest, _ app.BaselinePlan) { request.Plan = "" }, 0, 20},
		"another authority": {func(request *app.BaselineRequest, _ app.BaselinePlan) { request.Authority = "web" }, 0, 20},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b, opts := tenArticles(t)
				reads, planned := 0, b.Now()
				b.Web.Refuse = func(stock.Ref) error {
					reads++
					return nil
				}
				p := start(t, opts)
				plan, err := p.PlanBaseline(t.Context(), app.BaselineRequest{Authority: "till"})
				require.NoError(t, err)
				half, _, _ := strings.Cut(plan.ID, "-")
				request := app.BaselineRequest{Authority: "till", Confirmed: true, Plan: half, Shown: plan.Shown}
				test.change(&request, plan)
				b.Pass(test.looked)
				_, err = p.ApplyBaseline(t.Context(), ann, request)
				require.NoError(t, err)
				synctest.Wait()
				require.Equal(t, test.reads, reads)
				if name == "at once" {
					due, err := b.Store.Ref(t.Context(), webRef(0))
					require.NoError(t, err)
					require.Equal(t, planned, due.Work.Baseline.Candidate.ReadAt, "what the plan read is the first of two readings")
					require.Equal(t, 20, wishes(b))
				}
			})
		})
	}
}

// A plan that was just seen is not made again, so links are compared with it later, and still before any shelf is opened.
func TestBaselineOfAPlanThatWasJustSeenWithOtherLinks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, opts := tenArticles(t)
		p := start(t, opts)
		plan, err := p.PlanBaseline(t.Context(), app.BaselineRequest{Authority: "till"})
		require.NoError(t, err)
		half, _, _ := strings.Cut(plan.ID, "-")
		linkOne(b, 10, 3, 3)
		job, err := p.ApplyBaseline(t.Context(), ann, app.BaselineRequest{Authority: "till", Plan: half, Shown: plan.Shown})
		require.NoError(t, err)
		failed := p.ended(job.ID)
		require.Equal(t, app.Conflict, failed.Error.Kind)
		require.Contains(t, failed.Error.What, "links have changed")
		require.Zero(t, wishes(b))
	})
}

// A process that is killed while orders are listed has the request and the plan that it began with: that is compared again, also where
// the request named none, or only what is decided.
func TestBaselineGoesOnWithThePlan(t *testing.T) {
	t.Parallel()
	for _, named := range []string{"whole", "half", "none", "half, and seen"} {
		for _, changed := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				b, opts := tenArticles(t)
				b.Web.Listing = func(ctx context.Context) { <-ctx.Done() }
				p := start(t, opts)
				plan, err := p.PlanBaseline(t.Context(), app.BaselineRequest{Authority: "till"})
				require.NoError(t, err)
				half, _, _ := strings.Cut(plan.ID, "-")
				request := app.BaselineRequest{Authority: "till", Plan: map[string]string{"whole": plan.ID, "half": half, "half, and seen": half}[named]}
				if named == "half, and seen" {
					request.Shown = plan.Shown
				}
				job, err := p.ApplyBaseline(t.Context(), ann, request)
				require.NoError(t, err)
				synctest.Wait()
				p.kill()
				if b.Web.Listing = nil; changed {
					sellTill(b, 5, 1)
					sellTill(b, 6, 1)
				}
				p = start(t, opts)
				if !changed || request.Shown != nil { // then sales are no other plan
					require.Equal(t, app.JobRunning, p.job(job.ID).State, named)
					require.Equal(t, 20, wishes(b))
					return
				}
				failed := p.ended(job.ID)
				require.Equal(t, app.Conflict, failed.Error.Kind, named)
				require.Equal(t, app.RemedyPlan, failed.Error.Remedy)
				require.Contains(t, failed.Error.What, plan.ID)
				require.Zero(t, wishes(b))
			})
		}
	}
}

// What is linked while a baseline waits is none of its plan, and is not opened when it goes on after a crash.
func TestBaselineGoesOnWithNothingElse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, opts := tenArticles(t)
		p := start(t, opts)
		job, err := p.ApplyBaseline(t.Context(), ann, app.BaselineRequest{Authority: "till"})
		require.NoError(t, err)
		synctest.Wait()
		require.Equal(t, 20, wishes(b))
		p.kill()
		linkOne(b, 10, 3, 3)
		p = start(t, opts)
		require.Equal(t, app.JobRunning, p.job(job.ID).State)
		require.Equal(t, 20, wishes(b))
		require.Equal(t, "0 of 20 baselines taken", p.job(job.ID).Progress)
	})
}

// A job takes up what another began with as little as what it cannot read.
func TestBaselineOfAnotherJobIsNotGoneOnWith(t *testing.T) {
	t.Parallel()
	for text, fails := range map[string]bool{`{"job": "another", "plan": "x-y", "refs": 20}`: false, "{": true} {
		synctest.Test(t, func(t *testing.T) {
			b, opts := tenArticles(t)
			b.Web.Listing = func(ctx context.Context) { <-ctx.Done() }
			p := start(t, opts)
			job, err := p.ApplyBaseline(t.Context(), ann, app.BaselineRequest{Authority: "till"})
			require.NoError(t, err)
			synctest.Wait()
			p.kill()
			b.Web.Listing = nil
			_, err = b.Store.Apply(t.Context(), nil, ledger.Batch{At: b.Now(), Marks: map[string]string{"job/baseline/begun": text}})
			require.NoError(t, err)
			p = start(t, opts)
			if fails {
				require.Contains(t, p.ended(job.ID).Error.What, "reading what a baseline began with")
				return
			}
			require.Equal(t, 20, wishes(b))
		})
	}
}

// The wishes say what is planned to be pushed, and the brake what there was: only that may pass it. After a crash they still do.
func TestBaselinePassesWhatIsPlanned(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, opts := tenArticles(t)
		p := start(t, opts)
		_, err := p.ApplyBaseline(t.Context(), ann, app.BaselineRequest{Authority: "till"})
		require.NoError(t, err)
		planned := func(n int) []ledger.PlannedPush {
			due, err := b.Store.Ref(t.Context(), tillRef(n))
			require.NoError(t, err)
			return due.Work.Baseline.Pushes
		}
		for range 2 {
			synctest.Wait()
			require.Equal(t, []ledger.PlannedPush{{Ref: webRef(0), Quantity: stock.Units(-2)}}, planned(0))
			require.Empty(t, planned(1))
			brakes, err := b.Store.StoredBrakes(t.Context())
			require.NoError(t, err)
			require.Equal(t, ledger.PushLoad{Before: stock.Units(102), Stocked: 10}, reconcile.MassChangeOf("web", brakes, b.Now()).Planned)
			p.kill()
			p = start(t, opts)
		}
	})
}
