// Package stock holds the words everybody shares: items, shelves, refs, quantities, and the three kinds of input that
// are never mixed up. A Reading is what a counter shows, a Movement is why it changed, a push (package ledger) is our own
// write. The package imports the standard library only, so that adapters can speak it without knowing the ledger.
package stock
