package main

import (
	"time"

	"github.com/evenstock/evenstock/adapters/sandbox/judge"
	"github.com/evenstock/evenstock/adapters/sandbox/shop"
	"github.com/evenstock/evenstock/ledger/stock"
)

// window is the time that is measured.
type window struct{ from, to time.Time }

func (w window) has(t time.Time) bool { return !t.Before(w.from) && !t.After(w.to) }

// followed are the changes of a window with what made up for them.
type followed struct {
	// webhook has the times from a change's webhook to our write, tillToWeb those of the till's, sale those from the change itself.
	webhook, tillToWeb, sale []time.Duration
	// open counts the changes that no write has made up for.
	open int
}

// follow finds what became of each change of the window. Effects must be in order of time.
func follow(items []judge.Item, effects []shop.Effect, letters []letter, w window) followed {
	var f followed
	sent := sentAt(items, effects, letters)
	for _, m := range judge.Mirror(items, effects) {
		if !w.has(m.Effect.At) {
			continue
		}
		if m.At.IsZero() {
			f.open++
			continue
		}
		f.sale = append(f.sale, m.Took())
		if at, was := sent[m.Effect]; was {
			took := max(0, m.At.Sub(at)) // who looked by themselves may be faster than the webhook
			f.webhook = append(f.webhook, took)
			if m.Effect.Shop == shop.Square {
				f.tillToWeb = append(f.tillToWeb, took)
			}
		}
	}
	return f
}

// sentAt finds the webhook that told each change of a counter. A webhook says what the counter showed, so it is that of the earliest
// change which led there and was not told yet.
func sentAt(items []judge.Item, effects []shop.Effect, letters []letter) map[shop.Effect]time.Time {
	type change struct {
		effect shop.Effect
		shown  stock.Quantity
	}
	shown := map[judge.CounterID]stock.Quantity{}
	for _, item := range items {
		for _, ref := range item.Refs {
			shown[ref.ID()] = ref.Start
		}
	}
	untold := map[judge.CounterID][]change{}
	for _, e := range effects {
		if e.Delta == 0 {
			continue
		}
		id := judge.CounterID{Shop: e.Shop, Item: e.Item, Location: e.Location}
		shown[id] += e.Delta
		untold[id] = append(untold[id], change{e, shown[id]})
	}
	sent := map[shop.Effect]time.Time{}
	for _, l := range letters {
		for i, c := range untold[l.counter] {
			if c.shown == l.quantity && !c.effect.At.After(l.at) {
				sent[c.effect] = l.at
				untold[l.counter] = append(untold[l.counter][:i:i], untold[l.counter][i+1:]...)
				break
			}
		}
	}
	return sent
}

// oversold is by how many units the stock of items fell below zero, each at its lowest. Effects must be in order of time.
func oversold(items []judge.Item, effects []shop.Effect) int64 {
	levels, itemOf := make([]stock.Quantity, len(items)), map[judge.CounterID]int{}
	lowest := make([]stock.Quantity, len(items))
	for i, item := range items {
		levels[i] = item.Opening
		for _, ref := range item.Refs {
			itemOf[ref.ID()] = i
		}
	}
	for _, e := range effects {
		i, ours := itemOf[judge.CounterID{Shop: e.Shop, Item: e.Item, Location: e.Location}]
		if ours && e.By != shop.ByApp {
			levels[i] += e.Delta
			lowest[i] = min(lowest[i], levels[i])
		}
	}
	var sum stock.Quantity
	for _, low := range lowest {
		sum -= low
	}
	units, _ := sum.WholeUnits()
	return units
}
