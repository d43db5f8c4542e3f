package judge

import (
	"fmt"
	"slices"

	"github.com/evenstock/evenstock/adapters/sandbox/shop"
	"github.com/evenstock/evenstock/ledger/stock"
)

// Item is one item of the pretend shops, as the ledger and the counters show it in the end.
type Item struct {
	SKU string
	// Opening is what the authority's counter showed when the baseline was taken.
	Opening stock.Quantity
	// Level is what the ledger says; Opened is false when the item never got an opening.
	Level  stock.Quantity
	Opened bool
	Refs   []Ref
}

// Ref is one counter. Shop, Item and Location name it as the truth logs do.
type Ref struct {
	Channel              stock.Channel
	Shop, Item, Location string
	// Start is what the counter showed before the baseline, Counter what it shows now, Target what the ledger wants it to show.
	Start, Counter, Target stock.Quantity
	// Unexplained is the ref's suspense account: positive when units left without a cause.
	Unexplained stock.Quantity
}

// Verdict says whether the ledger tells the truth, and everything that is wrong with it.
type Verdict struct {
	// UnitsWrong sums by how many units levels are wrong, RefsUneven counts counters that do not show their target,
	// UnexplainedWrong suspense accounts that do not hold exactly what nobody explains, Duplicates pushes that a shop
	// applied more than once.
	UnitsWrong       stock.Quantity
	RefsUneven       int
	UnexplainedWrong int
	Duplicates       int
	// Wrongs says in words what is wrong; empty: nothing.
	Wrongs []string
}

// Pass says that nothing is wrong.
func (v Verdict) Pass() bool { return len(v.Wrongs) == 0 }

// Wrong adds something that is wrong, in words.
func (v *Verdict) Wrong(format string, args ...any) {
	v.Wrongs = append(v.Wrongs, fmt.Sprintf(format, args...))
}

// CounterID names a counter in the truth logs.
type CounterID struct{ Shop, Item, Location string }

// ID is how the truth logs name the counter.
func (r Ref) ID() CounterID { return CounterID{r.Shop, r.Item, r.Location} }

// done is what was done to one counter since the baseline.
type done struct {
	// all is what its quantity changed by, others what others than us did of that; unexplained is what others did that the
	// platform's records do not explain.
	all, others, unexplained stock.Quantity
}

// Judge compares items with everything that was done to the counters since the baseline was taken. The shops' truth knows
// what the ledger cannot: so equal counters prove nothing here.
func Judge(items []Item, effects []shop.Effect) Verdict {
	var v Verdict
	truth := map[CounterID]done{}
	for _, e := range effects {
		id := CounterID{e.Shop, e.Item, e.Location}
		d := truth[id]
		d.all += e.Delta
		if e.By != shop.ByApp {
			d.others += e.Delta
			d.unexplained += e.Delta - e.Explained
		}
		truth[id] = d
	}
	for _, item := range items {
		v.judgeItem(item, truth)
	}
	v.judgeKeys(effects)
	return v
}

func (v *Verdict) judgeItem(item Item, truth map[CounterID]done) {
	should := item.Opening
	for _, ref := range item.Refs {
		did := truth[ref.ID()]
		should += did.others
		if ref.Start+did.all != ref.Counter {
			v.Wrong("%s on %s: the truth log itself does not add up: %s at first, %s done, %s shown", item.SKU, ref.Channel, ref.Start, did.all, ref.Counter)
		}
		if ref.Counter != ref.Target {
			v.RefsUneven++
			v.Wrong("%s on %s shows %s, its target is %s", item.SKU, ref.Channel, ref.Counter, ref.Target)
		}
		// Units that left without a cause are a positive balance, so the signs are opposite.
		if ref.Unexplained != -did.unexplained {
			v.UnexplainedWrong++
			v.Wrong("%s on %s has %s unexplained, hand edits and miscounts make %s", item.SKU, ref.Channel, ref.Unexplained, -did.unexplained)
		}
	}
	switch {
	case !item.Opened:
		v.UnitsWrong += should.Abs()
		v.Wrong("%s has no opening", item.SKU)
	case item.Level != should:
		v.UnitsWrong += (item.Level - should).Abs()
		v.Wrong("%s: the ledger says %s, opening and what others did make %s", item.SKU, item.Level, should)
	}
}

// judgeKeys finds writes of ours that a shop applied twice.
func (v *Verdict) judgeKeys(effects []shop.Effect) {
	type write struct {
		CounterID
		key string
	}
	applied := map[write]int{}
	for _, e := range effects {
		if e.By != shop.ByApp {
			continue
		}
		w := write{CounterID{e.Shop, e.Item, e.Location}, e.Key}
		if applied[w]++; applied[w] == 2 {
			v.Duplicates++
			v.Wrong("push %s was applied to item %s of %s more than once", e.Key, e.Item, e.Shop)
		}
	}
}

// ByTime merges truth logs. Both shops have the same clock.
func ByTime(logs ...[]shop.Effect) []shop.Effect {
	all := slices.Concat(logs...)
	slices.SortStableFunc(all, func(a, b shop.Effect) int { return a.At.Compare(b.At) })
	return all
}
