package reconcile

import (
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

const (
	// NewsWindow is how long after an order a platform may still show the old level (R2).
	NewsWindow = 3 * time.Second
	// newsPause is how long the webhook of the counter may take that follows a movement. Then the counter is read.
	newsPause = time.Second
	// newsReason is why a ref is read that a movement was told of.
	newsReason = "a movement may not show yet"
)

// news wishes for a read if the counter may show a movement only after the last accepted reading. If a reading has most likely shown it
// already, one read at the end of the window is enough, for which nobody waits; else the counter's own webhook has a moment to come. A
// read that was sent after the window and brought the movement itself shows it.
func (s *session) news(r *row, channelTime time.Time, shown bool) {
	until := channelTime.Add(NewsWindow)
	if channelTime.Before(r.State.Version.Add(-NewsWindow)) || !until.After(r.shownTo) || r.State.Status == ledger.SetAside {
		return
	}
	due := s.at.Add(newsPause)
	if shown {
		due = gathered(s.at.Add(NewsWindow))
	}
	w := r.work()
	if w.Read == 0 {
		s.wantRead(r, newsReason, due, until)
		return
	}
	// A wish that stands lives on: a read that is under way does not clear it if it was sent too early, and is late enough if it was not.
	w.ReadUntil = later(w.ReadUntil, until)
	if due.Before(w.ReadDue) {
		w.ReadDue, w.ReadReason = due, newsReason
	}
}

// shownBy puts the read off that waits for nothing but the webhook of a movement: here it is.
func (s *session) shownBy(r *row, reading stock.Reading) {
	w := r.Work
	if w.Read == 0 || w.ReadReason != newsReason || w.ZeroUnconfirmed != nil || w.RaiseUnconfirmed != nil || reading.Version.Before(w.ReadUntil.Add(-NewsWindow)) {
		return
	}
	r.work().ReadDue = later(w.ReadDue, gathered(s.at.Add(NewsWindow)))
}
