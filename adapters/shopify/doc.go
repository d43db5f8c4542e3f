// Package shopify translates between one Shopify store and the words of package stock. Admin GraphQL API 2026-10, pinned.
//
// Purpose: read counters (ReadRefs, ListCounts), read what orders did to them (ReadOrders, ListMovements, ListOrders), send
// calls of deltas (EncodeCall, SendCall), and decode webhooks (Verify, Decode). One Channel serves one store with one token; it is
// safe for concurrent use, and all its requests share one cost budget.
//
// # Guarantees
//
//   - A count that is null, absent, inactive or without a level is Missing, never zero; only an explicit tracked: false is
//     Untracked. An item that reads as null does not exist: it is Gone.
//   - A reading's version is the level's updatedAt: the same field that the webhook inventory_levels/update carries as
//     updated_at, so that the two compare. The finer quantities.updatedAt is null for names that were not written directly,
//     and webhooks do not carry it. Both have one-second grain.
//   - An order gives the same counters whether it came by webhook or by GraphQL. Taken is the quantity ever ordered (the
//     greater of quantity and current_quantity, should an edit raise only the latter); restocks are refund lines of type
//     cancel or return; a type that is not known is told with the order.
//   - Nothing is cut: nested lines, refunds and fulfillment orders beyond their first page are fetched, and a limit that is
//     reached is an error.
//   - SendCall posts the stored bytes once. Applied and Refused are said only on a definite answer; whatever is not definite
//     is Unknown.
//   - Webhook bodies are decoded by allowlist straight from the token stream: a member that is not listed, such as a
//     customer's name, reaches no struct, no error and no log.
//
// # Failure handling
//
// Errors answer Retryable() bool and RetryAfter() time.Duration. There is no retry loop in here: the caller decides. Waiting
// for the turn in the cost budget is the only wait, it honours the context, and it gives up at once when the deadline is nearer. A search warning (a filter that Shopify ignored) is an error, for the page would not be what was asked.
//
// # What it does not do
//
// No stock rule, no storing, no token refresh, no registration of webhook subscriptions, no bulk operations. It does not
// tell a location for a line that several locations share, nor for webhook orders other than point-of-sale orders: Shopify
// routes after orders/create, and ReadOrders says where once it has. Line items without a variant (custom items, deleted
// products) are left out: they have no counter.
package shopify
