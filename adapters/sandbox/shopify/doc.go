// Package shopify is a pretend Shopify: the GraphQL Admin API of one shop for items, levels and orders, and its webhooks, with
// what its people and customers do as methods and control routes. Package shop says what it shares with the other pretend shop,
// and guarantees.
//
// The API is the subset in admin.graphql, executed for real: a query that validates here validates at Shopify. Queries cost
// what theirs cost, and are throttled by it. An order takes its units at once; where they come from is told a moment later.
// Its level may lag behind: see Faults.LevelLag.
package shopify
