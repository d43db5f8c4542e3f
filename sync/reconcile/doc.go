// Package reconcile is the engine: it decides what readings, movements and answers to our own writes mean. It is a pure
// function from a locked snapshot and a batch of inputs to entries, ref states and wishes. It has no clock, no I/O, no
// goroutine, and its results do not depend on the order of a map.
//
// # The idea
//
// A shelf is one item at one location; its level is the units available there. A ref is how one channel names a shelf. Every
// ref has a counter on its platform that others change behind our back. Three kinds of input are never mixed up:
//
//   - a reading is what a counter shows: absolute, without a cause. It is the only thing that moves a level;
//   - a movement is why a counter changed: a signed quantity with a cause and a natural key. It explains, once, for ever;
//   - a push is our own write: a delta with an idempotency key, stored before it is sent. It moves what we expect.
//
// For every ref the ledger keeps expected: its baseline, plus all differences posted, plus all our effective pushes. Whatever a
// counter shows beyond that, somebody else did; the differences between accepted readings telescope, so that each of them is
// counted exactly once.
//
// # The rules
//
// R1 Reading (reading.go, postDifference). d = shown - expected. If d is not zero it is posted at once between the level and
// the ref's suspense account, and expected += d. Stock is right in real time although nobody has said why yet.
//
// R2 Movement (movement.go, order.go). Units move from the suspense account to their cause. The level never moves by it. If
// the counter may not show the movement yet, the ref is read again, until three seconds after it.
//
// R3 Push answered (call.go). expected += delta, without a posting. Counts in the answer to a write are not readings.
//
// R4 Own reads (reading.go, ownCount). Reads and pushes of a ref never overlap, so an own read contains every push answered
// before it. It is dropped and repeated when it is older than what was accepted or than an answered push that had its effect
// (a copy that lags behind), or when a delivered reading was accepted while it ran and it is not strictly newer. The third in a
// row that is older is believed, three seconds after the second: the version went back.
//
// R5 Delivered readings (reading.go, deliveredCount) count only if they are newer than what was accepted and no push is in
// flight or unconfirmed. One that equals expected asks nothing, and where the platform keeps no history it confirms the pushes
// that were answered before its version. Any other is not guessed about: the ref is read again.
//
// R6 What did our push do? (feed.go). Where the platform keeps a history, a recount that occurred later but was received
// earlier has absorbed our push. History decides about every unconfirmed push before any difference is posted; an exact tie goes to
// a person. A row of ours whose call was refused is our write after all: an attempt that strayed in the network.
//
// R7 Unknown outcome (call.go, callOpen). The same key and body are sent again until the outcome is definite. Before the
// platform forgets the key the ref is set aside, and a person says what became of the push.
//
// R8 Baseline (baseline.go, link.go). A ref begins with a read; differences count from there. The other refs of a shelf are
// read first, the authority last, and only it posts the opening. A counter that is missing is unknown, never zero. Unlinking
// waits for definite calls, forgets expected and posts nothing; who links the ref again before that keeps it as it is. A ref
// that was linked before gets its first read three seconds later: a copy that lags behind may not show our last push yet, which
// would count as somebody else's for ever. Of unlinked items, and of items not tracked, only the counters of orders are kept.
//
// # Goods typed in twice
//
// Goods received are often typed in on every channel (typedtwice.go). Every raise that others make is remembered with its
// version, less what is certainly no goods: restocked orders and returns, told before the counter shows them or after, a write
// of ours that strayed, and a raise that fell back before a second reading confirmed it. Nothing else makes a raise smaller:
// suspense that nobody has booked says nothing about it, and a recount may be how goods were typed in. The same raise on two
// channels within fifteen minutes holds back pushes that raise a counter; those that lower one pass, or the other channel
// would sell again what is gone: 10 units are typed in twice on a shelf of 8, the till sells 12, and the web goes on showing 28.
// A person's answer names the raise it is about and leaves other raises remembered.
//
// # The states of a ref
//
//	            link                    first read
//	(never) ----------> linked ----------------------------> live <-----------------+
//	                      ^                                  |  ^                   |
//	                      | link                     missing |  | counted           | a person resolves
//	                      |                                  v  |                   |
//	                   unlinked <-- unlink, from any --- unreadable             set aside
//	                                                         |                      ^
//	          tracked again: a new baseline                  | untracked            | push undecided, or its
//	live <------------------------------------ untracked <---+--- live              | outcome unknown too long
//	                                                                 live ----------+
//
// # Why it is built this way: counter-examples
//
// Movements must not move levels. An order webhook is lost: the level never falls. It comes twice under two ids: it falls
// twice. It comes before the counter shows it, and a reading of the old count follows: the sale is undone. With levels moved
// by readings alone none of these can happen; what a lost movement leaves is a difference without a cause, which a sweep
// explains later.
//
// A recount can absorb our push while both counters look equal. The level is 10 on both sides. The web sells 2; we send -2 to
// the till, dated 12:00:00. Before it arrives a person counts the till's shelf, 10, dated 12:00:01. Square orders changes by
// the time they occurred: our -2 lies before the recount and has no effect. Its answer says success. If we believed it, we
// would expect 8, read 10, conclude that somebody brought 2 units, raise the level to 10, and push the 2 sold units back to
// the web: both counters equal at 10, and two units sold that nobody has.
//
// Equal counters prove little. In that example they are equal and both wrong. A ledger is right when its level is the opening
// plus what others did to the counters, each difference posted is what others did between two accepted readings, and what
// stays in suspense is what truly has no cause.
//
// Equal versions are not equal readings. Shopify's versions have one-second grain: two readings of the same second may differ
// and either may be the later one. Nothing is guessed from them; the ref is read again.
//
// A reading that shows what we expect need not contain our push. The counter shows 23. The web sells 3 (20), and its webhook is
// late. We push -1 (19) and -2 (17), and expect 20, not knowing of the sale. Now the late webhook says 20: newer than anything
// accepted, and equal to what we expect. If it confirmed the pushes, the next late webhook, 19, would count as a sale of one.
// A delivered reading confirms a push only if its version is later than the push's answer.
//
// A missing count is not zero. A purchase order at the till makes count rows in other states, and an item that was never
// counted has none; shops were emptied by programs that took either for 0.
//
// # Limits
//
// A copy that lags behind is recognised by its version only. When somebody else changed the counter within a second before our
// push, or after the push's call was planned, a copy from between the two is believed: the level is off by the push until the
// next reading, which takes it back. It stays off only if the ref is unlinked or untracked before that.
//
// Where the platform keeps no history, the two equal readings of a baseline allow for a level that follows an order three seconds
// late, not for a copy that lags behind as well. An order of that moment may then stay unexplained; levels are right.
//
// A ref that is linked or tracked again lists the orders of the ten minutes before. An order that changed earlier, while the ref
// was not, and that neither a webhook nor a sweep told of, explains that change too when it changes once more; levels are right.
//
// # What it does not do
//
// It sends nothing and reads nothing: package converge does, by the wishes stored here. It does not know platforms, only their
// traits. It keeps no state: after a crash the same inputs meet the same snapshot.
package reconcile
