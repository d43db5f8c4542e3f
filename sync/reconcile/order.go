package reconcile

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// routingPauseMin and routingPauseMax bound the wait before an order without a location is asked again. It grows with the
// order's age: routing takes moments, and what was not routed for hours waits for a person at the platform.
const (
	routingPauseMin = time.Second
	routingPauseMax = time.Hour
)

// order turns the cumulative counters of an order into movements: the highest value of each counter is kept, and only what it grew
// by explains. With booking the counters are kept and explain nothing: the order was listed before the baselines are taken, which
// will contain it.
func (s *session) order(o stock.Order, booking bool) (ledger.Disposition, error) {
	if err := check(0, o.CreatedAt, o.UpdatedAt); err != nil {
		return ignored(o.Channel, "time out of range"), err
	}
	if !booking {
		s.noteUnknown(o)
	}
	endings := map[ledger.Ending]string{}
	seen := s.orderSeen(o)
	for _, line := range o.Lines {
		if err := checkLine(line); err != nil {
			return ignored(o.Channel, "quantity or time out of range"), err
		}
		if err := s.orderLine(o, line, seen, booking, endings); err != nil {
			return ignored(o.Channel, "order cannot be applied"), err
		}
	}
	return orderDisposition(o.Channel, endings), nil
}

// unknownMax bounds how many different unknown words of one order are noted.
const unknownMax = 8

// noteUnknown tallies the words of an order that its adapter does not know: what they may say of stock is missing from the
// counters.
func (s *session) noteUnknown(o stock.Order) {
	noted := map[string]bool{}
	for _, unknown := range o.Unknown {
		if reason := unknown.String(); !noted[reason] && len(noted) < unknownMax {
			noted[reason] = true
			s.note(ignored(o.Channel, reason))
		}
	}
}

// orderSeen says whether any counter of the order is known. If so, a line whose counter is not known was added by a later edit.
func (s *session) orderSeen(o stock.Order) bool {
	for _, counters := range []map[ledger.CounterKey]stock.Quantity{s.snapshot.Counters, s.counters} {
		for key := range counters {
			if key.Channel == o.Channel && key.Order == o.ID {
				return true
			}
		}
	}
	return false
}

// orderDisposition makes one ending of those of the lines, the most telling first: something was done, something waits, nothing was
// done for a reason.
func orderDisposition(channel stock.Channel, endings map[ledger.Ending]string) ledger.Disposition {
	for _, ending := range []ledger.Ending{ledger.Done, ledger.Parked, ledger.Ignored} {
		if reason, ok := endings[ending]; ok {
			return ledger.Disposition{Ending: ending, Channel: channel, Reason: reason}
		}
	}
	return duplicate(channel, "order counters known")
}

func checkLine(line stock.OrderLine) error {
	if err := checkRange(line.Taken); err != nil {
		return err
	}
	var sum stock.Quantity
	for _, restock := range line.Restocks {
		if err := check(restock.Quantity, restock.At); err != nil {
			return err
		}
		if sum += restock.Quantity; restock.Quantity < 0 || checkRange(sum) != nil {
			return fmt.Errorf("%w: restocked %s", ErrInput, restock.Quantity)
		}
	}
	if line.Taken < 0 {
		return fmt.Errorf("%w: taken %s", ErrInput, line.Taken)
	}
	return nil
}

// lineRefs returns the linked refs of the item that a line names, one per location.
func (s *session) lineRefs(channel stock.Channel, soldAs string) []*row {
	var rows []*row
	for _, name := range s.snapshot.SoldAs[ledger.SoldAs{Channel: channel, Item: soldAs}] {
		if r := s.ref(name); r != nil && r.State.Status != ledger.Unlinked {
			rows = append(rows, r)
		}
	}
	slices.SortFunc(rows, func(a, b *row) int { return a.State.Ref.Compare(b.State.Ref) })
	return rows
}

func (s *session) orderLine(o stock.Order, line stock.OrderLine, seen, booking bool, endings map[ledger.Ending]string) error {
	refs := s.lineRefs(o.Channel, line.SoldAs)
	counter := ledger.CounterKey{Channel: o.Channel, Order: o.ID, Line: line.ID}
	taken := count{counter: counter, total: line.Taken, location: line.Location, cause: stock.Sold, at: o.CreatedAt}
	waiting, parked := s.parked(counter)
	taken.inBaseline = func(contains time.Time) stock.Quantity {
		added := seen && (!parked || waiting.Since.After(contains))
		if added || o.CreatedAt.After(contains) {
			return 0
		}
		return line.Taken
	}
	if err := s.count(o, taken, refs, booking, endings); err != nil {
		return err
	}
	for _, restocked := range restockCounts(counter, line.Restocks) {
		if err := s.count(o, restocked, refs, booking, endings); err != nil {
			return err
		}
	}
	if len(refs) == 0 {
		s.listUnlinked(o.Channel, line.SoldAs)
	}
	return nil
}

