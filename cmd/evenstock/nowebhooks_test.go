package main

import (
	"testing"

	"github.com/evenstock/evenstock/adapters/sandbox/shop"
)

// Two shops that deliver nothing are kept even by sweeps that are made when they are needed, and every change is explained.
func TestShopsWithoutWebhooks(t *testing.T) {
	t.Parallel()
	none := shop.Faults{DropWebhook: 1}
	s := newStage(t, stageOptions{})
	must(t, s.square.SetFaults(none))
	must(t, s.shopify.Faults().Set(none))
	s.env["EVENSTOCK_SWEEP_RECENT"] = "adaptive"
	tee := s.sells("TEE-M", 20, 20)
	s.serve()
	s.open()
	s.even(tee, "20")
	s.sell(tee, 4)
	s.even(tee, "16")
	s.order(tee, 3)
	s.even(tee, "13")
	s.sell(tee, 1)
	s.order(tee, 2)
	s.even(tee, "10")
	s.explained(tee, map[string]string{"opening": "-20", "sold/till": "5", "sold/web": "5"})
}
