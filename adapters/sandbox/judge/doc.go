// Package judge says whether a ledger tells the truth about pretend shops, and how fast it learnt it.
//
// The shops' truth logs know what no ledger can: what others really did to each counter, and what the platform's records explain
// of it. A judge compares with that what the ledger says, item by item; that the counters are equal in the end proves little. What
// the ledger says is handed in, as plain values: this package knows no ledger.
package judge
