package reconcile_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// came is a raise that a counter shows some seconds after ten o'clock.
type came struct {
	ref   stock.Ref
	units int64
	after float64
}

// steppedShop shows raises on the mug's counters.
func steppedShop(t *testing.T, steps ...came) *shop {
	t.Helper()
	s := openShop(t, 8)
	s.wait(3600)
	began, shown := s.now, map[stock.Ref]int64{}
	for _, step := range steps {
		s.now = began
		s.wait(step.after)
		shown[step.ref] += step.units
		s.read(step.ref, 8+shown[step.ref], s.now)
	}
	return s
}

// Goods that were typed in by other steps at the till than on the web are the same goods.
func TestTypedInTwiceInSteps(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		steps []came
		asked []string
	}{
		"two boxes at the till, one number on the web": {[]came{{tillMug, 12, 0}, {tillMug, 8, 60}, {webMug, 20, 120}}, []string{"typed-twice/mug/main/web/20"}},
		"the web first":                     {[]came{{webMug, 20, 0}, {tillMug, 12, 60}, {tillMug, 8, 120}}, []string{"typed-twice/mug/main/till/20"}},
		"in turn":                           {[]came{{tillMug, 12, 0}, {webMug, 20, 60}, {tillMug, 8, 120}}, []string{"typed-twice/mug/main/till/20"}},
		"other steps on both":               {[]came{{tillMug, 12, 0}, {webMug, 15, 30}, {tillMug, 8, 60}, {webMug, 5, 90}}, []string{"typed-twice/mug/main/web/20"}},
		"one by one":                        {[]came{{tillMug, 1, 0}, {tillMug, 1, 5}, {tillMug, 1, 10}, {tillMug, 1, 15}, {webMug, 4, 60}}, []string{"typed-twice/mug/main/web/4"}},
		"one more was found meanwhile":      {[]came{{tillMug, 12, 0}, {tillMug, 1, 30}, {tillMug, 8, 60}, {webMug, 20, 120}}, []string{"typed-twice/mug/main/web/20"}},
		"a pair, and steps that are one":    {[]came{{tillMug, 3, 0}, {tillMug, 12, 10}, {tillMug, 8, 60}, {webMug, 3, 70}, {webMug, 20, 120}}, []string{"typed-twice/mug/main/web/3", "typed-twice/mug/main/web/20"}},
		"other goods came later":            {[]came{{tillMug, 12, 0}, {tillMug, 8, 60}, {webMug, 20, 120}, {tillMug, 7, 300}}, []string{"typed-twice/mug/main/web/20"}},
		"a few came before":                 {[]came{{tillMug, 3, 0}, {tillMug, 12, 60}, {tillMug, 8, 120}, {webMug, 20, 180}}, []string{"typed-twice/mug/main/web/20"}},
		"as large a step came before":       {[]came{{tillMug, 9, 0}, {tillMug, 12, 60}, {tillMug, 8, 120}, {webMug, 20, 180}}, nil},
		"not as many":                       {[]came{{tillMug, 12, 0}, {tillMug, 8, 60}, {webMug, 19, 120}}, nil},
		"a step too long ago":               {[]came{{tillMug, 12, 0}, {tillMug, 8, 60}, {webMug, 20, 901}}, nil},
		"on one channel only":               {[]came{{tillMug, 12, 0}, {tillMug, 8, 60}, {tillMug, 20, 120}}, nil},
		"one and one, and two, is chance":   {[]came{{tillMug, 1, 0}, {tillMug, 1, 60}, {webMug, 2, 120}}, nil},
		"other goods came between, part of": {[]came{{tillMug, 12, 0}, {tillMug, 5, 30}, {tillMug, 8, 60}, {webMug, 20, 120}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.ElementsMatch(t, c.asked, steppedShop(t, c.steps...).typedTwice(mug, tillMug, webMug))
		})
	}
}

// A correction takes all the steps back, and forgets them.
func TestTypedInStepsIsCorrected(t *testing.T) {
	t.Parallel()
	s := steppedShop(t, came{webMug, 20, 0}, came{tillMug, 12, 60}, came{tillMug, 8, 120})
	require.Equal(t, stock.Units(48), s.model.Level(mug))
	brake := s.brakesOf(mug, tillMug, webMug)
	i := len(brake) - 1
	require.Equal(t, "12 + 8", brake[i].Evidence["doubted_steps"])
	require.Empty(t, brake[i].Evidence["kept_steps"])
	s.one(ledger.ReleaseBrake{ID: brake[i].ID, Shelf: mug, By: "anna", Correct: true})
	s.has(28, 28, 28, 0, -20)
	require.Empty(t, s.typedTwice(mug, tillMug, webMug))
	require.Empty(t, s.work(tillMug).Raises)
}

// A return that explains a step dissolves the question.
func TestAReturnExplainsAStep(t *testing.T) {
	t.Parallel()
	s := steppedShop(t, came{webMug, 20, 0}, came{tillMug, 12, 60}, came{tillMug, 8, 120})
	s.deliver(returned("A1", 8, 3600+120))
	require.Empty(t, s.typedTwice(mug, tillMug, webMug))
}
