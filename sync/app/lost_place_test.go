package app_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/explain"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
	"github.com/evenstock/evenstock/sync/app/apptest"
	"github.com/evenstock/evenstock/sync/reconcile"
)

// restarted is an app that begins with the web's locations as they are configured now.
func restarted(b *apptest.Book, places map[string]stock.Location) *app.App {
	b.Helper()
	opts := b.Options()
	opts.Channels[1].Locations = places
	channels := map[stock.Channel]reconcile.Channel{}
	for _, c := range opts.Channels {
		channels[c.Name] = reconcile.Channel{Traits: c.Traits, Locations: c.Locations}
	}
	engine, err := reconcile.New(reconcile.Options{Channels: channels})
	require.NoError(b, err)
	b.Step, opts.Step = engine.Step, engine.Step
	a := app.New(opts)
	require.NoError(b, a.CompareConfig(b.Context()))
	return a
}

func webState(t *testing.T, a *app.App) explain.State {
	t.Helper()
	list, err := a.Stock(t.Context(), app.StockQuery{SKU: "TEE-M"})
	require.NoError(t, err)
	told, err := a.Explain(t.Context(), app.ExplainQuery{SKU: "TEE-M"})
	require.NoError(t, err)
	for _, counter := range told.Shelves[0].Counters {
		for _, shown := range list.Shelves[0].Channels {
			if counter.Ref == apptest.WebTee && shown.Ref == apptest.WebTee {
				require.Equal(t, shown.State, counter.State, "stock and explain say the same")
				return shown.State
			}
		}
	}
	return ""
}

// TestAPlaceIsLostAndBack: everything says of a counter whose location the configuration lost that it waits for that and no push is on its
// way, nobody is asked about it yet, and a person is asked about what happened meanwhile when the location is back.
func TestAPlaceIsLostAndBack(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.Sell()
	require.Equal(t, explain.StatePushWanted, webState(t, app.New(b.Options())))
	a := restarted(b, map[string]stock.Location{"78": "main"})
	require.Equal(t, explain.StateMisplaced, webState(t, a), "before it is read")
	due, err := b.Store.Ref(t.Context(), apptest.WebTee)
	require.NoError(t, err)
	require.NotZero(t, due.Work.Read, "it is read at the start")
	b.Pass(time.Minute)
	b.Read(apptest.WebTee, 6, b.Now(), ledger.OwnRead{})
	require.Equal(t, explain.StateMisplaced, webState(t, a))
	status, err := a.Status(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 1, status.Away)
	list, err := a.Stock(t.Context(), app.StockQuery{SKU: "TEE-M"})
	require.NoError(t, err)
	require.Equal(t, stock.Units(7), list.Shelves[0].Level)
	waiting, err := a.WaitingRefs(t.Context())
	require.NoError(t, err)
	require.Len(t, waiting, 1)
	require.True(t, waiting[0].Away)
	require.Empty(t, waiting[0].Answers)
	require.Equal(t, stock.Units(-2), waiting[0].Others, "what was done to it is shown")
	_, err = a.Join(t.Context(), ann, app.JoinRequest{Channel: "web", Item: "TEE-M", How: "level", Untold: "moved"})
	var refused *app.Error
	require.ErrorAs(t, err, &refused)
	require.Equal(t, app.RemedyPlace, refused.Remedy)

	a = restarted(b, map[string]stock.Location{"77": "main"})
	b.Pass(time.Minute)
	b.Read(apptest.WebTee, 6, b.Now(), ledger.OwnRead{})
	require.Equal(t, explain.StateWaiting, webState(t, a))
	waiting, err = a.WaitingRefs(t.Context())
	require.NoError(t, err)
	require.False(t, waiting[0].Away)
	require.True(t, waiting[0].Lost)
	require.NotEmpty(t, waiting[0].Answers)
	joined, err := a.Join(t.Context(), ann, app.JoinRequest{Channel: "web", Item: "TEE-M", How: "level", Untold: "moved"})
	require.NoError(t, err)
	require.Equal(t, stock.Units(5), joined[0].Becomes)
	told, err := a.Explain(t.Context(), app.ExplainQuery{SKU: "TEE-M"})
	require.NoError(t, err)
	require.Empty(t, told.Shelves[0].Faults)
	var notes []string
	for _, step := range told.Shelves[0].Trail {
		if step.What == explain.StepStatus {
			notes = append(notes, step.Note)
		}
	}
	require.Equal(t, []string{"waiting: the configuration has its location no more",
		"waiting: the configuration has its location again: a person says what its count means"}, notes)
}

// TestNoBaselineIsPlannedAtALostPlace: a plan says that a counter at a lost location is not asked, as the baseline does.
func TestNoBaselineIsPlannedAtALostPlace(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.Link()
	b.Till.Counters[apptest.TillTee], b.Web.Counters[apptest.WebTee] = 8, 3
	plan, err := restarted(b, map[string]stock.Location{"77": "stall"}).PlanBaseline(t.Context(), app.BaselineRequest{Authority: "till"})
	require.NoError(t, err)
	require.Equal(t, "8", plan.Shelves[0].Counts["till"])
	require.Contains(t, plan.Shelves[0].Counts["web"], "cannot be asked: its location is not in the configuration")
	require.NotContains(t, fmt.Sprint(plan.Shown), "web")
	require.Contains(t, fmt.Sprint(plan.Shown), "till")
}
