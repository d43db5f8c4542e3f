// Package channeltest is the suite that the adapter of each platform passes. It says what a platform is to the rest of the
// program, and it is where a third one begins: an adapter, a pretend shop, a Harness of the two, and Run.
//
// # What it asks
//
// What every platform must do, over real HTTP on loopback: verify and decode deliveries, good and broken; read counters, and what
// moved them; list them page by page; write, and write once under one key however often it is sent; say honestly what became of
// an attempt; tell a limit from a refusal from an outage; and say what it needs. What is peculiar to one platform, such as the
// form of its ids or its words for an error, is tested beside its adapter.
//
// # How
//
// The suite stands between adapter and shop: a gate lets requests through, cuts them off, answers in the shop's place, or shows
// old answers again. Both sides run on one clock that only the suite moves, so that nothing waits and versions are exact.
package channeltest
