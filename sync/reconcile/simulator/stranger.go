package simulator

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
)

// strangers are what other programs and persons do to whole shops in some runs. They have dice of their own, so that a run without
// them goes as it did.
type strangers struct {
	w    *world
	dice dice
	// massive: the brake on mass changes has limits, and somebody changes a whole channel. heaped: one article has more units than all
	// others together, and stays as it is.
	massive, heaped bool
	// began is when somebody changed it.
	began   time.Duration
	program *programAct
}

// massLimits are the limits of the mass change brake in runs that have one.
var massLimits = reconcile.Limits{MaxPercent: 30}

// shelvesOfMass is how many shelves a shop has at least whose channel is changed as a whole.
const shelvesOfMass = 5

func newStrangers(w *world, seed int64, opts Options) *strangers {
	s := &strangers{w: w, dice: newDice(seed ^ 0x7374726e67)}
	kind, programBug := programOfBug[opts.Bug]
	braked := opts.Bug == bugBrakeOnce || opts.Bug == bugWordTrusted || opts.Bug == bugHeapHides
	plain := opts.Busy || opts.Bug != "" && !braked && !programBug
	without := func(name string) bool { return plain || slices.Contains(opts.Without, name) }
	s.heaped = s.dice.chance(0.3) || opts.Bug == bugHeapHides
	s.massive = (s.dice.chance(0.12) || opts.Mass || braked) && !without("mass change")
	if (s.dice.chance(0.16) || programBug) && !without("program") {
		if !programBug {
			kind = programKinds[s.dice.IntN(len(programKinds))]
		}
		s.program = &programAct{s: s, kind: kind, seen: map[*counter]int{}}
	}
	return s
}

// heap is what the first shelf of a heaped shop has more than others.
func (s *strangers) heap(shelf *shelf) stock.Quantity {
	if s.massive && s.heaped && shelf.index == 0 {
		return stock.Units(9999)
	}
	return 0
}

// plan puts their acts into the hour.
func (s *strangers) plan() {
	if s.massive {
		s.w.after(s.dice.between(12*time.Minute, 35*time.Minute), s.changeAll)
	}
	if s.program != nil {
		s.w.after(s.dice.between(6*time.Minute, 25*time.Minute), s.program.begin)
	}
}

// massAct is a channel that somebody changes as a whole: to zero, or up by as much for every article; at once or one by one; by counts,
// or by adjustments with a reason that nothing proves. Later it is put back, or not.
type massAct struct {
	ch     *channel
	damage map[*counter]stock.Quantity
}

// massGaps are how long after each other the counters of a mass change are changed.
var massGaps = []time.Duration{0, 2 * time.Second, 25 * time.Second, 75 * time.Second}

func (s *strangers) changeAll() {
	w, m := s.w, &massAct{ch: s.w.channels[s.dice.IntN(len(s.w.channels))], damage: map[*counter]stock.Quantity{}}
	w.happened("mass change")
	s.began = w.now
	up, gap, reason := s.dice.chance(0.3), massGaps[s.dice.IntN(len(massGaps))], (s.dice.chance(0.3) || w.bug == bugWordTrusted) && m.ch.square != nil
	for i, c := range m.ch.counters {
		if s.heap(c.shelf) > 0 {
			continue
		}
		w.after(time.Duration(i)*gap, func() {
			delta := -c.quantity
			if up {
				delta = 20 * stock.Unit
			}
			if c.tracked && c.exists && delta != 0 {
				m.damage[c] = delta
				if reason {
					w.reached("mass change with a reason")
					m.ch.square.adjust(c, delta, stock.Moved, 0, "mass change")
					return
				}
				set(w, c, c.quantity+delta, "mass change")
			}
		})
	}
	if s.dice.chance(0.6) {
		w.after(s.dice.between(4*time.Minute, 9*time.Minute), func() {
			for _, c := range m.ch.counters {
				if delta := m.damage[c]; delta != 0 && c.tracked {
					set(w, c, c.quantity-delta, "mass change put back")
				}
			}
		})
	}
}

// set writes a count, as a person or a program does: neither platform says why.
func set(w *world, c *counter, to stock.Quantity, by string) {
	if c.ch.square != nil {
		c.ch.square.recount(c, to, w.clock(c.ch).Truncate(c.ch.square.posGrain), by)
		return
	}
	c.ch.shopify.hand(c, to-c.quantity, by)
}

// receipt looks at what a transaction wrote.
func (s *strangers) receipt(receipt ledger.Receipt) {
	for _, e := range receipt.Entries {
		s.program.entry(e)
		s.w.typists.entry(e)
		s.w.marks.over.entry(e)
	}
}

// massLoad has a call carry what the worker reads for the brake before it plans one for some refs.
func (s *strangers) massLoad(ch *channel, call *ledger.PlanCall) {
	if !s.massive {
		return
	}
	model := s.w.ledger.model
	brakes, _ := model.StoredBrakes(context.Background())
	mass := reconcile.MassChangeOf(ch.name, brakes, s.w.ours())
	refs, _ := model.Uncaused(context.Background(), ch.name, mass.Since)
	if s.w.bug == bugBrakeOnce { // as if it was looked at before the first call only, when nothing else had changed yet
		refs = nil
	}
	before, _ := model.UnitsBefore(context.Background(), ch.name, mass.Before())
	call.Since, call.Brake, call.Load = mass.Since, mass.Brake(), mass.Load(refs, call.Refs).Of(before)
	if s.w.bug == bugHeapHides {
		call.Load.Stocked = math.MaxInt32
	}
}

// massShown is what a person is shown of a mass change, and releases.
func (s *strangers) massShown(brake ledger.Brake) []ledger.PlannedPush {
	mass := reconcile.MassChangeOf(brake.Channel, []ledger.Brake{brake}, s.w.ours())
	refs, _ := s.w.ledger.model.Uncaused(context.Background(), brake.Channel, mass.Since)
	return mass.Shown(refs)
}
