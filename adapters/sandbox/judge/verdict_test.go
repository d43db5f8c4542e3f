package judge

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/evenstock/evenstock/adapters/sandbox/shop"
	"github.com/evenstock/evenstock/ledger/stock"
)

// deed is one effect on an item of the tests: who did what on which shop.
func deed(second int, at, by string, delta, explained int64) shop.Effect {
	e := shop.Effect{At: time.Unix(1000+int64(second), 0), Shop: at, Item: at + "-tee", Location: at + "-main", Delta: stock.Units(delta),
		By: by, Explained: stock.Units(explained)}
	if by == shop.ByApp {
		e.Key = fmt.Sprintf("key-%s-%d", at, second)
	}
	return e
}

const onTill, onWeb = shop.Square, shop.Shopify

// goodDay is an item with everything that can happen to it, kept even.
func goodDay() ([]Item, []shop.Effect) {
	items := []Item{{SKU: "TEE", Opening: stock.Units(10), Level: stock.Units(4), Opened: true, Refs: []Ref{
		{Channel: "till", Shop: onTill, Item: onTill + "-tee", Location: onTill + "-main", Start: stock.Units(10), Counter: stock.Units(4), Target: stock.Units(4), Unexplained: 0},
		{Channel: "web", Shop: onWeb, Item: onWeb + "-tee", Location: onWeb + "-main", Start: stock.Units(12), Counter: stock.Units(4), Target: stock.Units(4), Unexplained: stock.Units(2)},
	}}}
	return items, []shop.Effect{
		deed(0, onWeb, shop.ByApp, -2, 0),    // the baseline
		deed(1, onTill, "sale", -1, -1),      // 9
		deed(2, onWeb, shop.ByApp, -1, 0),    //
		deed(3, onWeb, "order", -2, -2),      // 7
		deed(4, onTill, "recount", -1, 0),    // 6: somebody sold one offline, and counted
		deed(5, onTill, shop.ByApp, 0, 0),    // absorbed by the recount
		deed(6, onTill, shop.ByApp, -2, 0),   // pushed anew
		deed(7, onTill, "late_sale", 0, -1),  // the recount had it
		deed(8, onWeb, shop.ByApp, -1, 0),    //
		deed(9, onWeb, "hand", -2, 0),        // 4
		deed(10, onTill, shop.ByApp, -2, 0),  //
		deed(11, onWeb, "refund", 1, 1),      // 5
		deed(12, onWeb, "order", -1, -1),     // 4: cancelled out
		deed(13, onWeb, "edit", 0, 0),        // nothing
		deed(14, "another", "sale", -50, -1), // not ours to judge
	}
}

func TestJudgePassesAGoodDay(t *testing.T) {
	t.Parallel()
	if v := Judge(goodDay()); !v.Pass() || v.UnitsWrong != 0 || v.RefsUneven+v.UnexplainedWrong+v.Duplicates != 0 {
		t.Fatalf("%+v", v)
	}
}

func TestJudgeFindsPlantedWrongs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		plant func(item *Item, effects []shop.Effect)
		want  Verdict
		says  string
	}{
		"a wrong ledger under even counters": {func(i *Item, _ []shop.Effect) {
			i.Level = stock.Units(3)
		}, Verdict{UnitsWrong: stock.Unit}, "the ledger says 3, opening and what others did make 4"},
		"a ledger too high": {func(i *Item, _ []shop.Effect) {
			i.Level = stock.Units(6)
		}, Verdict{UnitsWrong: 2 * stock.Unit}, "the ledger says 6"},
		"no opening": {func(i *Item, _ []shop.Effect) {
			i.Opened, i.Level = false, 0
		}, Verdict{UnitsWrong: 4 * stock.Unit}, "no opening"},
		"an uneven counter": {func(i *Item, _ []shop.Effect) {
			i.Refs[1].Target = stock.Units(5)
		}, Verdict{RefsUneven: 1}, "TEE on web shows 4, its target is 5"},
		"a hand edit explained away": {func(i *Item, _ []shop.Effect) {
			i.Refs[1].Unexplained = 0
		}, Verdict{UnexplainedWrong: 1}, "TEE on web has 0 unexplained, hand edits and miscounts make 2"},
		"a sale left unexplained": {func(i *Item, _ []shop.Effect) {
			i.Refs[0].Unexplained = stock.Unit
		}, Verdict{UnexplainedWrong: 1}, "TEE on till has 1 unexplained"},
		"unexplained with the wrong sign": {func(i *Item, _ []shop.Effect) {
			i.Refs[1].Unexplained = -2 * stock.Unit
		}, Verdict{UnexplainedWrong: 1}, "has -2 unexplained"},
		"a doubled push": {func(_ *Item, effects []shop.Effect) {
			effects[6].Key = effects[5].Key
		}, Verdict{Duplicates: 1}, "applied to item square-tee of square more than once"},
		"an effect that the log lost": {func(_ *Item, effects []shop.Effect) {
			effects[13].Delta = stock.Unit
		}, Verdict{UnitsWrong: stock.Unit, UnexplainedWrong: 1}, "does not add up"},
		"a counter nobody knows": {func(i *Item, _ []shop.Effect) {
			i.Refs[0].Counter = stock.Units(3)
		}, Verdict{RefsUneven: 1}, "does not add up"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			items, effects := goodDay()
			c.plant(&items[0], effects)
			v := Judge(items, effects)
			if v.Pass() || v.UnitsWrong != c.want.UnitsWrong || v.RefsUneven != c.want.RefsUneven || v.UnexplainedWrong != c.want.UnexplainedWrong ||
				v.Duplicates != c.want.Duplicates || !strings.Contains(strings.Join(v.Wrongs, "\n"), c.says) {
				t.Errorf("%+v", v)
			}
		})
	}
}

