package sweep_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
	"github.com/evenstock/evenstock/sync/sweep"
)

// changing is a lister whose catalog people change.
type changing struct {
	*lister
	list func(since time.Time, cursor string) (stock.CatalogChanges, error)
}

func (c changing) ListChanges(_ context.Context, since time.Time, cursor string) (stock.CatalogChanges, error) {
	return c.list(since, cursor)
}

// lists has recent sweeps list articles, all on the first page, of so many.
func (s *stage) lists(articles, made int, items ...stock.CatalogItem) {
	s.Sweeper.Lister = changing{s.lister, func(time.Time, string) (stock.CatalogChanges, error) {
		return stock.CatalogChanges{Items: items, Articles: articles, Made: made}, nil
	}}
}

func only(findings []ledger.Finding, class string) (found []ledger.Finding) {
	for _, f := range findings {
		if f.Class == class {
			found = append(found, f)
		}
	}
	return found
}

// A recent sweep sees what was deleted, or is counted no more, and has it read at once.
func TestRecentSweepSeesDeleted(t *testing.T) {
	t.Parallel()
	s := newStage(t, 2)
	s.Sweeper.Lister = changing{s.lister, func(time.Time, string) (stock.CatalogChanges, error) {
		return stock.CatalogChanges{Page: stock.Page{Readings: []stock.Reading{{Ref: webRef(0), Status: stock.Gone}, {Ref: webRef(1), Status: stock.Untracked}}}}, nil
	}}
	s.sweep(sweep.Recent)
	for _, ref := range []stock.Ref{webRef(0), webRef(1)} {
		require.True(t, s.store.Model.Ref(ref).Work.Doubted(), "%s", ref)
	}
}

// A recent sweep has labels follow the catalog, and tells of a SKU that moved on to another article once, however often it is listed.
func TestRecentSweepSeesRenamed(t *testing.T) {
	t.Parallel()
	s := newStage(t, 3)
	s.lists(0, 0, stock.CatalogItem{Item: "I00", SKU: "item00", Name: "Mug"}, stock.CatalogItem{Item: "I01", SKU: "item01", Name: "Cup"}, stock.CatalogItem{Item: "I02", SKU: "item02", Name: "Jar"})
	_, findings := s.sweep(sweep.Recent)
	require.Empty(t, findings)

	s.lists(0, 0, stock.CatalogItem{Item: "I00", SKU: "MUG-2", Name: "Mug"}, stock.CatalogItem{Item: "I77", SKU: "item00", Name: "Another mug"})
	_, findings = s.sweep(sweep.Recent)
	require.Equal(t, []string{sweep.MovedOn, sweep.Renamed}, sorted(classes(findings)))
	require.Equal(t, "MUG-2", s.store.items[shelf(0).Item].SKU)
	moved := only(findings, sweep.MovedOn)[0]
	require.Equal(t, "item00", moved.SKU)
	require.Equal(t, stock.Evidence{"was_on": "I00", "was_name": "Mug", "now_on": "I77", "now_name": "Another mug"}, moved.Evidence)
	require.NotContains(t, s.store.labels, [2]string{"web", "I77"}, "nothing is merged")

	// Two linked articles change SKUs: the items do not become one.
	s.lists(0, 0, stock.CatalogItem{Item: "I01", SKU: "CUP-2", Name: "Cup"}, stock.CatalogItem{Item: "I02", SKU: "item01", Name: "Jar"})
	_, findings = s.sweep(sweep.Recent)
	moved = only(findings, sweep.MovedOn)[0]
	require.Equal(t, "item01", moved.SKU)
	require.Equal(t, "I01 to I02", moved.Evidence["was_on"]+" to "+moved.Evidence["now_on"])
	require.Equal(t, shelf(2), s.store.Model.Ref(webRef(2)).State.Shelf)
}

