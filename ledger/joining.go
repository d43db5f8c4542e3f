package ledger

import (
	"slices"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

// Joining is what is known of a ref that waits to join its shelf. It is kept while the ref is not tracked or gone meanwhile: what was
// sold there before is still no part of the level.
type Joining struct {
	// Since is when the ledger wrote that it waits, Counted what it showed then and Level what the shelf had: the two numbers that a
	// person is asked about. When a person corrects what the level was then, Level follows.
	Since   time.Time      `json:"since"`
	Counted stock.Quantity `json:"counted"`
	Level   stock.Quantity `json:"level"`
	// Others is what others did to the counter while it waited. It is no part of the level yet, and will be when the ref joins.
	Others stock.Quantity `json:"others"`
	// Untold are the changes among them of which nobody has told the cause, the oldest first.
	Untold []UntoldChange `json:"untold,omitempty"`
	// Away: it waits because the configuration lost its location, or gave it to another of ours. Whether it joins by itself is decided
	// when it is read after the location is back.
	Away bool `json:"away,omitempty"`
	// Lost: the two numbers are those of when its location was lost, and not of when it came.
	Lost bool `json:"lost,omitempty"`
}

// UntoldChange is a change of a counter that waits, without a cause: goods moved, or somebody typed a count in.
type UntoldChange struct {
	Quantity stock.Quantity `json:"quantity"`
	// At is when the ledger wrote it, Level what the shelf had then.
	At    time.Time      `json:"at"`
	Level stock.Quantity `json:"level"`
	// Early: the other way about, a cause was told that the counter has not shown yet.
	Early bool `json:"early,omitempty"`
}

// untoldMax is how many changes without a cause are kept apart; the oldest of more are added up.
const untoldMax = 32

// EvidenceLevel is the evidence key under which entries of a ref that waits to join keep the level that its shelf had.
// EvidenceLevelCorrected is by how much a person has corrected that level since, EvidenceTold the quantity of a movement. States follow
// from entries without their postings, so the entries say it.
//
// EvidencePlace is the evidence key of the entries that begin and end a wait for a lost location, and says which of the two.
const (
	EvidenceLevel          = "level"
	EvidenceLevelCorrected = "level_corrected"
	EvidenceTold           = "told_while_it_waits"
	EvidencePlace          = "place"
)

// What EvidencePlace says.
const (
	PlaceLost = "lost"
	PlaceBack = "back"
)

// Typed is the sum of the changes that nobody told the cause of, and the level that the shelf had at the last of them.
func (j Joining) Typed() (sum, level stock.Quantity) {
	level = j.Level
	for _, change := range j.Untold {
		if !change.Early {
			sum, level = sum+change.Quantity, change.Level
		}
	}
	return sum, level
}

// arrived begins the wait of a ref that came with a count. What it did in an earlier wait stays.
func (j *Joining) arrived(e Entry, counted stock.Quantity) *Joining {
	now := Joining{Since: e.RecordedAt, Counted: counted, Level: levelThen(e, counted)}
	if j != nil {
		now.Others, now.Untold = j.Others, slices.Clone(j.Untold)
		for i := range now.Untold {
			now.Untold[i].Level = now.Level // its count was taken after them
		}
	}
	return &now
}

// placed begins the wait of a ref whose location the configuration lost, or ends it with the location back while the question stays.
func (j *Joining) placed(e Entry, counted stock.Quantity) *Joining {
	if j == nil {
		return &Joining{Since: e.RecordedAt, Counted: counted, Level: levelThen(e, counted), Away: true, Lost: true}
	}
	now := *j
	now.Away = e.Evidence[EvidencePlace] == PlaceLost
	return &now
}

// levelThen is what the shelf had by an entry; one that does not say it asks about no difference.
func levelThen(e Entry, counted stock.Quantity) stock.Quantity {
	if level, err := stock.ParseQuantity(e.Evidence[EvidenceLevel]); err == nil {
		return level
	}
	return counted
}

// after adds what an entry of the waiting ref says.
func (j *Joining) after(e Entry) *Joining {
	corrected, err := stock.ParseQuantity(e.Evidence[EvidenceLevelCorrected])
	told, noCause := stock.ParseQuantity(e.Evidence[EvidenceTold])
	now := *j
	now.Untold = slices.Clone(j.Untold)
	switch {
	case e.Kind == KindCorrection && err == nil:
		now.Level += corrected
		for i := range now.Untold {
			now.Untold[i].Level += corrected
		}
	case e.Kind == KindReading && e.Status == 0 && e.ExpectedDelta != 0:
		now.Others += e.ExpectedDelta
		now.changed(UntoldChange{Quantity: e.ExpectedDelta, At: e.RecordedAt, Level: levelThen(e, j.Level)})
	case e.Kind == KindMovement && noCause == nil && told != 0:
		now.changed(UntoldChange{Quantity: told, At: e.RecordedAt, Early: true})
	default:
		return j
	}
	return &now
}

// changed lets a change and the causes that are told of it meet, whichever comes first. A cause means the change of its size, else
// the youngest.
func (j *Joining) changed(c UntoldChange) {
	whole := func(other UntoldChange) bool { return other.Early != c.Early && other.Quantity == c.Quantity }
	if i := slices.IndexFunc(j.Untold, whole); i >= 0 {
		j.Untold = slices.Delete(j.Untold, i, i+1)
		return
	}
	for i := len(j.Untold) - 1; i >= 0; i-- {
		if other := &j.Untold[i]; other.Early != c.Early && (other.Quantity > 0) == (c.Quantity > 0) {
			part := min(other.Quantity, c.Quantity)
			if c.Quantity < 0 {
				part = max(other.Quantity, c.Quantity)
			}
			other.Quantity, c.Quantity = other.Quantity-part, c.Quantity-part
		}
	}
	if c.Quantity != 0 {
		j.Untold = append(j.Untold, c)
	}
	j.Untold = slices.DeleteFunc(j.Untold, func(other UntoldChange) bool { return other.Quantity == 0 })
	if len(j.Untold) > untoldMax {
		oldest := j.Untold[0]
		j.Untold = j.Untold[1:]
		if i := slices.IndexFunc(j.Untold, func(other UntoldChange) bool { return other.Early == oldest.Early }); i >= 0 {
			j.Untold[i].Quantity += oldest.Quantity
		}
	}
}
