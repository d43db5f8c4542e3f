package simulator

import (
	"context"
	"errors"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
)

// person looks at what only a person can decide, every minute or two, and decides from the truth.
type person struct {
	w *world
	// seen is when a question was first seen; it is answered after a while.
	seen map[string]time.Duration
	away bool
}

func (p *person) start() {
	p.seen = map[string]time.Duration{}
	p.w.after(time.Minute, p.visit)
}

func (p *person) visit() {
	w := p.w
	if w.up && !p.away {
		p.brakes()
		p.massChange()
		p.pushes()
		p.joins()
	}
	pause := w.dice.between(40*time.Second, 100*time.Second)
	if w.calm {
		pause = 15 * time.Second
	}
	w.after(pause, p.visit)
}

// patience is how long a question waits at least. It is longer than a request of ours can stray.
func (p *person) ripe(question string) bool {
	since, known := p.seen[question]
	if !known {
		p.seen[question] = p.w.now
		return false
	}
	return p.w.now-since > 45*time.Second
}

func (p *person) brakes() {
	for _, s := range p.w.shelves {
		for p.w.up && p.release(s) {
		}
	}
}

// release answers one question about goods typed in twice, and reports whether there was one. An answer may settle others.
func (p *person) release(s *shelf) bool {
	w := p.w
	var refs []ledger.Ref
	for _, c := range s.counters {
		refs = append(refs, w.ledger.ref(c.ref))
	}
	shelf := ledger.ShelfState{Shelf: s.name, Level: w.ledger.model.Level(s.name), Opened: s.truth.opened}
	for _, brake := range reconcile.Brakes(shelf, refs, w.ours()) {
		if brake.Kind != ledger.TypedTwice && brake.Kind != ledger.OtherProgram || !p.ripe(brake.ID) {
			continue
		}
		w.reached("brake released: " + brake.Kind.String())
		w.measure.asked(w, brake)
		correct := brake.Kind == ledger.TypedTwice && w.dice.chance(0.3)
		if brake.Kind == ledger.OtherProgram {
			correct = w.writes(brake.Ref)
		}
		if correct {
			w.reached("brake corrected")
		}
		delete(p.seen, brake.ID)
		_, err := w.decide(ledger.ReleaseBrake{ID: brake.ID, Shelf: s.name, By: "person", Correct: correct})
		if err != nil {
			w.judge.unexpected("releasing a brake", err)
		}
		if err == nil || errors.Is(err, errCrashedAfter) {
			w.strange.program.answered(brake.Ref)
			if !correct {
				w.judge.mass.right(s, brake)
			}
		}
		return true
	}
	return false
}

// massChange stands for the whole of that brake: now and then somebody pulls it, and later lets go.
func (p *person) massChange() {
	w := p.w
	brakes, _ := w.ledger.model.StoredBrakes(context.Background())
	if w.strange.massive {
		p.releaseMass(brakes)
		return
	}
	ch := w.channels[w.dice.IntN(len(w.channels))]
	const id = "mass/1"
	switch {
	case len(brakes) == 0 && w.faulty() && !w.faultless && w.dice.chance(0.005):
		w.reached("mass change brake")
		_, err := w.decide(ledger.EngageBrake{Brake: ledger.Brake{ID: id, Kind: ledger.MassChange, Channel: ch.name, Since: w.ours()}})
		if err != nil {
			w.judge.unexpected("engaging a brake", err)
		}
	case len(brakes) == 1 && brakes[0].ReleasedAt.IsZero() && p.ripe(id):
		if _, err := w.decide(ledger.ReleaseBrake{ID: id, By: "person"}); err != nil {
			w.judge.unexpected("releasing a brake", err)
		}
		for _, ch := range w.channels {
			ch.worker.wake(0)
		}
	}
}

// massPatience is how long a person looks at a mass change: by then it may be put back.
const massPatience = 6 * time.Minute

// releaseMass lets a mass change pass that is still there after a while.
func (p *person) releaseMass(brakes []ledger.Brake) {
	w := p.w
	for _, brake := range brakes {
		switch {
		case brake.ReleasedBy == "evenstock":
			w.reached("mass change ended by itself")
		case brake.ReleasedAt.IsZero() && w.ours().Sub(brake.Since) > massPatience:
			w.reached("mass change released by a person")
			shown := w.strange.massShown(brake)
			_, err := w.decide(ledger.ReleaseBrake{ID: brake.ID, By: "person", Shown: shown})
			if err != nil {
				w.judge.unexpected("releasing a brake", err)
			}
			if err == nil || errors.Is(err, errCrashedAfter) {
				w.judge.mass.letPass(shown)
			}
			for _, ch := range w.channels {
				ch.worker.wake(0)
			}
		}
	}
}

// pushes answers what became of writes that nobody else can tell.
func (p *person) pushes() {
	w := p.w
	for _, ref := range w.ledger.refs() {
		if ref.State.Status != ledger.SetAside || !w.up {
			continue
		}
		for _, push := range ref.State.Unconfirmed {
			if push.Phase != ledger.Undecided || !p.ripe("push "+push.Call+ref.State.Ref.String()) {
				continue
			}
			applied := w.counterOf(ref.State.Ref).contains(reconcile.Reference(push.Call, push.Row))
			w.reached("push resolved by a person")
			if _, err := w.decide(ledger.ResolvePush{Call: push.Call, Ref: ref.State.Ref, Applied: applied, By: "person"}); err != nil {
				w.judge.unexpected("resolving a push", err)
			}
			break
		}
	}
}

// joins answers what the counts of refs mean that wait to join their shelves.
func (p *person) joins() {
	w := p.w
	for _, ref := range w.ledger.refs() {
		if ref.State.Status != ledger.WaitsToJoin || !w.up || !p.ripe("join "+ref.State.Ref.String()) {
			continue
		}
		delete(p.seen, "join "+ref.State.Ref.String())
		if _, err := w.decide(ledger.JoinRef{Ref: ref.State.Ref, How: p.answer(), Untold: ledger.UntoldMoved, By: "person"}); err != nil {
			w.judge.unexpected("joining", err)
		}
	}
}

func (p *person) answer() ledger.JoinHow {
	return []ledger.JoinHow{ledger.JoinLevel, ledger.JoinLevel, ledger.JoinCounter, ledger.JoinAdd}[p.w.dice.IntN(4)]
}

// contains reports whether a write of ours moved the counter.
func (c *counter) contains(reference string) bool {
	var moved stock.Quantity
	for _, e := range c.effects {
		if e.call == reference {
			moved += e.delta
		}
	}
	return moved != 0
}

func (w *world) counterOf(ref stock.Ref) *counter {
	if ch := w.byName[ref.Channel]; ch != nil {
		return ch.counter(ref)
	}
	return nil
}
