package sweep

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/reconcile"
)

// Classes of findings.
const (
	// MissedDelivery: a counter had changed and no webhook had said so.
	MissedDelivery = "missed delivery"
	// EditedOnChannel: somebody changed a counter by hand; nothing on the platform says why.
	EditedOnChannel = "edited on the channel"
	// PushNotApplied: the platform refuses our write, or nobody knows what became of it.
	PushNotApplied = "push not applied"
	// OtherApp: another application writes this channel's stock.
	OtherApp = "other app"
	// Unlinked: an item of the channel is tied to no shelf.
	Unlinked = "unlinked"
	// Untracked: the platform keeps no count, or it cannot be read.
	Untracked = "untracked"
	// WaitsToJoin: a counter came to an open shelf with another number, and a person must say what that means.
	WaitsToJoin = "waits to join"
	// Gone: the platform does not know a linked item any more.
	Gone = reconcile.ClassGone
	// Renamed: a merchant gave a linked article another SKU.
	Renamed = "renamed"
	// MovedOn: a SKU that a linked article had is another article's now.
	MovedOn = "SKU moved on"
	// Unreadable: the platform refuses to be asked for a counter.
	Unreadable = "cannot be read"
	// UnexplainedTooLong: a difference has had no cause for a day.
	UnexplainedTooLong = "unexplained for too long"
	// SoldOut: people marked an item as sold out, although it counts some.
	SoldOut = "marked as sold out"
	// Contradiction: a fact contradicts what is recorded under its key.
	Contradiction = "contradiction"
)

const (
	// explainGrace is how long a difference may wait for its cause before it is taken for a hand edit.
	explainGrace = 5 * time.Minute
	// ExplainMax is how long a difference may stay unexplained before it is reported as too long.
	ExplainMax = 24 * time.Hour
)

// findingsMax bounds how many findings of one class a run keeps.
const findingsMax = 1000

// find keeps a finding, or counts it when there are too many of its class.
func (r *run) find(finding ledger.Finding) {
	if r.found[finding.Class]++; r.found[finding.Class] <= findingsMax {
		r.keep(finding)
	}
}

func (r *run) keep(finding ledger.Finding) {
	finding.ID = cmp.Or(finding.ID, r.NewID())
	finding.Run, finding.At, finding.Channel = r.ID, r.Now().UTC(), r.Channel
	r.findings = append(r.findings, finding)
}

// more says of each class how many findings were not kept.
func (r *run) more() {
	for _, class := range slices.Sorted(maps.Keys(r.found)) {
		if n := r.found[class] - findingsMax; n > 0 {
			r.keep(ledger.Finding{Class: class, Action: "look at those listed first", Evidence: stock.Evidence{"more": fmt.Sprint(n)}})
		}
	}
}

// compare turns what the facts of a page did into findings: where the ledger did not know yet what the channel shows.
func (r *run) compare(events []stock.Event, receipt ledger.Receipt) {
	posted := map[stock.Ref]ledger.Entry{}
	for _, entry := range receipt.Entries {
		if stock.SoldOut(entry.Evidence[ledger.EvidenceSoldOut]) == stock.IsSoldOut && r.Kind == Recent {
			r.soldOut(entry.Ref, entry.Shelf, entry.RecordedAt)
		}
		if entry.Kind == ledger.KindReading && len(entry.Postings) > 0 {
			posted[entry.Ref] = entry
		}
	}
	for i, event := range events {
		ending := receipt.Dispositions[i].Ending
		if receipt.Dispositions[i].Reason == reconcile.EditedPush {
			r.editedPush(event, ending)
			continue
		}
		r.noteWriter(event, ending)
		if event.Reading == nil || ending != ledger.Done {
			continue
		}
		if entry, ok := posted[event.Reading.Ref]; ok {
			r.Repaired++
			if r.Changed != nil {
				r.Changed(r.Now())
			}
			r.missed(entry)
		}
	}
}

// missed reports a difference that a sweep was the first to see. A very young one is no finding: its webhook may be on its way.
func (r *run) missed(entry ledger.Entry) {
	if r.clock().Sub(entry.OccurredAt) < webhookGrace {
		return
	}
	r.find(ledger.Finding{Class: MissedDelivery, Ref: entry.Ref, Shelf: entry.Shelf, Action: "posted; the other channels follow",
		Evidence: stock.Evidence{"difference": entry.ExpectedDelta.String(), "version": entry.OccurredAt.Format(time.RFC3339Nano), "entry": fmt.Sprint(entry.Seq)}})
}

// editedPush reports that somebody edited the row that a push of ours left in the channel's history. A recent sweep reports it only if
// it is the first to see it, a full one whenever it lists the row.
func (r *run) editedPush(event stock.Event, ending ledger.Ending) {
	if ending != ledger.Done && r.Kind != Full {
		return
	}
	r.find(ledger.Finding{Class: EditedOnChannel, Ref: event.Movement.Ref, Action: "counted as it stands; our own writes are no stock events, nobody should edit them",
		Evidence: stock.Evidence{"note": reconcile.EditedPush, "key": event.Movement.Key, "reference": event.Movement.Reference, ledger.EvidenceNow: event.Movement.Quantity.String()}})
}

