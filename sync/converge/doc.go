// Package converge brings each channel to its target: what its counters should show by the ledger's levels.
//
// One worker per channel does whatever the ledger wishes, in loops that do not wait for each other:
//
//	pushing      indefinite calls ──> wanted pushes      same key and body; plan, store, send
//	reading      wished reads ──┐                        ReadRefs
//	explaining                  └──> only to explain     ReadRefs
//	ordering     a changed catalog, orders to read       ListChanges, ReadOrders
//
// Each goes round until nothing is due, and rests then: until a wake, the next due time, a second. Before each request it asks the
// ledger anew for what is most urgent, near zero first.
//
// A request names as many refs as the platform takes. What nobody waits for (causes, what our pushes did, orders) the rules make due at
// moments that are the same for all of a channel, so that some seconds' worth of it shares a request; what a brake, a baseline or a person
// waits for, and counters that are in doubt, are due at once. While the brake on mass changes holds pushes, somebody does wait for causes:
// every worker then asks for what is gathered before it is due, once a second.
//
// Every request says in its context how urgent it is (stock.Lane), for all of an account share one budget. Calls that carry the push of
// a level near zero stand in the first lane, other calls in the second. Reads that a brake, a baseline, an unconfirmed push or a
// person waits for are confirming reads, and take along what is only to be explained as far as the request has room. A counter near zero
// that is in doubt is read in the first lane too: while pushes took all there is in a rush, the other counters would offer what is gone.
// The rest of what is only to be explained, the changes of a catalog, and orders, are causes: nobody waits for them, so they may wait long
// for their turn, in a loop of their own.
//
// Where a platform lets it (Turner), a request has its turn before what it asks for is chosen: while it waits nothing is claimed, and what
// becomes due meanwhile shares it. Near zero a push that is due goes before a read of its ref, for which that waits a tenth of a second.
//
// A push is computed from the level of the moment, inside the ledger's transaction that stores the call, so many changes become one
// push and a crash loses nothing. A call is stored before it is sent, and is sent with the same key and body until its outcome is
// definite: the platform said that it was written, or that it never will be.
//
// Reads and pushes of a ref never overlap, so that an own read contains every push that was answered before it. The loops claim refs
// (claims): what is listed as due is claimed under the same lock; a read holds its refs until its answer is applied; a push until its
// call is stored, from when on the ledger lists the ref as in flight until the answer is. A ref with a wanted push that is being read is
// pushed before it is read again, unless the loop that pushes waits for an answer itself. A read of causes that holds what a push or a
// confirming read needs is ended after a tenth of a second, which loses nothing but a request. What is read next goes as a confirming
// read and is not ended, so causes are read however busy a shelf is.
//
// Failures: a platform that does not answer makes the loop rest that asked it, longer each time, and wakes do not reach it; the others
// go on. The rest, and the pause before a call is sent again, end when their reason does: another token is in force, or the platform
// answers somebody else of the channel (Door). What the platform asks for (Retry-After) is honoured. A single denial may be an odd one,
// and is asked about again after a moment; after a token was refused twice in a row the loop rests half a minute, for no retry mends
// that. A ref whose reading or delta no rule takes is skipped for a minute and does not hold up the others. A request that the platform
// refuses without saying which ref is at fault is made in smaller parts until that ref is alone. A call without a definite answer shows
// in the status after a few attempts; where the platform keeps a history, that says after ten minutes what became of it. The status is
// one for all loops: it shows what failed first and since when anything has.
//
// Brakes hold pushes, never postings: package reconcile engages them. For the one on mass changes the worker reads before each call what
// changed without a cause on the refs that are not in the call; whether that is too much is decided with the call, in one transaction.
//
// The package decides nothing about stock: package reconcile does, inside the ledger's transaction.
package converge
