package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/evenstock/evenstock/ledger/stock"
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