func (r *run) refused(event stock.Event, reason error) {
	evidence := stock.Evidence{"reason": reason.Error()}
	finding := ledger.Finding{Class: Contradiction, Evidence: evidence, Action: "not applied; a person must look"}
	switch {
	case event.Reading != nil:
		finding.Ref = event.Reading.Ref
	case event.Movement != nil:
		finding.Ref = event.Movement.Ref
		evidence["key"] = event.Movement.Key
	case event.Recount != nil:
		finding.Ref = event.Recount.Ref
		evidence["key"] = event.Recount.Key
	case event.Order != nil:
		evidence["order"] = event.Order.ID
	}
	r.find(finding)
}

// soldOut reports an item that is marked as sold out. A full sweep does it again each time, for the mark is easily forgotten.
func (r *run) soldOut(ref stock.Ref, shelf stock.Shelf, since time.Time) {
	evidence := stock.Evidence{}
	if !since.IsZero() {
		evidence["since"] = since.UTC().Format(time.RFC3339)
	}
	r.find(ledger.Finding{Class: SoldOut, Ref: ref, Shelf: shelf, Evidence: evidence,
		Action: "take the mark back when there is some again; the other channels go on selling unless sold_out_everywhere is set for this one"})
}

// statusFinding reports a ref that cannot be kept even.
func (r *run) statusFinding(ref ledger.DueRef, shows stock.Reading) {
	finding := ledger.Finding{Ref: ref.State.Ref, Shelf: ref.State.Shelf, Evidence: stock.Evidence{"status": ref.State.Status.String()}}
	switch {
	case reconcile.OtherProgram(ref.Ref):
		finding = reconcile.ProgramFinding(ref.Ref)
	case ref.State.Status == ledger.Gone: // reported with what came in its place
		return
	case ref.State.Status == ledger.WaitsToJoin:
		finding.Class, finding.Action = WaitsToJoin, "nothing is pushed to it; say what its count means: add, level or counter"
		if pending := ref.State.Joining; pending != nil && pending.Away {
			finding.Action = "the configuration does not have its location there: nothing is pushed to it, and nothing of it moves the level; put it back, or unlink it"
		}
		finding.Evidence["counts"], finding.Evidence["level"] = ref.State.Expected.String(), ref.Level.String()
	case ref.State.Status == ledger.Untracked:
		finding.Class, finding.Action = Untracked, "the channel does not count it there: nothing is pushed until it does; unlink it if that is meant"
	case ref.State.Status == ledger.Unreadable || ref.Work.Baseline != nil && ref.Work.Baseline.Missing || shows.Why == stock.NoID:
		finding.Class, finding.Action = Untracked, absenceAction(shows)
		if shows.Why != "" {
			finding.Evidence["why"] = string(shows.Why)
		}
	case ref.State.Status == ledger.SetAside:
		finding.Class, finding.Action = PushNotApplied, "set aside: a person must say what became of it"
	case ref.Work.Refusals > 0:
		finding.Class, finding.Action = PushNotApplied, "tried again with growing pauses; look at the reason at the platform"
		finding.Evidence["refusals"] = fmt.Sprint(ref.Work.Refusals)
	default:
		return
	}
	r.find(finding)
}

// absenceAction says what to do about a counter that shows no count. Where none was seen the list of what it may be is all that can be
// said.
func absenceAction(shows stock.Reading) string {
	const stopped = "nothing is pushed until it shows a count: "
	switch shows.Why {
	case stock.NeverCounted:
		return stopped + "count it there once, and be it zero"
	case stock.NotStocked:
		return stopped + "stock it at that location, or unlink it"
	case stock.NoID:
		return stopped + "its id is none of the platform's, perhaps a spreadsheet rewrote it: unlink it, and link the right one"
	case stock.SwitchedOff:
		return stopped + "switch the item or the whole location on again, or unlink it"
	}
	return stopped + "see whether the item is still there, is counted, and its location is open"
}

// unexplained reports the suspense accounts of this channel.
func (r *run) unexplained(ctx context.Context) error {
	accounts, err := r.Ledger.Unexplained(ctx, r.Channel, r.Now().Add(-explainGrace), ledger.MaxPage)
	if err != nil {
		return fmt.Errorf("listing unexplained differences: %w", err)
	}
	for _, account := range accounts {
		age := r.Now().Sub(account.Since)
		class := EditedOnChannel
		if age >= ExplainMax {
			class = UnexplainedTooLong
		}
		r.find(ledger.Finding{Class: class, Ref: account.Ref, Shelf: account.Shelf, Action: "counted as it stands, and unexplained until a cause is told or a person settles it; if the count is wrong, correct it on the channel",
			Evidence: stock.Evidence{"units": account.Quantity.Abs().String(), "direction": direction(account.Quantity), "since": account.Since.Format(time.RFC3339)}})
	}
	return nil
}

// direction says which way units went without a cause: a positive suspense balance holds units that left the shelf.
func direction(balance stock.Quantity) string {
	if balance > 0 {
		return "left"
	}
	return "appeared"
}
