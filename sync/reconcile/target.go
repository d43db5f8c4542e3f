package reconcile

import "github.com/evenstock/evenstock/ledger/stock"

// Target is what a counter should show when its shelf has this level: the level, floored to what the platform takes, never
// clamped (-3 is shown as -3). Whoever needs a target asks here, so that no two of them ever differ.
func Target(level stock.Quantity, traits stock.Traits) stock.Quantity {
	return level.FloorTo(traits.Step)
}

// TargetSoldOut is the target of a counter while another channel, whose mark counts for all, marks the item as sold out: none, or
// what is oversold.
func TargetSoldOut(level stock.Quantity, traits stock.Traits) stock.Quantity {
	return min(Target(level, traits), 0)
}

// Even says whether a counter that shows this, or is expected to, shows its target. Where the platform takes whole units only,
// 2 is even with a level of 2.5: nothing can be pushed that would be nearer.
func Even(shown, level stock.Quantity, traits stock.Traits) bool {
	return shown == Target(level, traits)
}
