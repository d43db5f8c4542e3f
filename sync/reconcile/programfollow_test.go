package reconcile_test

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// setOn is a count that somebody writes on a counter, told by a webhook or found by a sweep, with the row that tells of it if there is one.
func (s *shop) setOn(counter stock.Ref, to int64, swept bool) {
	s.Helper()
	var row []any
	if change := stock.Units(to) - s.expected(counter); counter == tillMug && change < 0 {
		row = append(row, stock.Movement{Key: fmt.Sprint("P", s.seconds()), Ref: tillMug, Quantity: change, Cause: stock.Shrinkage, OccurredAt: s.now, ChannelTime: s.now,
			Evidence: stock.Evidence{stock.EvidenceWriter: stock.OtherApplication}})
	}
	if !swept {
		s.deliver(reading(counter, to, s.now))
	}
	s.read(counter, to, s.now, row...)
	s.read(counter, to, s.now)
}

// sellOne is a sale that its platform tells.
func (s *shop) sellOne(counter stock.Ref) {
	s.Helper()
	shown := int64(s.expected(counter)/stock.Unit) - 1
	if counter == tillMug {
		s.read(tillMug, shown, s.now, sold(fmt.Sprint("S", s.seconds()), 1, s.now))
		s.read(tillMug, shown, s.now)
		return
	}
	order := webOrder(s.now, line("1", 1))
	order.ID, order.CreatedAt = fmt.Sprint("8", int64(s.seconds())), s.now
	s.deliver(order)
	s.read(webMug, shown, s.now)
	s.read(webMug, shown, s.now)
}

// TestProgramThatFollowsTheOtherCounter: a program keeps a counter at a part of the other one, or at less than it, so each push of ours
// makes it write again, until nothing is left. It is found when what it writes has followed the other counter some times, however seldom
// it looks.
func TestProgramThatFollowsTheOtherCounter(t *testing.T) {
	t.Parallel()
	half := func(other int64) int64 { return other / 2 }
	for name, test := range map[string]struct {
		of   func(other int64) int64
		open int64
		left int64
	}{
		"half of it":             {half, 53, 13},
		"half of it, rounded up": {func(other int64) int64 { return (other + 1) / 2 }, 53, 14},
		"two thirds of it":       {func(other int64) int64 { return other * 2 / 3 }, 90, 39},
		"twice as much":          {func(other int64) int64 { return 2 * other }, 53, 212},
		"ten less":               {func(other int64) int64 { return max(0, other-10) }, 53, 20},
		"five less":              {func(other int64) int64 { return max(0, other-5) }, 53, 25},
	} {
		for _, written := range []stock.Ref{tillMug, webMug} {
			for _, pause := range []float64{20, 400, 900, 3600} {
				for _, sells := range []bool{false, true} {
					for _, swept := range []bool{false, true} {
						t.Run(fmt.Sprintf("%s/%s/%gs/sells %t/swept %t", name, written.Channel, pause, sells, swept), func(t *testing.T) {
							t.Parallel()
							s := openShop(t, test.open)
							other := tillMug
							if written == tillMug {
								other = webMug
							}
							sold := int64(0)
							for round := range 12 {
								s.wait(pause + float64(round%3)*7)
								if sells && round > 0 {
									s.wait(10)
									s.sellOne(other)
									sold++
									s.pushed(written)
									s.wait(10)
								}
								to := test.of(int64(s.expected(other) / stock.Unit))
								if stock.Units(to) == s.expected(written) {
									continue
								}
								s.setOn(written, to, swept)
								if len(s.programs()) > 0 {
									break
								}
								s.pushed(other)
							}
							require.Len(t, s.programs(), 1)
							require.Equal(t, written, s.programs()[0].Ref)
							left := int64(s.expected(other) / stock.Unit)
							if test.left < test.open {
								require.GreaterOrEqual(t, left, test.left-4)
							} else {
								require.LessOrEqual(t, left, test.left)
							}
							beside, _ := strconv.ParseInt(s.programs()[0].Evidence["left"], 10, 64) // written before there was a push to answer
							s.one(ledger.ReleaseBrake{ID: s.programs()[0].ID, Shelf: mug, By: "anna", Correct: true})
							require.InDelta(t, test.open-sold, int64(s.model.Level(mug)/stock.Unit)-beside, 2, "all that it wrote is taken back")
						})
					}
				}
			}
		}
	}
}
