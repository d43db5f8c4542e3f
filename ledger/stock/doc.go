// Package stock holds the words everybody shares: items, shelves, refs, quantities, and the three kinds of input that
// are never mixed up. A Reading is what a counter shows, a Movement is why it changed, a push (package ledger) is our own
// write. The package imports the standard library only, so that adapters can speak it without knowing the ledger.
//
// # Glossary
//
// The program, its comments and what it prints use these words in these meanings only.
//
// Who and where:
//
//   - merchant: whose stock it is; a ledger belongs to one merchant and never sees another.
//   - platform: a vendor, such as Square or Shopify.
//   - channel: one connected till or store, a login at a platform, named by the configuration.
//   - location: a place where stock is kept, named by us; each location of a channel stands for one of ours.
//   - item: one sellable variant, under an id of ours that never changes.
//   - SKU: the merchant's label for an item; merchants rename it.
//   - shelf: one item at one location.
//   - ref: how a channel names a shelf, by its own item id and location id.
//   - link: the tie between a ref and a shelf's item.
//   - counter: the number a platform keeps for a ref, which others change behind our back.
//
// What stock does:
//
//   - level: the units of a shelf that are available, that is, may be promised to a customer now.
//   - reading: what a ref's counter shows at a version time; absolute, without a cause.
//   - version: the platform's time of a counter's last change.
//   - movement: why a counter changed, a signed quantity with a cause and a natural key; it explains and never moves a level.
//   - cause: what a movement was: sold, returned, received, shrinkage, moved.
//   - shrinkage: stock that is gone without a sale: waste, theft, breakage.
//   - recount: a person counted a shelf and typed in the number (Square: PHYSICAL_COUNT).
//   - absorb: a recount absorbs a change that happened before it and was received after it; the change leaves the counter as it is.
//   - order: what a customer bought in a web shop.
//   - order line: one item of an order, with cumulative counters of units taken and units put back.
//   - restock: units of an order that were put back on the shelf, by a refund or a cancellation.
//   - reference: the name that the writer of a row gave it in a platform's history; ours names the call and the row.
//   - oversell: more units were sold than there were, by accident; the level is below zero and stays so until goods come.
//   - untracked: the platform says that it keeps no count of an item.
//   - gone: the platform does not know the item any more.
//   - missing: a count that should be there and is not; unknown, never zero.
//
// Keeping counters even:
//
//   - expected: what a ref's counter should show now: its baseline, all differences posted, all our effective pushes.
//   - target: what a counter should show by the level, floored to what the platform takes.
//   - even: a counter that shows its target.
//   - push: our own write to a counter, a difference.
//   - call: the request that carries pushes, stored before it is sent.
//   - echo: a reading that shows nothing but our own push.
//   - wish: a stored intention to read or to push a ref.
//   - brake: a rule that holds pushes back and asks; it never holds a posting.
//   - unconfirmed: seen once; no second reading, or no reading after a push, has shown it too.
//   - set aside: a ref on which nothing moves until a person says what became of a push.
//   - sweep: a scheduled read of a whole channel.
//   - finding: something a sweep found that a person should know.
//   - hint: a channel says that something changed, not how; it is read.
//
// The books:
//
//   - entry: one recorded fact; it never changes, corrections are entries of their own.
//   - account: where units are: on a shelf, or outside (opening, sold, returned, received, shrinkage, moved, unexplained).
//   - posting: a positive quantity that an entry moves from one account to another of the same item.
//   - baseline: the first reading of a ref, from which its differences count.
//   - authority: the channel whose counts are believed when shelves are opened.
//   - opening: the account that a shelf's first level comes from, by the authority's baseline.
//   - suspense: the account "unexplained" of a ref, which holds the differences that no movement has explained yet.
//   - correction: an entry by which a person changed a level or settled what only a person can.
//   - evidence: the platform's ids and flags by which a person finds a fact again; never customer data.
//   - idempotency key: names one fact for ever, so that it counts once.
//   - fingerprint: a hash of what the platform said under a key, which tells a repetition from a contradiction.
//   - occurred, observed, recorded: when it happened, when the channel told it or wrote it down, when the ledger did.
//
// Topic, partition, offset, consumer group and dead letter mean exactly what they mean in Kafka.
package stock