// count is one cumulative counter of a line, as the order shows it now.
type count struct {
	counter  ledger.CounterKey
	total    stock.Quantity
	location string
	cause    stock.Cause
	at       time.Time
	// inBaseline returns how many of the units the counter of a ref already showed when its baseline was taken: those that the
	// channel had recorded by the time up to which the baseline contains everything. They explain no difference, for none was
	// posted for them.
	inBaseline func(contains time.Time) stock.Quantity
}

// restockCounts sums the restocks of a line per location.
func restockCounts(line ledger.CounterKey, restocks []stock.Restock) []count {
	byLocation := map[string][]stock.Restock{}
	for _, restock := range restocks {
		byLocation[restock.Location] = append(byLocation[restock.Location], restock)
	}
	var counts []count
	for location, list := range byLocation {
		c := count{counter: line, location: location, cause: stock.Returned}
		c.counter.Restocked, c.counter.Location = true, location
		for _, restock := range list {
			c.total += restock.Quantity
			c.at = later(c.at, restock.At)
		}
		c.inBaseline = func(contains time.Time) (held stock.Quantity) {
			for _, restock := range list {
				if !restock.At.After(contains) {
					held += restock.Quantity
				}
			}
			return held
		}
		counts = append(counts, c)
	}
	slices.SortFunc(counts, func(a, b count) int { return strings.Compare(a.location, b.location) })
	return counts
}

// count posts what one counter grew by, or says why it cannot.
func (s *session) count(o stock.Order, c count, refs []*row, booking bool, endings map[ledger.Ending]string) error {
	have, seen := s.counter(c.counter)
	if c.total <= have {
		return nil
	}
	if len(refs) == 0 {
		s.counters[c.counter] = c.total
		s.stopWaiting(c.counter)
		endings[ledger.Ignored] = "unlinked item"
		return nil
	}
	if c.location == "" && !(booking && allLinked(refs)) {
		s.wait(o, c, c.total-have, refs)
		endings[ledger.Parked] = "location not known yet"
		return nil
	}
	r := refAt(refs, c.location)
	if r == nil && c.location == "" {
		r = refs[0]
	}
	if r == nil || booking || !awaitsBaseline(r) {
		s.stopWaiting(c.counter)
	}
	switch {
	case r == nil && s.mapped(o.Channel, c.location): // tied at other locations only
		s.counters[c.counter] = c.total
		endings[ledger.Ignored] = "unlinked item"
		return nil
	case r == nil:
		endings[ledger.Ignored] = "location not mapped"
		return nil
	case awaitsBaseline(r):
		if booking {
			s.counters[c.counter] = c.total
		}
		endings[ledger.Ignored] = "waiting for the baseline"
		return nil
	case r.State.Status == ledger.Untracked || r.State.Status == ledger.Gone:
		s.counters[c.counter] = c.total
		endings[ledger.Ignored] = "not tracked"
		return nil
	case booking:
		return nil
	}
	return s.countMovement(o, c, r, have, seen, endings)
}

// awaitsBaseline says that a ref will have a baseline, which decides about its orders: those that it contains are booked with it,
// later ones explain.
func awaitsBaseline(r *row) bool {
	return r.State.Status == ledger.Linked || !hasBaseline(r) && r.Work.Baseline != nil
}

func (s *session) countMovement(o stock.Order, c count, r *row, have stock.Quantity, seen bool, endings map[ledger.Ending]string) error {
	switch {
	case !o.UpdatedAt.After(r.State.Contains):
		have = c.total
	case !seen:
		have = min(c.inBaseline(r.State.Contains), c.total)
	}
	s.counters[c.counter] = c.total
	if c.total == have {
		endings[ledger.Ignored] = "before baseline"
		return nil
	}
	quantity, what := have-c.total, "taken"
	if c.counter.Restocked {
		quantity, what = c.total-have, "restocked@"+c.counter.Location
	}
	occurred := c.at
	if have > 0 && !c.counter.Restocked {
		occurred = o.UpdatedAt
	}
	d, err := s.explain(r, stock.Movement{
		Key: fmt.Sprintf("order/%s/line/%s/%s/%s", o.ID, c.counter.Line, what, c.total),
		Ref: r.State.Ref, Quantity: quantity, Cause: c.cause, OccurredAt: occurred, ChannelTime: o.UpdatedAt,
		Evidence: stock.Evidence{"order": o.ID, "order_name": o.Name, "line": c.counter.Line},
	})
	endings[d.Ending] = d.Reason
	return err
}

