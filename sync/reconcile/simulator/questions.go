package simulator

import (
	"context"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// Questions counts what persons were asked, and what they should have been.
type Questions struct {
	// TypedTwice counts questions about goods typed in twice, NeedlessTwice those of them about goods that were not.
	TypedTwice, NeedlessTwice int
	// Planted counts goods that were typed in twice and could be told, Caught those that somebody was asked about; PlantedSteps and
	// CaughtSteps those that were typed in by other steps on each channel.
	Planted, Caught, PlantedSteps, CaughtSteps int
	// CountTwice counts questions about counts that were typed in twice, NeedlessCount those about counts that were not. Emptied counts
	// the empty shelves that were set to zero on every counter before our push came, CaughtEmpty those that somebody was asked about.
	CountTwice, NeedlessCount, Emptied, CaughtEmpty int
	// TypedOver counts questions about what was typed in over a mark, OtherOver those about anything else that people did to a hidden counter.
	// Over counts what was typed in there of what stood on the shelf, if nothing else happened before a person looked, CaughtOver that of it
	// which somebody was asked about.
	TypedOver, OtherOver, Over, CaughtOver int
	// OtherProgram counts questions about programs, NeedlessProgram those where there was none.
	OtherProgram, NeedlessProgram int
	// MassChange counts mass change brakes that were engaged between the opening and a whole channel's change, LastingMass those of them
	// that did not end by themselves within a minute; in MassHours hours of shops that have that brake.
	MassChange, LastingMass int
	MassHours               float64
}

// asked counts a question that a person answers.
func (m *measure) asked(w *world, brake ledger.Brake) {
	switch brake.Kind {
	case ledger.OtherProgram:
		w.marks.over.answer(brake)
		m.questions.OtherProgram++
		if !w.writes(brake.Ref) {
			m.questions.NeedlessProgram++
		}
	case ledger.TypedTwice:
		if typedOver(brake) {
			m.questions.TypedOver++
			if stood, twice := w.marks.over.answer(brake), m.askedAbout(w, brake); !stood && !twice {
				m.questions.OtherOver++
			}
			return
		}
		if brake.Quantity < 0 {
			m.questions.CountTwice++
			if !w.typists.answer(brake) {
				m.questions.NeedlessCount++
			}
			return
		}
		m.questions.TypedTwice++
		if !m.askedAbout(w, brake) {
			m.questions.NeedlessTwice++
		}
	}
}

// askedAbout notes that a person is asked about goods that were typed in on every channel, and says whether there are such.
func (m *measure) askedAbout(w *world, brake ledger.Brake) (known bool) {
	for _, goods := range w.typed {
		if goods.shelf.name == brake.Shelf && goods.units == brake.Quantity {
			goods.asked, known = true, true
		}
	}
	return known
}

// typedOver says that a question is about what was typed in over a mark.
func typedOver(brake ledger.Brake) bool { return brake.Evidence["hidden"] != "" }

// typedGoods are goods that somebody typed in on every channel of a shelf.
type typedGoods struct {
	shelf *shelf
	units stock.Quantity
	// typed is how much of it the counters took together, asked says that a person was asked about it, steps that it came by steps.
	typed        stock.Quantity
	asked, steps bool
}

// came notes that a counter is told of all or a part of the goods.
func (g *typedGoods) came(c *counter, units stock.Quantity) {
	if c.tracked && c.known.live && (!g.steps || !c.known.waits) {
		g.typed += units
	}
}

// twice says that two counters at least took the goods; of steps that all did.
func (g *typedGoods) twice() bool {
	if g.steps {
		return g.typed == g.units*stock.Quantity(len(g.shelf.counters))
	}
	return g.typed > g.units
}

// countTyped counts the goods that were typed in twice and those of them that were found.
func (m *measure) countTyped(w *world) {
	for _, goods := range w.typed {
		planted, caught := &m.questions.Planted, &m.questions.Caught
		if goods.steps {
			planted, caught = &m.questions.PlantedSteps, &m.questions.CaughtSteps
		}
		if goods.twice() {
			*planted++
			if goods.asked {
				*caught++
			}
		}
	}
	for _, t := range w.marks.over.typed {
		if t.asked || w.marks.over.open(t) {
			m.questions.Over++
		}
		if t.asked {
			m.questions.CaughtOver++
		}
	}
	for _, e := range w.typists.emptied {
		if len(e.marks) == len(e.shelf.counters) {
			m.questions.Emptied++
			if e.asked {
				m.questions.CaughtEmpty++
			}
		}
	}
}

// massOpened is by when a person has let pass what the opening changed.
const massOpened = 8 * time.Minute

// countMass counts the brakes that the ordinary life of a shop engaged, until somebody changed a whole channel.
func (m *measure) countMass(w *world) {
	if !w.strange.massive {
		return
	}
	m.questions.MassHours = (w.strange.began - massOpened).Hours()
	brakes, _ := w.ledger.model.StoredBrakes(context.Background())
	for _, brake := range brakes {
		if brake.Kind != ledger.MassChange || sinceEpoch(brake.Since) < massOpened || sinceEpoch(brake.Since) >= w.strange.began {
			continue
		}
		m.questions.MassChange++
		if brake.ReleasedAt.IsZero() || brake.ReleasedBy != "evenstock" || brake.ReleasedAt.Sub(brake.Since) > time.Minute {
			m.questions.LastingMass++
		}
	}
}

// writes says whether a program writes the counter.
func (w *world) writes(ref stock.Ref) bool { return w.programs[ref] }
