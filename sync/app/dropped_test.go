package app_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/app"
	"github.com/evenstock/evenstock/sync/app/apptest"
	"github.com/evenstock/evenstock/sync/reconcile"
)

// TestUnlinkSaysWhatItDrops: what a counter that stays would get by a question that nobody answered, no unlinking brings about unasked.
// Whoever unlinks all the same is told what the question was about, what is pushed and what to do, by a dry run as well, and it stays among
// the findings.
func TestUnlinkSaysWhatItDrops(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		story func(b *apptest.Book)
		ref   stock.Ref
		says  []string
		// asks is what is to be answered first, pushed what the counter that stays gets otherwise.
		asks, pushed string
	}{
		"waits to join, and sold one": {(*apptest.Book).Waits, apptest.WebTee, []string{
			"others did -1 to it while it waited, and no level has that: if these were goods of this shelf, change a count that stays linked by -1"}, "", ""},
		"typed in twice": {(*apptest.Book).TypedTwice, apptest.WebTee, []string{
			"+10 at web was still to be said to have happened once or twice, and stands in the level of 28 twice: if it happened once, change a count that stays linked by -10"},
			"a question about TEE-M at main is open and would end with this link: the level of 28 may count 10 at web twice", "till from 18 to 28"},
		"the other of the two": {(*apptest.Book).TypedTwice, apptest.TillTee, []string{
			"+10 at web was still to be said to have happened once or twice, and stands in the level of 28 twice: if it happened once, change a count that stays linked by -10"},
			"a question about TEE-M at main is open and would end with this link: the level of 28 may count 10 at web twice", "web from 18 to 28"},
		"set to none on both": {func(b *apptest.Book) { b.Open(47, 47); b.Deliver(apptest.TillTee, 0); b.Deliver(apptest.WebTee, 0) }, apptest.TillTee, []string{
			"-47 at web was still to be said to have happened once or twice, and stands in the level of -47 twice: if it happened once, change a count that stays linked by +47"},
			"a question about TEE-M at main is open and would end with this link: the level of -47 may count 47 at web twice", "web from 0 to -47"},
		"another program": {(*apptest.Book).OtherProgram, apptest.WebTee, []string{
			"whether another program was right to write +2 to web was still to be said, and it stands in the level of 8: if it was wrong, change a count that stays linked by -2"},
			"a question about TEE-M at main is open and would end with this link: the level of 8 has what another program wrote to web", "till from 6 to 8"},
		"nothing is open": {(*apptest.Book).Sell, apptest.WebTee, nil, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBook(t)
			c.story(b)
			a := app.New(b.Options())
			request := app.UnlinkRequest{Channel: c.ref.Channel, Item: c.ref.Item}
			if c.asks != "" {
				brakes, err := a.Brakes(t.Context())
				require.NoError(t, err)
				before := b.Written()
				for _, request.DryRun = range []bool{true, false} {
					_, err := a.Unlink(t.Context(), request)
					refused := errorIs(t, err, app.Conflict)
					require.Equal(t, c.asks, refused.What)
					require.Equal(t, app.RemedyAnswer, refused.Remedy)
					require.Len(t, refused.Meant, 1)
					asked := brakes[slices.IndexFunc(brakes, func(b app.Brake) bool { return b.ID == refused.Meant[0] })]
					require.Contains(t, []string{ledger.TypedTwice.String(), ledger.OtherProgram.String()}, asked.Kind)
				}
				require.Equal(t, before, b.Written(), "nothing is unlinked")
				request.Unanswered = true
			}
			for _, request.DryRun = range []bool{true, false} {
				result, err := a.Unlink(t.Context(), request)
				require.NoError(t, err)
				var pushed []string
				for _, push := range result.Pushes {
					pushed = append(pushed, fmt.Sprintf("%s from %s to %s", push.Ref.Channel, push.From, push.From+push.Delta))
				}
				require.Equal(t, c.pushed, strings.Join(pushed, ", "))
				require.Equal(t, 1, result.Refs)
				var said []string
				for _, dropped := range result.Dropped {
					require.Equal(t, "TEE-M", dropped.SKU)
					said = append(said, dropped.Action)
				}
				require.Equal(t, c.says, said)
				findings, err := b.Store.Findings(t.Context(), ledger.FindingFilter{Class: reconcile.ClassDropped})
				require.NoError(t, err)
				require.Len(t, findings, map[bool]int{false: len(c.says)}[request.DryRun])
			}
		})
	}
}

// A question that arises between the check and the unlinking is asked all the same, and is none that was said to go unanswered.
func TestAQuestionThatArisesWhileUnlinking(t *testing.T) {
	t.Parallel()
	for _, unanswered := range []bool{false, true} {
		b := newBook(t)
		b.Open(8, 8)
		b.Deliver(apptest.TillTee, 18)
		opts := b.Options()
		store := &movingStore{Store: b.Store, left: 1, move: func() { b.Deliver(apptest.WebTee, 18) }}
		opts.Ledger = store
		result, err := app.New(opts).Unlink(t.Context(), app.UnlinkRequest{Channel: "web", Item: "45", Unanswered: unanswered})
		require.Zero(t, store.left)
		ref, failed := b.Store.Ref(t.Context(), apptest.WebTee)
		require.NoError(t, failed)
		if !unanswered {
			refused := errorIs(t, err, app.Conflict)
			require.Equal(t, app.RemedyAnswer, refused.Remedy)
			require.Contains(t, refused.What, "the level of 28 may count 10 at web twice")
			require.Equal(t, ledger.Live, ref.State.Status)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, ledger.Unlinked, ref.State.Status)
		require.Len(t, result.Dropped, 1, "it is told of what it ends")
		require.Equal(t, []app.JoinPush{{Ref: apptest.TillTee, From: stock.Units(18), Delta: stock.Units(10)}}, result.Pushes)
	}
}