// allLinked says that no ref of the item has a baseline yet. Then an order can be booked although nobody knows where its units are
// taken from: the baseline of that place will contain it.
func allLinked(refs []*row) bool {
	return !slices.ContainsFunc(refs, func(r *row) bool { return r.State.Status != ledger.Linked })
}

func refAt(refs []*row, location string) *row {
	for _, r := range refs {
		if r.State.Ref.Location == location {
			return r
		}
	}
	return nil
}

func (s *session) counter(key ledger.CounterKey) (value stock.Quantity, seen bool) {
	if value, seen = s.counters[key]; seen {
		return value, true
	}
	value, seen = s.snapshot.Counters[key]
	return value, seen
}

// wait parks a count until the channel says where its units are taken from. The order is read again for that, and the item's
// counters are read, for one of them has moved.
func (s *session) wait(o stock.Order, c count, increase stock.Quantity, refs []*row) {
	waiting, parked := s.parked(c.counter)
	if !parked {
		waiting.Since = s.at
	}
	if waiting.Quantity != increase {
		s.waiting[c.counter] = ledger.Waiting{Counter: c.counter, Quantity: increase, Reason: "location not known yet", Since: waiting.Since}
		shown := slices.ContainsFunc(refs, func(r *row) bool { return showsAlready(r, c, increase) })
		for _, r := range refs {
			if hasBaseline(r) && r.State.Status != ledger.SetAside {
				s.news(r, o.UpdatedAt, shown)
			}
		}
	}
	pause := min(max(s.at.Sub(o.UpdatedAt)/2, routingPauseMin), routingPauseMax)
	s.out.Resources = append(s.out.Resources, ledger.ResourceWish{Channel: o.Channel, Resource: stock.OrderResource(o.ID), Due: gatheredOrder(s.at.Add(pause))})
}

// showsAlready says that a ref's counter showed as much of a change without a cause as a count grew by.
func showsAlready(r *row, c count, increase stock.Quantity) bool {
	if c.counter.Restocked {
		return r.Unexplained <= -increase
	}
	return r.Unexplained >= increase
}

// parked returns what waits for a counter's location, if anything does.
func (s *session) parked(key ledger.CounterKey) (waiting ledger.Waiting, parked bool) {
	waiting, changed := s.waiting[key]
	if !changed {
		waiting = s.snapshot.Waiting[key]
	}
	return waiting, waiting.Quantity != 0
}

func (s *session) stopWaiting(key ledger.CounterKey) {
	if _, parked := s.parked(key); parked {
		s.waiting[key] = ledger.Waiting{Counter: key}
	}
}

// catalogPause is how often a catalog is read at the most because its channel says that it changed: one edit of many articles tells it
// many times.
const catalogPause = 5 * time.Second

// hint wishes for a read of what changed.
func (s *session) hint(channel stock.Channel, hint stock.Hint) (ledger.Disposition, error) {
	if hint.Ref != nil {
		return s.hintOfRef(*hint.Ref), nil
	}
	if _, isOrder := stock.OrderOfResource(hint.Resource); isOrder {
		s.out.Resources = append(s.out.Resources, ledger.ResourceWish{Channel: channel, Resource: hint.Resource, Due: gatheredOrder(s.at)})
		return done(channel, "order will be read"), nil
	}
	if hint.Resource == stock.CatalogResource {
		due := s.at.Truncate(catalogPause).Add(catalogPause)
		s.out.Resources = append(s.out.Resources, ledger.ResourceWish{Channel: channel, Resource: hint.Resource, Due: due})
		return done(channel, "catalog will be read"), nil
	}
	return ignored(channel, "hint names nothing we read"), nil
}

// hintOfRef wishes for a read of the counter that changed. One that waits for its baseline, or for a person, is read for that.
func (s *session) hintOfRef(ref stock.Ref) ledger.Disposition {
	r := s.ref(ref)
	switch {
	case r == nil || r.State.Status == ledger.Unlinked:
		return s.unlinked(ref)
	case r.State.Status == ledger.Linked:
		return ignored(ref.Channel, "waiting for the baseline")
	case r.State.Status == ledger.SetAside:
		return ignored(ref.Channel, "ref is set aside")
	}
	s.wantRead(r, ledger.ReadChanged, s.at, time.Time{})
	return done(ref.Channel, "counter will be read")
}