// TestJudgeOneKeyManyRows: a call carries many items under one key, and two shops may use the same key.
func TestJudgeOneKeyManyRows(t *testing.T) {
	t.Parallel()
	effects := []shop.Effect{
		{Shop: onTill, Item: "a", By: shop.ByApp, Key: "k"}, {Shop: onTill, Item: "b", By: shop.ByApp, Key: "k"}, {Shop: onWeb, Item: "a", By: shop.ByApp, Key: "k"},
		{Shop: onTill, Item: "a", Location: "other", By: shop.ByApp, Key: "k"},
	}
	if v := Judge(nil, effects); !v.Pass() {
		t.Errorf("%+v", v)
	}
	if v := Judge(nil, append(effects, effects[1], effects[1])); v.Duplicates != 1 {
		t.Errorf("one write applied three times is one duplicate: %+v", v)
	}
}

func TestSaleToPush(t *testing.T) {
	t.Parallel()
	items, day := goodDay()
	for name, c := range map[string]struct {
		effects []shop.Effect
		want    string
	}{
		"nothing":                            {nil, "[]"},
		"only the baseline":                  {day[:1], "[]"},
		"the good day":                       {day, "[1s 3s 4s 1s]"},
		"not pushed yet":                     {[]shop.Effect{day[0], deed(1, onTill, "sale", -1, -1)}, "[]"},
		"two coalesced into one push":        {[]shop.Effect{day[0], deed(1, onTill, "sale", -1, -1), deed(2, onTill, "sale", -2, -2), deed(5, onWeb, shop.ByApp, -3, 0)}, "[4s 3s]"},
		"a push that was computed before":    {[]shop.Effect{day[0], deed(1, onTill, "sale", -1, -1), deed(2, onTill, "sale", -2, -2), deed(3, onWeb, shop.ByApp, -1, 0), deed(9, onWeb, shop.ByApp, -2, 0)}, "[2s 7s]"},
		"cancelled out before it was needed": {[]shop.Effect{day[0], deed(1, onTill, "sale", -1, -1), deed(2, onTill, "return", 1, 1), deed(3, onTill, "sale", -1, -1), deed(7, onWeb, shop.ByApp, -1, 0)}, "[4s]"},
		"cancelled out too late":             {[]shop.Effect{day[0], deed(1, onTill, "sale", -1, -1), deed(2, onTill, "sale", -1, -1), deed(3, onTill, "return", 1, 1), deed(7, onWeb, shop.ByApp, -1, 0)}, "[6s 5s 4s]"},
		"both shops at once":                 {[]shop.Effect{day[0], deed(1, onTill, "sale", -1, -1), deed(2, onWeb, "order", -1, -1), deed(4, onWeb, shop.ByApp, -1, 0), deed(7, onTill, shop.ByApp, -1, 0)}, "[3s 5s]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := fmt.Sprint(SaleToPush(items, c.effects)); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// What comes bit by bit is found as what comes at once.
func TestMirrorsBitByBit(t *testing.T) {
	t.Parallel()
	items, day := goodDay()
	want := Mirror(items, day)
	for n := range day {
		mirrors := NewMirrors(items)
		got := append(mirrors.Take(day[:n]), mirrors.Take(day[n:])...)
		if fmt.Sprint(got) != fmt.Sprint(want[:len(got)]) || len(got) < 4 {
			t.Errorf("after %d: %+v, want %+v", n, got, want)
		}
	}
}

// What no push has followed yet is told apart, so that nobody takes a program that does nothing for a fast one.
func TestMirrorTellsWhatIsLeft(t *testing.T) {
	t.Parallel()
	items, day := goodDay()
	left := deed(3, onTill, "sale", -2, -2)
	got := Mirror(items, []shop.Effect{day[0], deed(1, onTill, "sale", -1, -1), deed(2, onWeb, shop.ByApp, -1, 0), left})
	if len(got) != 2 || got[0].Took() != time.Second || got[1].Effect != left || !got[1].At.IsZero() {
		t.Errorf("%+v", got)
	}
}

func TestPercentiles(t *testing.T) {
	t.Parallel()
	var times []time.Duration
	if got := PercentilesOf(times); got != (Percentiles{}) {
		t.Errorf("of nothing: %+v", got)
	}
	for i := range 100 {
		times = append(times, time.Duration(100-i)*time.Millisecond)
	}
	if got := PercentilesOf(times); got != (Percentiles{50, 95, 99}) {
		t.Errorf("of 1 to 100: %+v", got)
	}
	if got := PercentilesOf(times[:1]); got != (Percentiles{100, 100, 100}) {
		t.Errorf("of one: %+v", got)
	}
}

func TestByTime(t *testing.T) {
	t.Parallel()
	merged := ByTime([]shop.Effect{deed(1, onTill, "a", 0, 0), deed(3, onTill, "c", 0, 0)}, []shop.Effect{deed(2, onWeb, "b", 0, 0), deed(3, onWeb, "d", 0, 0)})
	order := ""
	for _, e := range merged {
		order += e.By
	}
	if order != "abcd" {
		t.Errorf("order %s", order)
	}
}
