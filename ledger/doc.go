// Package ledger is the append-only record of why every number is what it is, and the contract of the stores that keep it.
//
// An Entry is one immutable fact with an idempotency key; its postings move positive quantities between accounts, so all
// accounts of an item always sum to zero. Balances and RefStates are caches of entries: RefState.After is the only way a
// state changes, so rebuilding from entries gives the same bytes. What is intended but not yet done (Work, Call, hints,
// brakes) and what is remembered to recognise repetitions (counters) is stored beside the entries in the same transaction.
//
// One transaction, Store.Apply, locks what a batch touches, runs a pure Step on the locked Snapshot and writes everything
// the step decided together with the consumed offset: after a crash either all of it happened or none.
package ledger
