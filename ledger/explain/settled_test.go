package explain

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// settles has a person settle units of the till as shrinkage.
func (s *story) settles(key string, units int64) {
	s.add(ledger.Entry{Key: key, Kind: ledger.KindCorrection, Ref: till,
		Evidence: stock.Evidence{"by": "ann", "note": "looked everywhere", ledger.EvidenceSettledAs: "shrinkage", ledger.EvidenceSettledUnits: stock.Units(units).String()},
		Postings: ledger.Post(ledger.Account{Item: tee.Item, Kind: ledger.Shrinkage}, ledger.UnexplainedBy(tee.Item, till), stock.Units(units))})
}

// takesBack has a movement take units of a settlement back.
func (s *story) takesBack(key, settlement string, units int64) {
	s.add(ledger.Entry{Key: key, Kind: ledger.KindCorrection, Ref: till,
		Evidence: stock.Evidence{ledger.EvidenceToldSince: "till:A1", ledger.EvidenceSettlement: settlement, ledger.EvidenceSettledAs: "shrinkage",
			ledger.EvidenceSettledUnits: stock.Units(units).String()},
		Postings: ledger.Post(ledger.Account{Item: tee.Item, Kind: ledger.Shrinkage}, ledger.UnexplainedBy(tee.Item, till), stock.Units(units))})
}

// What a person settled explains a difference, until the channel says what it was: then both are named.
func TestSettledSteps(t *testing.T) {
	t.Parallel()
	s := tell()
	s.baseline(till, 8, true)
	s.reading(till, -1)
	s.settles("a", -1)
	s.takesBack("b", "a", 1)
	sold := s.movement(till, ledger.Sold, -1)
	shelf := s.explain()
	require.Equal(t, s.Level, shelf.Sum)
	require.Empty(t, shelf.Unexplained)
	trail := shelf.Trail
	require.Len(t, trail, 4)
	difference, settled, back := trail[1], trail[2], trail[3]
	require.Equal(t, []int64{settled.Entry, back.Entry, sold}, difference.ExplainedBy)
	require.Equal(t, StepSettled, settled.What)
	require.Equal(t, &Settled{As: "shrinkage", By: "ann"}, settled.Settled)
	require.Equal(t, -stock.Unit, settled.Quantity)
	require.Equal(t, `settled by a person: "looked everywhere"`, settled.Note)
	require.Equal(t, &Settled{As: "shrinkage", Of: settled.Entry}, back.Settled)
	require.Equal(t, stock.Unit, back.Quantity)
	require.Equal(t, "taken back: the channel has told since what it was", back.Note)
}
