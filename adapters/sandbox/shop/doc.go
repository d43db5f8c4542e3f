// Package shop is what every pretend shop has: the truth about its counters, the courier of its webhooks, the faults that strike
// it, and the control routes by which tests and demos play its people.
//
// # What it is
//
// A pretend shop keeps stock as a platform does, so that the product can be shown and tested without an account, and judged by
// someone who knows what really happened. It is an http.Handler: the platform's API at the platform's own paths, and under
// /sandbox/ the control routes, each a Route in a table, from which evenstock sandbox --help lists them. Every action is a Go
// method too. Every change of a counter is written to a Truth, with what it really did and what the platform's records can
// explain. The platforms are packages square and shopify beside this one; package life has the people, package judge the verdict.
//
// # What it guarantees
//
//   - All state of a shop is behind one mutex; a change, its line in the Truth and its webhook happen in one step.
//   - The sum of a counter's Truth deltas is what the counter shows.
//   - The same seed and the same order of calls give the same ids and the same faults.
//
// # What goes wrong
//
// Faults says how often answers are lost, requests refused (or that all are: a dead token, a closed shop), and webhooks
// dropped, doubled, delayed or overtaken. They strike the platform API and the webhooks, never the control routes.
//
// # What it does not do
//
// OAuth, payments, subscriptions by API. A shop keeps everything in memory and forgets it at the end. It is for tests and demos
// and has no protection on its control routes.
package shop
