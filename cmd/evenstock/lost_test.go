package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/evenstock/evenstock/adapters/sandbox/shop"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/sweep"
)

// The broker is a transport and never the truth: when its folder is gone, a sweep restores what it held, and the new stream
// is read from its beginning.
func TestLostStreamIsRebuilt(t *testing.T) {
	t.Parallel()
	s, tee := opened(t, 20, stageOptions{})
	for range 3 {
		s.sell(tee, 1)
	}
	s.order(tee, 2)
	s.even(tee, "15")
	s.standalone("the broker's folder is lost")
	s.stop()
	must(t, os.RemoveAll(filepath.Join(filepath.Dir(s.cfgPath), "data", "broker")))
	s.square.Courier().Pause()
	s.sell(tee, 4)
	s.square.Courier().Resume()
	s.serve()
	s.even(tee, "11")
	for want := 10; want >= 8; want-- {
		s.sell(tee, 1)
		s.even(tee, stock.Units(int64(want)).String())
	}
	s.explained(tee, map[string]string{"opening": "-20", "sold/till": "10", "sold/web": "2"})
}

// The sweep that a lost stream needs is not forgotten when a platform refuses it and the process ends before it was done.
func TestLossOutlivesAnOutage(t *testing.T) {
	t.Parallel()
	s, tee := opened(t, 20, stageOptions{})
	s.standalone("the broker's folder is lost")
	s.stop()
	must(t, os.RemoveAll(filepath.Join(filepath.Dir(s.cfgPath), "data", "broker")))
	s.square.Courier().Pause()
	s.sell(tee, 4)
	s.square.Courier().Resume()
	must(t, s.square.SetFaults(shop.Faults{Refuse: http.StatusUnauthorized}))
	s.serve()
	s.eventually("a refused sweep", func() string {
		if !strings.Contains(s.log.String(), "trying again") {
			return "none in the log"
		}
		return ""
	})
	s.stop()
	must(t, s.square.SetFaults(shop.Faults{}))
	s.serve()
	s.even(tee, "16")
	s.eventually("the loss is made good", func() string {
		loss, err := s.runtime.store.Mark(t.Context(), sweep.ResyncMark)
		must(t, err)
		return loss
	})
}
