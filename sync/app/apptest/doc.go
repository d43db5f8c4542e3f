// Package apptest is one merchant for the tests of everything that stands on sync/app: a ledger that the real rules keep, on a clock
// that only the test moves, with fixed ids; a till with a history and a web shop without one, whose counters show what the test says;
// and a stream in memory.
//
// The store comes from the test, so that the same merchant can be kept by any of them.
package apptest
