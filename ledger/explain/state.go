package explain

import "github.com/evenstock/evenstock/ledger"

// What Even may say.
const (
	EvenYes     = "yes"
	EvenNo      = "no"
	EvenUnknown = "unknown"
)

// StateOf says how a counter stands. Whether a push is wanted the ledger's rules have said.
func StateOf(ref ledger.DueRef) (state, even string) {
	switch {
	case ref.State.Status == ledger.Linked:
		return "no baseline", EvenUnknown
	case ref.State.Status == ledger.SetAside:
		return "set aside: evenstock push list", EvenUnknown
	case ref.State.Status != ledger.Live:
		return ref.State.Status.String(), EvenUnknown
	case !ref.Opened:
		return "only observed", EvenUnknown
	case ref.Work.InFlight != "":
		return "push in flight", EvenNo
	case ref.Work.Push:
		return "push wanted", EvenNo
	}
	return "even", EvenYes
}
