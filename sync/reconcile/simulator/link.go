package simulator

import (
	"errors"
	"time"

	"github.com/evenstock/evenstock/ledger"
)

// relinkMax is how long a ref stays unlinked at most, beyond what is listed again when it is linked.
const relinkMax = 20 * time.Minute

// unlink unties a ref for some minutes, or for a moment: now, or when our next push to it is on its way.
func unlink(w *world, c *counter) {
	if w.dice.chance(0.7) {
		untie(w, c)
		return
	}
	var watch func(tries int)
	watch = func(tries int) {
		switch {
		case w.calm || tries == 0:
		case w.ledger.ref(c.ref).Work.InFlight != "":
			untie(w, c)
		default:
			w.after(200*time.Millisecond, func() { watch(tries - 1) })
		}
	}
	watch(watchMax)
}

// watchMax is how often somebody looks whether a push is on its way: for two minutes.
const watchMax = 600

// untie unties a ref. Shelves that wait for their first sync are left alone.
func untie(w *world, c *counter) {
	if !w.up || c.untied || !c.shelf.truth.opened {
		return
	}
	if _, err := w.decide(ledger.UnlinkRef{Ref: c.ref}); errors.Is(err, errCrashedBefore) {
		return
	} else if err != nil {
		w.judge.unexpected("unlinking", err)
	}
	c.untied = true
	pause := w.dice.between(0, []time.Duration{3 * time.Second, 2 * time.Minute, relinkMax}[w.dice.IntN(3)])
	w.after(pause, func() { w.person.link(c) })
}

// link ties a ref again that somebody has untied, also one whose calls are not definite yet.
func (p *person) link(c *counter) {
	w := p.w
	if !c.untied {
		return
	}
	if !w.up {
		w.after(time.Second, func() { p.link(c) })
		return
	}
	status := w.ledger.ref(c.ref).State.Status
	pending := status != 0 && status != ledger.Unlinked
	link := ledger.LinkRef{Ref: c.ref, Shelf: c.shelf.name, SoldAs: c.shelf.soldAs(c.ch)}
	if w.dice.chance(0.2) {
		w.reached("joins by a standing answer")
		link.Join, link.By = p.answer(), "person"
	}
	_, err := w.decide(link)
	switch {
	case errors.Is(err, errCrashedBefore):
		w.after(time.Second, func() { p.link(c) })
		return
	case err != nil:
		w.judge.unexpected("linking", err)
	case pending:
		w.reached("linked again before it was unlinked")
	default:
		w.reached("linked again")
	}
	c.untied = false
}
