// Package sandbox is a pretend Square and a pretend Shopify: HTTP servers that keep stock as the platforms do, so that
// the product can be shown and tested without an account, and judged by someone who knows what really happened.
//
// # What it is
//
// Each shop is an http.Handler. It serves the platform's API at the platform's own paths, and under /sandbox/ control
// routes by which a test or a demo plays the shop's people: they sell, return, recount. Every action is a Go method too.
// Every change of a counter is written to a Truth, with what it really did and what the platform's records can explain.
//
// # What it guarantees
//
//   - All state of a shop is behind one mutex; a change, its line in the Truth and its webhook happen in one step.
//   - The sum of a counter's Truth deltas is what the counter shows.
//   - The same seed and the same order of calls give the same ids and the same faults.
//
// # Square
//
// A count is the sum of adjustments, by the time they occurred, since the latest physical count. An adjustment that
// occurred before a physical count that Square already has is absorbed: it is in the history and moves nothing. Receive
// times (created_at, calculated_at) strictly increase within a shop, by a microsecond at least, so they may run ahead of
// Options.Now by as many microseconds as changes came at one instant. When an adjustment and a physical count occurred at
// the same instant, which Square does not document, the one received later counts as later.
//
// # What goes wrong
//
// Faults says how often answers are lost, requests refused (or that all are: a dead token, a closed shop), and webhooks
// dropped, doubled, delayed or overtaken. They strike the platform API and the webhooks, never the control routes.
//
// # What it does not do
//
// OAuth, orders, payments, subscriptions by API, rate limits by load: the faults throw dice instead. It keeps everything
// in memory and forgets it at the end. It is for tests and demos and has no protection on its control routes.
package sandbox
