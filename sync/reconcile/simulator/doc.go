// Package simulator plays shop hours against the rules of package reconcile, in virtual time, and judges what they did by
// what really happened.
//
// One run has one seed and one goroutine: a queue of events in virtual time, a few naive platforms that keep the truth, a
// network that loses, doubles, delays and reorders, our side in its simplest form, and a judge.
//
//	naive Square, naive Shopify --webhooks--> courier --> stream --> ledger (model, engine's step)
//	        ^      ^                                                    ^
//	        |      +------------- reads, sweeps, orders ----------------+
//	        +-------------------- stored calls (worker) ----------------+
//
// The platforms are written from the facts about them and from the design, not from the adapters or their sandbox. Square
// orders history by occurred_at, lets a recount absorb what occurred before it, and counts by receive time; Shopify has
// levels in whole seconds that follow an order up to three seconds late, and orders whose location is known later. Either
// may answer a read from a copy that lags up to three seconds behind. What nobody published (ties, whether an absorbed row
// touches calculated_at, how edits show) is drawn per run.
//
// People sell, return, count, miscount, edit rows of Square's history, edit orders, cancel, refund, type goods in twice, switch
// tracking off, delete items and bring them back or make them anew under another id (tills only: orders name an item by what it is
// sold as), count for the first time long after the first sync, unlink and link again, and say what the count of what comes
// back means; requests are lost before or after their effect, answered 429 or 5xx, or stray and arrive late; our process dies
// before and after transactions; tills send sales twenty minutes late. After an hour the faults stop and everything must
// come to rest.
//
// In some runs a stranger changes a whole channel, at once or one by one, and puts it back or not; in some a program writes one
// counter while the shop sells on: back to a number of its own, that or what its channel sold, zero, or what happens to the other counters
// (program.go); in some, goods are typed in by other steps on each channel, and
// empty shelves are set to zero on every counter before our push comes, or while we are down (typists.go). They have dice of their own: a run without them goes as it would (stranger.go).
// In some, people mark items as sold out at a till and take that back or not, and the other channels follow or not (marks.go); in
// some of these somebody types in what stands on the shelf on a counter that shows none because of a mark (overmark.go).
// In some, a person books what nobody has explained, often before the channel could tell, and takes that back now and then (settle.go).
// A busy shop with two places moves units about all day and now and then types goods in twice (busy.go).
//
// # What is judged
//
// After every transaction: each posted difference is what others did to that counter up to the accepted reading (R1), nothing
// but readings, openings and corrections moves a level, states are the fold of entries, work is sane. When a request arrives:
// it was stored before, with this body; its shelf has an opening. At the end: no push had its effect twice, every record of
// the stream was applied once, level = opening + what others did since each baseline (since its second one, where the authority
// was counted late and the shelf began anew), each counter shows its target, each
// suspense account holds what nothing explains (a late sale that a recount absorbed leaves its opposite), books balance, and
// one more full sweep changes nothing. Of a mass change only a part reaches other channels until a person has looked, by what the
// judge itself knows of who changed what and which causes the ledger was told when (judge_mass.go), and what a program that surely
// is one writes reaches no other counter. A shelf that was set to zero on every counter
// is pushed below zero only by a person's word. What is told of units that a person has settled takes them out of the settlement
// (judge_settle.go). Of marks the ledger knows what it was told last, and nothing is raised that another channel marks;
// what was typed in over one raises no counter before a person was asked. The way
// there, and how often a person was asked for nothing, is measured, not judged:
// see Metrics.
//
// In doubt is what the rules leave open: movements of the minutes before an item became untracked, and of the time it was,
// may or may not have been explained. On Square the entries say of each row which it was, and the account must agree; on
// Shopify, whose orders count up, both are accepted. What happened while a ref was unlinked is not in doubt: its baseline
// contains it, and nothing explains it. A read that lies behind by its version must be repeated twice and believed the third
// time; a copy without our write whose version does not tell is believed at once, and the write looks like others' until a
// read shows it. A write that strays past its refusal looks like others' until an own read that was sent after it brings the
// history.
//
// # Bugs planted on purpose
//
// A judge that finds nothing proves nothing, so Options.Bug makes a known mistake by changing what goes into the step, what
// comes out, or what the naive worker does; tests demand that each is found within a few runs. Sometimes lists the faults
// and branches that some hundred runs must have reached.
//
// # What it does not do
//
// No platform clock runs fast, slow or backwards, no ref moves to another shelf, no ledger is restored from a backup, no two
// processes work at once, and nothing of the adapters, stores or the real worker is tested here. The baseline of a Shopify
// level is not read from a copy that lags behind: two equal readings promise nothing about it.
package simulator
