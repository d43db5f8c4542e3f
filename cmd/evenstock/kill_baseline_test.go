package main

import (
	"fmt"
	"testing"

	"github.com/evenstock/evenstock/adapters/sandbox/shop"
	"github.com/evenstock/evenstock/ledger"
)

// TestBaselineKilledInTheMiddle kills serve when the web's counters have their baselines and the till's, which open the shelves, do not. The
// next serve goes on: every shelf is opened once, with what the till counts.
func TestBaselineKilledInTheMiddle(t *testing.T) {
	t.Parallel()
	s := newStage(t, stageOptions{})
	s.pin()
	const articles = 12
	var items []item
	for i := range articles {
		items = append(items, s.sells(fmt.Sprintf("ART-%02d", i), int64(10+i), 10))
	}
	first := s.served()
	s.link()
	store := s.ledger()
	waiting := func() int64 {
		progress, err := store.BaselineProgress(t.Context())
		must(t, err)
		return progress.Waiting
	}
	apply := s.child("", "baseline", "apply", "--authority", "till", "--yes")
	s.eventually("wishes for baselines", func() string { return unless(waiting() == 2*articles, "some are missing") })
	must(t, s.square.SetFaults(shop.Faults{ServerError: 1})) // the till cannot be read now, and its turn comes last
	s.eventually("the web's baselines", func() string { return unless(waiting() <= articles, "more are waiting") })
	if left := waiting(); left != articles {
		t.Logf("the till was faster: %d baselines wait", left)
	}
	first.kill()
	must(t, store.Close())
	s.killed(first)
	s.within("the end of the command", apply.ended)
	must(t, s.square.SetFaults(shop.Faults{}))

	s.served()
	store = s.ledger()
	defer store.Close()
	s.eventually("the rest of the baselines", func() string {
		for _, i := range items {
			if till, web := s.counts(i); till != web {
				return fmt.Sprintf("%s: till %s, web %s", i.sku, till, web)
			}
		}
		return unless(waiting() == 0, "some are waiting")
	})
	opened := map[string]int{}
	for entry, err := range ledger.AllEntries(t.Context(), store, ledger.EntryFilter{}) {
		must(t, err)
		if entry.Opens {
			opened[entry.Postings[0].Quantity.String()]++
		}
	}
	for i := range articles {
		if units := fmt.Sprint(10 + i); opened[units] != 1 {
			t.Errorf("%d shelves were opened with %s units", opened[units], units)
		}
	}
	if len(opened) != articles {
		t.Errorf("opened %v", opened)
	}
}

func unless(done bool, what string) string {
	if done {
		return ""
	}
	return what
}
