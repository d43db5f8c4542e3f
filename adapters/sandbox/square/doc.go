// Package square is a pretend Square: locations, catalog, inventory and webhooks of one seller, with what its people do as
// methods and control routes. Package shop says what it shares with the other pretend shop, and guarantees.
//
// A count is the sum of adjustments, by the time they occurred, since the latest physical count. An adjustment that
// occurred before a physical count that Square already has is absorbed: it is in the history and moves nothing. Receive
// times (created_at, calculated_at) strictly increase within a shop, by a microsecond at least, so they may run ahead of
// the clock by as many microseconds as changes came at one instant. When an adjustment and a physical count occurred at
// the same instant, which Square does not document, the one received later counts as later.
//
// It has no orders and no payments: a sale at the till is its adjustment. It limits nobody by load, unless Options say so: the
// faults throw dice instead.
package square