// A SKU that the item keeps, because another channel has it, moved on all the same. While lists overlap that is one finding.
func TestSKUThatAnotherChannelKeeps(t *testing.T) {
	t.Parallel()
	s := newStage(t, 1)
	require.NoError(t, s.store.SaveItems(t.Context(), []stock.Item{{ID: shelf(0).Item, SKU: "MUG"}}))
	require.NoError(t, s.store.SaveLabels(t.Context(), []ledger.Label{{Channel: "web", Item: "I00", SKU: "MUG"}, {Channel: "till", Item: "V00", SKU: "MUG"}}))
	s.lists(0, 0, stock.CatalogItem{Item: "I00", SKU: "MUG-2"})
	s.sweep(sweep.Recent)
	require.Equal(t, "MUG", s.store.items[shelf(0).Item].SKU)
	s.lists(0, 0, stock.CatalogItem{Item: "I77", SKU: "MUG"})
	_, first := s.sweep(sweep.Recent)
	_, second := s.sweep(sweep.Recent)
	require.Equal(t, []string{sweep.MovedOn}, classes(first))
	require.Equal(t, first[0].ID, second[0].ID)
	s.lists(0, 0, stock.CatalogItem{Item: "I78", SKU: "-"}, stock.CatalogItem{Item: "I79", SKU: "NEW"})
	_, findings := s.sweep(sweep.Recent)
	require.Empty(t, findings)
}

// A recent sweep ties what is gone to what is made in its place.
func TestRecentSweepFindsSuccessor(t *testing.T) {
	t.Parallel()
	s := newStage(t, 1)
	s.ownRead(stock.Reading{Ref: webRef(0), Status: stock.Gone})
	s.lists(0, 0, stock.CatalogItem{Item: "I70", SKU: "item00", Name: "Mug"})
	_, first := s.sweep(sweep.Recent)
	_, second := s.sweep(sweep.Recent)
	require.Equal(t, []string{sweep.Gone}, classes(first))
	require.Equal(t, "I70", first[0].Evidence[sweep.EvidenceSuccessor])
	require.Equal(t, first[0].ID, second[0].ID)
}

// Where deleted articles are in no list, fewer of them than there should be begin a look at what is linked, one request in each sweep.
func TestLookForDeleted(t *testing.T) {
	t.Parallel()
	s := newStage(t, 5)
	s.lister.maxReads = 2
	read := s.lister.Read
	s.lister.Read = func(refs []stock.Ref) (stock.Page, error) {
		page, err := read(refs)
		for i, r := range page.Readings {
			if r.Ref == webRef(3) {
				page.Readings[i] = stock.Reading{Ref: r.Ref, Status: stock.Gone}
			}
		}
		return page, err
	}
	asks := func(articles, made int) []stock.Ref {
		s.lister.read = nil
		s.lists(articles, made)
		s.sweep(sweep.Recent)
		return s.lister.read
	}
	require.Empty(t, asks(10, 0), "nobody knows how many there were")
	require.Empty(t, asks(10, 0))
	require.Empty(t, asks(12, 2), "made, and not deleted")
	require.Empty(t, asks(0, 0), "not told")
	require.Equal(t, []stock.Ref{webRef(0), webRef(1)}, asks(12, 1), "one was made, and one is missing")
	require.Equal(t, []stock.Ref{webRef(2), webRef(3)}, asks(12, 0))
	require.True(t, s.store.Model.Ref(webRef(3)).Work.Doubted())
	require.Equal(t, []stock.Ref{webRef(4)}, asks(12, 0))
	require.Empty(t, asks(12, 0))
	require.Equal(t, []stock.Ref{webRef(0), webRef(1)}, asks(11, 0))
}

// What was listed is not marked as taken in before it was compared, and a list that is too long is left to the full sweep.
func TestChangesThatFail(t *testing.T) {
	t.Parallel()
	s := newStage(t, 1)
	var asked []time.Time
	var fails error
	s.Sweeper.Lister = changing{s.lister, func(since time.Time, _ string) (stock.CatalogChanges, error) {
		asked = append(asked, since)
		return stock.CatalogChanges{}, fails
	}}
	s.sweep(sweep.Recent)
	s.now = s.now.Add(time.Hour)
	fails = errors.New("down")
	_, _, err := s.Sweeper.Sweep(t.Context(), sweep.Recent, nil)
	require.ErrorIs(t, err, fails)
	s.now = s.now.Add(time.Hour)
	fails = tooMany{errors.New("too many")}
	s.sweep(sweep.Recent)
	require.Equal(t, asked[1], asked[2])
	s.now = s.now.Add(time.Hour)
	fails = nil
	s.sweep(sweep.Recent)
	require.True(t, asked[3].After(asked[2]))
}
