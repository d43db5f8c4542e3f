// Package square translates between one Square seller and the words of package stock. It decides nothing about stock.
//
// # What it does
//
//   - Reads: counts (a Reading per ref), the changes feed (a Movement per inventory adjustment, a Recount per physical
//     count), the catalog and the locations.
//   - Writes: one call (batch-create of ADJUSTMENTs), encoded once, stored by the caller, sent byte for byte.
//   - Webhooks: checks Square's signature over the configured URL and the raw body, and decodes
//     inventory.count.updated by allowlist.
//
// Everything goes through the official SDK (github.com/square/square-go-sdk v1.5.0, Square-Version 2025-05-21), with an
// HTTP client of our own below it; exchange.go lists the SDK's traps and how each is closed. The answers of lists are decoded here, by
// allowlist (answers.go).
//
// # Guarantees
//
//   - Only rows of state IN_STOCK and type ITEM_VARIATION become readings. A missing row, a null quantity or a number that
//     cannot be read is Missing, never zero; a variation that the catalog shows as deleted is Gone. Untracked is said only when the catalog says so explicitly, then
//     also of a ref that still has a row.
//   - A row in a word that we do not know (a state, a kind of object, a type of change) counts and explains nothing, and is told
//     with that word: see words.go.
//   - A page of ReadRefs never shows less history than its counts contain: see ReadRefs.
//   - SendCall makes one attempt. It says Applied or Refused only when Square itself answered so, NotProcessed only when
//     the attempt certainly did nothing, and Unknown otherwise.
//   - PlatformNow and Page.ReadAt are lower bounds of Square's clock: see platformClock.
//   - No customer data is kept: team members, prices and names of devices are not decoded. Neither the token nor a webhook
//     secret appears in an error or a log line.
//
// # Failures
//
// Errors implement Retryable() bool and RetryAfter() time.Duration. 408, 429, 5xx, time-outs, cut connections and answers
// that are not JSON are retryable; other 4xx are not. There is no retry here: the caller has the patience, the idempotency
// key and the stored body. A change that cannot be read is left out with a warning when it only explains (an adjustment by
// others), and fails the page when a judgement rests on it (a recount, a row of our own).
//
// # Limits
//
// 15 s per request, 16 MiB per answer, 1,000 rows per webhook (the intake bounds its bytes), 1,000 pages per read, 100 rows per call. 5 requests
// per second to begin with, more while Square takes them (package budget).
//
// # What it does not do
//
// OAuth, webhook subscriptions, orders, payments, transfers (they are not in the changes feed), recounts of our own,
// retries, deduplication, any rule about stock.
package square
