package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/evenstock/evenstock/adapters/sandbox/shopify"
	"github.com/evenstock/evenstock/adapters/sandbox/square"
	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// Before a baseline nothing is pushed, whatever the counters show; the plan writes nothing.
func TestObservesOnlyUntilTheBaseline(t *testing.T) {
	t.Parallel()
	s := newStage(t, stageOptions{})
	tee := s.sells("TEE-M", 8, 3)
	s.serve()
	csv := filepath.Join(t.TempDir(), "links.csv")
	must(t, os.WriteFile(csv, []byte(s.command("link", "suggest")), 0o600))
	s.command("link", "import", csv)
	s.sell(tee, 1)
	plan := s.command("baseline", "plan", "--authority", "till")
	if !strings.Contains(plan, "TEE-M") || !strings.Contains(plan, " 4\n") {
		t.Errorf("the plan does not say that the web gets 4:\n%s", plan)
	}
	s.command("reconcile", "run")
	if id := s.brake("observing"); !strings.HasPrefix(id, "observing/") {
		t.Errorf("the brake is called %s", id)
	}
	if n := s.pushes(s.shopify.Truth()) + s.pushes(s.square.Truth()); n != 0 {
		t.Errorf("%d pushes before the baseline", n)
	}
	s.command("baseline", "apply", "--authority", "till")
	s.even(tee, "7")
	s.explained(tee, map[string]string{"opening": "-7"})
}

// A link made later begins with a baseline of its own and opens nothing. It shows another number, so it waits, and joins by a person's
// word; unlinking posts nothing and pushes no more.
func TestLinkLaterAndUnlink(t *testing.T) {
	t.Parallel()
	s := newStage(t, stageOptions{})
	tee := s.sells("TEE-M", 8, 5)
	s.serve()
	csv := filepath.Join(t.TempDir(), "links.csv")
	must(t, os.WriteFile(csv, []byte(fmt.Sprintf("sku,name,channel,item,sold_as\nTEE-M,Tee,till,%s,\n", tee.till)), 0o600))
	s.command("link", "import", csv)
	s.command("baseline", "apply", "--authority", "till")
	s.eventually("the shelf to be open", func() string { return s.levelIs(tee, "8") })
	must(t, os.WriteFile(csv, []byte(s.command("link", "suggest")), 0o600))
	s.command("link", "import", csv)
	s.status(tee.web, ledger.WaitsToJoin)
	if waiting := s.command("link", "waiting"); !strings.Contains(waiting, "TEE-M") {
		t.Errorf("nobody is asked:\n%s", waiting)
	}
	if would := s.command("link", "join", "web", "TEE-M", "level", "--dry-run"); !strings.Contains(would, "web from 5 to 8") {
		t.Errorf("it is not said what would be pushed:\n%s", would)
	}
	if _, web := s.counts(tee); web != "5" {
		t.Errorf("the web shows %s while it waits, want 5", web)
	}
	s.command("link", "join", "web", "TEE-M", "level")
	s.even(tee, "8")
	s.order(tee, 2)
	s.even(tee, "6")
	s.explained(tee, map[string]string{"opening": "-8", "sold/web": "2"})

	s.command("link", "remove", "web", tee.web)
	s.sell(tee, 1)
	s.eventually("the sale", func() string { return s.levelIs(tee, "5") })
	s.command("reconcile", "run")
	if _, web := s.counts(tee); web != "6" {
		t.Errorf("the web shows %s after it was unlinked, want 6", web)
	}
	if verify := s.command("ledger", "verify"); !strings.Contains(verify, "follow from them") {
		t.Errorf("the ledger does not verify:\n%s", verify)
	}
}

// An item that is no longer tracked is left alone; tracked again it begins with a new baseline, waits for its count is another, and
// joins without a second opening.
func TestTrackingOffAndOnAgain(t *testing.T) {
	t.Parallel()
	s, tee := opened(t, 8, stageOptions{})
	must(t, s.shopify.SetTracked(shopify.Tracking{Item: tee.web, Tracked: false}))
	s.status(tee.web, ledger.Untracked)
	s.sell(tee, 1)
	s.eventually("the sale", func() string { return s.levelIs(tee, "7") })
	if _, web := s.counts(tee); web != "8" {
		t.Errorf("the web shows %s while it is not tracked, want 8", web)
	}
	must(t, s.shopify.SetTracked(shopify.Tracking{Item: tee.web, Tracked: true}))
	s.status(tee.web, ledger.WaitsToJoin)
	s.command("link", "join", "web", tee.web, "level")
	s.even(tee, "7")
	s.explained(tee, map[string]string{"opening": "-8", "sold/till": "1"})
}

// What is deleted, or counted no more, is seen by its webhook, without a sweep: it gets no push, is not called even, and stock says so.
func TestDeletedAndUncountedAreSeenAtOnce(t *testing.T) {
	t.Parallel()
	s := newStage(t, stageOptions{})
	s.square.SetWebhook(s.hooks+"/hooks/till/AbCdEfGhIjKlMnOp", squareSecret, square.EventCountUpdated, square.EventCatalogUpdated)
	mug, cup, jar := s.sells("MUG", 8, 8), s.sells("CUP", 8, 8), s.sells("JAR", 8, 8)
	s.serve()
	s.open()
	for _, i := range []item{mug, cup, jar} {
		s.even(i, "8")
	}
	must(t, s.square.SetTracking(mug.till, "", false))
	must(t, s.square.DeleteVariation(cup.till))
	must(t, s.shopify.DeleteVariant(shopify.Deletion{Item: jar.web}))
	s.statusOf("till", mug.till, ledger.Untracked)
	s.statusOf("till", cup.till, ledger.Gone)
	s.statusOf("web", jar.web, ledger.Gone)
	for _, i := range []item{mug, cup} {
		s.order(i, 1)
		s.eventually("the order", func() string { return s.levelIs(i, "7") })
	}
	s.eventually("nothing to be waited for", func() string {
		sum, err := s.runtime.store.Summary(s.t.Context())
		must(s.t, err)
		if w := sum.Wishes["till"]; w.Reads+w.Pushes+w.Resources+sum.OpenCalls > 0 {
			return fmt.Sprintf("%+v", w)
		}
		return ""
	})
	if n := s.pushes(s.square.Truth()); n != 0 {
		t.Errorf("%d pushes to what is not counted", n)
	}
	listed := s.command("stock")
	for _, says := range []string{"? (untracked)", "gone at till: item " + cup.till, "gone at web: item " + jar.web} {
		if !strings.Contains(listed, says) {
			t.Errorf("stock does not say %q:\n%s", says, listed)
		}
	}
	if strings.Contains(listed, "yes") {
		t.Errorf("something is called even:\n%s", listed)
	}
}

// status waits until the counter of the web's item has a status.
func (s *stage) status(item string, want ledger.RefStatus) {
	s.t.Helper()
	s.statusOf("web", item, want)
}

// statusOf waits until the counter of a channel's item has a status.
func (s *stage) statusOf(channel stock.Channel, item string, want ledger.RefStatus) {
	s.t.Helper()
	s.eventually(item+" to be "+want.String(), func() string {
		refs, err := s.runtime.store.Refs(s.t.Context(), ledger.RefFilter{Channel: channel})
		must(s.t, err)
		for _, ref := range refs {
			if ref.State.Ref.Item == item && ref.State.Status == want {
				return ""
			}
		}
		return fmt.Sprintf("%d refs, none of them", len(refs))
	})
}
