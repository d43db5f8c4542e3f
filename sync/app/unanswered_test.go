package app_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
)

// failing is an error of a platform.
type failing struct {
	failure stock.Failure
	cause   error
}

func (f failing) Error() string          { return "the shop " + f.failure.Words() + " (HTTP 418)" }
func (f failing) Failure() stock.Failure { return f.failure }
func (f failing) Unwrap() error          { return f.cause }

// TestUnanswered expects that a platform which gives nothing is told with its channel, the status that helpers ask for and what mends
// it, in whatever needs its catalog or counters.
func TestUnanswered(t *testing.T) {
	t.Parallel()
	for _, failure := range stock.Failures() {
		b := newBook(t)
		b.Link()
		fails := fmt.Errorf("page 1: %w", failing{failure: failure})
		b.Web.Err, b.Web.Refuse = fails, func(stock.Ref) error { return fails }
		a := app.New(b.Options())
		_, suggested := a.SuggestLinks(t.Context())
		_, imported := a.ImportLinks(t.Context(), ann, app.LinkRequest{Rows: rows{row("TEE-M", "web", "45")}})
		_, planned := a.PlanBaseline(t.Context(), app.BaselineRequest{Authority: "till"})
		for doing, err := range map[string]error{"suggest": suggested, "import": imported, "plan": planned} {
			typed := errorIs(t, err, app.Busy)
			require.Contains(t, typed.What, "of web: the shop "+failure.Words()+" (HTTP 418)", doing)
			require.Contains(t, app.Remedies(), typed.Remedy, doing)
			require.Equal(t, []string{"web"}, typed.Meant, doing)
		}
	}
	b := newBook(t)
	fails := failing{stock.NoAnswer, context.Canceled}
	b.Web.Err, b.Web.Refuse = fails, func(stock.Ref) error { return fails }
	_, err := app.New(b.Options()).SuggestLinks(t.Context())
	require.True(t, errors.Is(err, context.Canceled), "who interrupts is not told that the platform failed")
}
