package reconcile

import (
	"errors"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// A configuration may lose a location of a channel, or give it to another of ours, while counters there are linked. Nobody can tell
// whose units such a counter counts then. So it waits as one that came to an open shelf does (R9): it is read and explained as ever, it
// moves no level, and nothing is pushed to it. When the location is back it is read, and joins if it shows its target and nobody did
// anything to it meanwhile; else it goes on waiting, for a person.

// ErrMisplaced: a counter that waits is not where the configuration has its location, so nothing can be said of it yet.
var ErrMisplaced = errors.New("its location is not in the configuration, or is another of ours there")

// Misplaced says that the configured locations of a channel, by its ids of them, do not have a ref where it is linked: they have its
// location for another of ours, or not at all. Nothing is pushed to it then, and nothing of it moves the level.
func Misplaced(locations map[string]stock.Location, ref ledger.RefState) bool {
	return locations[ref.Ref.Location] != ref.Shelf.Location
}

// PlaceDiffers says that a ref is to be read because the configuration has lost or got back its location since its last reading.
func PlaceDiffers(locations map[string]stock.Location, ref ledger.RefState) bool {
	if Misplaced(locations, ref) {
		return ref.Status == ledger.Live || ref.Status == ledger.Unreadable
	}
	return ref.Joining != nil && ref.Joining.Away
}

func (s *session) misplaced(r *row) bool {
	return Misplaced(s.channels[r.State.Ref.Channel].Locations, r.State)
}

// losesPlace has a ref wait whose location the configuration has no more, before anything that its counter shows is posted.
func (s *session) losesPlace(r *row) {
	if s.misplaced(r) && (r.State.Status == ledger.Live || r.State.Status == ledger.Unreadable) {
		s.write(r, ledger.Entry{Kind: ledger.KindCorrection, Status: ledger.WaitsToJoin, OccurredAt: s.at, ObservedAt: s.at, Evidence: stock.Evidence{
			ledger.EvidencePlace: ledger.PlaceLost, ledger.EvidenceLevel: s.levelBeside(r).String(), "note": "the configuration has its location no more"}})
	}
}

// regainsPlace decides about a ref whose location is back and whose counter was read since.
func (s *session) regainsPlace(r *row) {
	if pending := r.State.Joining; pending == nil || !pending.Away || r.State.Status != ledger.WaitsToJoin || s.misplaced(r) {
		return
	}
	status, note := s.arrives(r, r.State.Expected, false), "the configuration has its location again"
	if status == ledger.WaitsToJoin {
		note += ": a person says what its count means"
	}
	s.write(r, ledger.Entry{Kind: ledger.KindCorrection, Status: status, OccurredAt: s.at, ObservedAt: s.at, Evidence: stock.Evidence{
		ledger.EvidencePlace: ledger.PlaceBack, "note": note}})
}
