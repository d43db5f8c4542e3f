package simulator

import (
	"slices"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

// editRecent is among how many of a counter's last rows people edit.
const editRecent = 12

// editRow is what somebody does to a row in the history: its quantity changes, never what it is and when it was. The count follows by
// the difference, unless a recount that occurred later holds the row.
func (s *square) editRow(c *counter) {
	history := s.histories[c.index]
	if !c.tracked || len(history) == 0 {
		return
	}
	i := len(history) - 1 - s.w.dice.IntN(min(len(history), editRecent))
	row := &history[i]
	if row.recount || row.unlisted || row.quantity == 0 || row.reference != "" && s.w.now-row.at < time.Minute {
		return
	}
	to := row.quantity + stock.Units(int64(s.w.dice.IntN(5)-2))
	switch {
	case s.w.dice.chance(0.15), (to < 0) != (row.quantity < 0):
		to = 0
	case to == row.quantity:
		return
	}
	s.edit(c, row, to)
	if s.w.dice.chance(0.3) { // a slip, and taken back
		was := row.was
		s.w.after(s.w.dice.between(0, 20*time.Second), func() { s.edit(c, &s.histories[c.index][i], was) })
	}
}

func (s *square) edit(c *counter, row *squareRow, to stock.Quantity) {
	if !c.tracked || to == row.quantity {
		return
	}
	change := to - row.quantity
	row.was, row.quantity = row.quantity, to
	row.edited, row.editedAt = s.w.clock(s.ch).Truncate(serverGrain), s.w.now
	e := effect{by: "row edited", delta: change, occurred: row.occurred, row: rowKey(row.id), to: to}
	if latest := s.latest[c.index]; latest >= 0 && s.absorbs(s.histories[c.index][latest].occurred, row.occurred) {
		s.w.reached("edited row is held by a recount")
		e.delta = 0
	}
	if row.reference == "" {
		c.editExplained(row.effect, change)
	} else {
		s.w.reached("our own push edited")
	}
	if e.delta != 0 || s.touches {
		c.version = row.edited
	}
	c.happen(s.w, e)
	if e.delta != 0 || s.touches {
		s.w.courier.level(c)
	}
}

// editExplained changes what the movement of an effect explains: a row has one content at a time. Of a row of which it is in doubt
// whether it explains, so is the change.
func (c *counter) editExplained(mark int, change stock.Quantity) {
	e := &c.effects[mark]
	e.explained += change
	e.edits = append(e.edits, edited{at: c.ch.square.w.now, change: change})
	if slices.ContainsFunc(c.known.doubts, func(d doubt) bool { return d.key == e.key }) {
		c.known.doubts = append(c.known.doubts, doubt{quantity: change})
	}
}
