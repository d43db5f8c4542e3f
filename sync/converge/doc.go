// Package converge brings each channel to its target: what its counters should show by the ledger's levels.
//
// One worker per channel does whatever the ledger wishes, in rounds, until nothing is due:
//
//	        ┌────────────────────────────────────────────────────────────┐
//	        v                                                            │
//	indefinite calls ──> wanted pushes ──> wished reads ──> orders to read ──> progress? ─yes─┘
//	same key and body    plan, store, send   ReadRefs          ReadOrders           │no
//	                                                                                v
//	                                                        rest: a wake, the next due time, a second
//
// Before each request the worker asks the ledger anew for what is most urgent, near zero first. Pushes go before each request for
// readings: one that becomes wanted while a whole channel is read waits for one request, not for all.
//
// A push is computed from the level of the moment, inside the ledger's transaction that stores the call, so many changes become one
// push and a crash loses nothing. A call is stored before it is sent, and is sent with the same key and body until its outcome is
// definite: the platform said that it was written, or that it never will be. Because a channel has one worker, reads and pushes of a
// ref never overlap: an own read contains every push that was answered before it.
//
// Failures: a platform that does not answer makes the worker rest, longer each time, and wakes do not reach it. The rest, and the
// pause before a call is sent again, end when their reason does: another token is in force, or the platform answers somebody else of
// the channel (Door). What the
// platform asks for (Retry-After) is honoured; after a token was refused twice in a row it rests half a minute, for no retry mends that. A ref whose
// reading or delta no rule takes is skipped for a minute and does not hold up the others. A request that the platform refuses
// without saying which ref is at fault is made in smaller parts until that ref is alone. A call without a definite answer shows in
// the status after a few attempts; where the platform keeps a history, that says after ten minutes what became of it. Brakes hold
// pushes, never postings: package reconcile engages them. For the one on mass changes the worker reads before each call what changed
// without a cause on the refs that are not in the call; whether that is too much is decided with the call, in one transaction.
//
// The package decides nothing about stock: package reconcile does, inside the ledger's transaction.
package converge
