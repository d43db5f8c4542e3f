// Package ledgertest is the one suite that every ledger store passes, and the naive model that is its oracle.
//
// Run drives a store through the promises of package ledger: append-only numbering without gaps, keys that are unique for
// ever, atomic batches, offsets that move once, snapshots that show a step all it may decide on, both clocks, verification
// that finds what was tampered with. Random sequences of batches run on the store and on Model, and both must agree.
//
// Model keeps a ledger in maps and slices. It is also the store of the simulations, so an Apply costs what the batch
// touches and not what the ledger holds. It keeps nothing on disk, has no items, runs, findings or verification, and is
// not for production.
package ledgertest
