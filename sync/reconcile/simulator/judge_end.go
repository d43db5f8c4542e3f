package simulator

import (
	"context"
	"maps"
	"reflect"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// contained is when the youngest recount that the baseline holds occurred: a late sale from before it was counted by that
// person already, and explains nothing.
func (c *counter) contained() (occurred time.Time) {
	for _, e := range c.effects[:c.known.base] {
		if e.recount && e.occurred.After(occurred) {
			occurred = e.occurred
		}
	}
	return occurred
}

// explainedBy is what the movements of effects between two marks explain.
func (j *judge) explainedBy(c *counter, from, to int) (sum stock.Quantity) {
	contained := c.contained()
	for _, e := range c.effects[from:to] {
		switch {
		case e.explained == 0 && len(e.edits) == 0:
		case e.occurred.Before(contained) && !c.ch.square.lagged:
		case e.occurred.Before(contained): // the baseline gave up waiting for a history that lagged behind
			c.doubts(e, true)
		default:
			sum += e.explained
			if !c.known.live {
				c.doubtEdits(e)
			}
			if !c.known.live && j.w.now-e.at < doubtWindow { // what tells of it may come too late
				c.doubts(e, false)
			}
		}
	}
	return sum
}

// sane checks what is stored about the refs that a transaction wrote entries of.
func (j *judge) sane(receipt ledger.Receipt) {
	for _, e := range receipt.Entries {
		if e.Ref == (stock.Ref{}) {
			continue
		}
		stored := j.w.ledger.ref(e.Ref)
		state, work := stored.State, stored.Work
		mine := j.states[e.Ref]
		switch {
		case state.Expected != mine.Expected || state.Status != mine.Status || !state.Version.Equal(mine.Version) || state.Entries != mine.Entries || len(state.Unconfirmed) != len(mine.Unconfirmed):
			j.fail("state of %s is not the fold of its entries: %+v, entries say %+v", e.Ref, state, mine)
		case work.Read > work.Seq || work.Delivered > work.Seq:
			j.fail("work of %s: wish %d, delivered %d, but only %d were given", e.Ref, work.Read, work.Delivered, work.Seq)
		case (state.Status == ledger.Linked || state.Status == ledger.Untracked || state.Status == ledger.Unlinked || state.Status == ledger.Gone) && (state.Expected != 0 || len(state.Unconfirmed) > 0):
			j.fail("%s is %s and expects %s", e.Ref, state.Status, state.Expected)
		case stored.Unexplained != j.balances[ledger.UnexplainedBy(state.Shelf.Item, e.Ref)]:
			j.fail("unexplained of %s is %s, entries say %s", e.Ref, stored.Unexplained, j.balances[ledger.UnexplainedBy(state.Shelf.Item, e.Ref)])
		}
		if work.InFlight != "" {
			if call, ok := j.w.ledger.model.Call(work.InFlight); !ok || call.State != ledger.CallOpen && call.State != ledger.CallSetAside {
				j.fail("%s is in flight by call %s, which is %s", e.Ref, work.InFlight, call.State)
			}
		}
	}
}

// settled says why our side is not at rest; "" when it is.
func (j *judge) settled() string {
	w := j.w
	if w.ledger.offset() < len(w.stream.records) {
		return "the stream is not consumed"
	}
	for _, ch := range w.channels {
		if wishes, _ := w.ledger.model.DueResources(context.Background(), ch.name, w.ours().Add(time.Hour), 1); len(wishes) > 0 {
			return wishes[0].Resource + " is to be read"
		}
	}
	for _, ref := range w.ledger.refs() {
		work := ref.Work
		switch {
		case w.counterOf(ref.State.Ref).successor != nil && ref.State.Status == ledger.Gone && work.Read == 0:
		case ref.State.Status != ledger.Live:
			return ref.State.Ref.String() + " is " + ref.State.Status.String()
		case !ref.Opened:
			return "the shelf of " + ref.State.Ref.String() + " has no opening"
		case work.InFlight != "":
			return ref.State.Ref.String() + " is in flight by call " + work.InFlight
		case work.Push:
			return ref.State.Ref.String() + " wants a push"
		case w.counterOf(ref.State.Ref).isMarked() == ref.State.SoldOut.IsZero():
			return ref.State.Ref.String() + " has another mark than the ledger knows"
		case !ref.State.SoldOut.IsZero() && work.ReadDue.After(w.ours()): // looked at again as long as it is marked
		case work.Read != 0:
			return ref.State.Ref.String() + " wants a read: " + work.ReadReason
		}
	}
	return ""
}

// verdict compares the end with the truth.
func (j *judge) verdict() {
	for _, s := range j.w.shelves {
		want := s.truth.opening + s.truth.corrected
		for _, c := range s.counters {
			want += c.known.closed - c.known.dropped
			if c.known.live {
				want += c.othersDid(c.known.base, c.mark())
			}
		}
		level := j.w.ledger.model.Level(s.name)
		if level != want {
			j.fail("level of %v is %s, opening and others' effects make %s", s.name, level, want)
		}
		for _, c := range s.counters {
			target := c.target(level)
			if c.tracked && c.quantity != target {
				j.fail("%s shows %s, target is %s", c.ref, c.quantity, target)
			}
			j.unexplained(c)
		}
	}
	for i, times := range j.w.stream.applied[:j.w.ledger.offset()] {
		if times != 1 {
			j.fail("record %d of the stream was applied %d times", i, times)
		}
	}
	j.books()
}

// unexplained checks the suspense account of a ref.
func (j *judge) unexplained(c *counter) {
	k := &c.known
	posted, explained := k.closed, k.explained
	if k.live {
		posted += c.othersDid(k.base, c.mark())
		explained += j.explainedBy(c, k.base, c.mark())
	}
	if !k.live { // gone for good: what happened after the last reading may have been told before
		for _, e := range c.effects[k.last:] {
			if e.explained != 0 {
				c.doubts(e, true)
			}
		}
	}
	want := -(posted + k.corrected - explained) + k.settled
	var open []stock.Quantity
	for _, d := range k.doubts {
		switch {
		case d.key == "":
			open = append(open, d.quantity)
		case j.told[ledger.EntryKey(c.ch.name, d.key)] == d.told:
			want += d.quantity
		}
	}
	have := j.balances[ledger.UnexplainedBy(c.shelf.name.Item, c.ref)]
	if have != want && !reachable(have-want, open) {
		j.fail("unexplained of %s is %s, truth is %s (in doubt: %v)", c.ref, have, want, open)
	}
	if have != want {
		j.w.reached("unexplained in doubt")
	}
}

// doubts leaves open whether the movement of an effect explains; told says which of the two the judge did not count.
func (c *counter) doubts(e effect, told bool) {
	d := doubt{quantity: e.explained, key: e.key, told: told}
	if !told {
		d.quantity = -e.explained
	}
	c.known.doubts = append(c.known.doubts, d)
}

// doubtEdits leaves open how much of a row's edits was told before a period ended: its last ones may not have been.
func (c *counter) doubtEdits(e effect) {
	for _, edit := range e.edits {
		c.known.doubts = append(c.known.doubts, doubt{quantity: -edit.change})
	}
}

// reachable says whether some of the movements in doubt make up the difference.
func reachable(difference stock.Quantity, maybe []stock.Quantity) bool {
	sums := map[stock.Quantity]bool{0: true}
	for _, q := range maybe {
		for sum := range maps.Clone(sums) {
			sums[sum+q] = true
		}
	}
	return sums[difference]
}

// books checks the store: states are the fold of entries, accounts of an item sum to zero, balances are those of the entries.
func (j *judge) books() {
	states := map[stock.Ref]ledger.RefState{}
	for i, e := range j.w.ledger.model.Entries() {
		if e.Seq != int64(i+1) {
			j.fail("entry %d has number %d", i+1, e.Seq)
		}
		if e.Ref != (stock.Ref{}) {
			states[e.Ref] = states[e.Ref].After(e)
		}
	}
	for _, ref := range j.w.ledger.refs() {
		if !reflect.DeepEqual(ref.State, states[ref.State.Ref]) {
			j.fail("state of %s is %+v, its entries make %+v", ref.State.Ref, ref.State, states[ref.State.Ref])
		}
	}
	for _, s := range j.w.shelves {
		var sum stock.Quantity
		for account, balance := range j.w.ledger.model.Balances(s.name.Item) {
			sum += balance
			if j.balances[account] != balance {
				j.fail("%s of %s is %s, entries make %s", account, s.name.Item, balance, j.balances[account])
			}
		}
		if sum != 0 {
			j.fail("accounts of %s sum to %s", s.name.Item, sum)
		}
	}
}
