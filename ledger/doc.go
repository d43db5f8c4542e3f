// Package ledger is the append-only record of why every number is what it is, and the contract of the stores that keep it.
//
// # Purpose
//
// A level changes by what somebody did to a counter, or by a person's word, and by nothing else. The ledger keeps every such
// change as an Entry, with its cause as soon as one is known, so that any number can be explained at any later time, and so that the same fact told
// twice has its effect once. What is still to be done about it (reads, pushes, calls) is stored in the same transaction: a
// crash leaves either all of a decision or none.
//
// # What is kept
//
//	                +---------------- one transaction: Store.Apply ----------------+
//	inputs -------> | lock what the batch touches -> Snapshot -> Step -> Changes   | -------> Receipt
//	                |                                                              |
//	                |  entries, postings        what happened: never changed       |
//	                |  balances, refs, shelves  caches of entries: rebuilt at will |
//	                |  work, calls, brakes,     what is intended and remembered:   |
//	                |  wishes, counters         not derived from entries           |
//	                |  cursor, marks            how far the sources were read      |
//	                +--------------------------------------------------------------+
//
// An Entry is one immutable fact: an idempotency key, a fingerprint of its content, both times, its evidence, optionally what
// it adds to what a ref's counter should show (ExpectedDelta), and postings. A Posting moves a positive quantity between two
// accounts of one item. One kind of account is inside, a shelf's available units; all others are outside: opening, sold,
// returned, received, shrinkage, moved, and for each ref its suspense account, unexplained. What stays in suspense is what
// nobody has explained, until a person settles it (SettleRef).
//
// Beside all this a store keeps the items' labels, what channels call their articles (Label), what sweeps did and found (Run,
// Finding), and how often inputs ended in which way (Tally), so that nothing ends unseen.
//
// A store is opened for one merchant and never sees another's ledger. Entries are numbered from 1 without gaps, per merchant.
//
// # States
//
// A ref is linked, live, waiting, unreadable, untracked, gone, set aside or unlinked. Only a live one on an opened shelf is pushed; the
// picture of what leads from one state to the other is in package reconcile. A status is written by an entry, never beside one.
//
//	a call:   open ----- a definite answer --------------------------> applied, or refused
//	              ------ its outcome is unknown for too long ---------> set aside: a person says, for each ref in it
//
// An open call is sent again with the same key and the same bytes; in any other state it is never sent again. A ref carries the
// key of its call (Work.InFlight) until the call is definite or a person has spoken, and never two at a time.
//
//	a wish:   none ----- wanted -----> read or push, due at a time -----> none: fulfilled by a read that was sent after it
//
// Wishes for reads are numbered (Work.Seq), and a read clears only those that were there when it was sent. A wish is not a job:
// two wishes of a ref are one, and whoever fulfils it looks at the level of that moment.
//
//	a brake:  holds ----- a person releases it -----> as much again passes until PassUntil -----> is history
//
// Only mass change is stored as a brake; the others follow from the work of a shelf's refs and end with their reason.
//
// # What it owns, and what not
//
// It owns the words (entries, refs, work, calls, brakes), how a RefState follows from entries (RefState.After, and nothing
// else), what Apply promises, and the roles in which consumers see a store (Applier, Refs, Journal, ...). It does not decide:
// package reconcile does, and hands its Step to Apply. It sends and reads nothing: packages converge and sweep do. It explains
// nothing: package explain does, from what the roles show. It keeps no settings, no secrets and no customer data.
//
// # Invariants, and what breaks when one does
//
//   - Entries and postings are never changed or deleted; a correction is an entry. Else an explanation given yesterday is false
//     today, and a rebuilt cache differs from the one that pushes were computed from.
//   - A key is used once, for ever. The same key with the same fingerprint is a repetition; with another it is refused as
//     ErrKeyReused. Else a webhook that comes twice explains twice.
//   - All accounts of an item come to zero. Else units appear or vanish without a cause; Verify says for which item.
//   - Caches are what folding the entries gives, byte for byte. Verify compares, Rebuild writes them anew. Else pushes follow a
//     number that nobody can explain.
//   - A step decides on the Snapshot alone. The store locks and shows all that the batch's Scope touches, the siblings of each
//     ref included. Else two batches decide on the same level, and one of them is lost.
//   - A ref has at most one call in flight, stored before it is sent. Else nobody can say what a counter should show.
//   - The offset moves in the transaction of what it stands for, from where it was (ErrCursorMoved). Else a restart skips
//     events, or counts on effects that it does not have.
//   - The numbers of enums never change: what is new comes last. They are in every store and in every backup.
//
// # Time
//
// OccurredAt is when something happened, by the platform's clock (of a reading: its version); ObservedAt is when the channel told
// or recorded it; RecordedAt is our clock when the ledger wrote it. AsOf asks by either: what had happened, and what was known.
// Platforms' clocks are compared with themselves only. Dues are by our clock, and so is Batch.At; a store has no clock of its
// own. Times are UTC with nanoseconds, after 1970-01-01T00:00:00Z and before 2262 (ErrTime); the zero time is none. A Work's
// impossible time becomes the nearest possible one, for a platform's nonsense must not hold up what came with it.
//
// # Failure
//
// An error of Apply means that nothing was written. Three kinds matter to callers. An InputError names the input that cannot be
// applied: leave it out, tell a person, apply the others. ErrKeyReused, ErrUnbalanced, ErrOverflow and ErrTime will come again
// for the same inputs; halving the batch finds the one that causes them. ErrCursorMoved says that the batch, or a part of it,
// was applied before. Anything else passes (a full disk, a busy file, a cancelled context): try the same batch again. When
// nobody heard how an Apply ended, try again too; keys and the offset make it harmless. A Step may run more than once.
//
// # Limits
//
// A list has at most MaxPage rows; AllRefs and its like page on, and see what changes between two pages or not. Quantities are
// int64 in hundred-thousandths of a unit, and no balance or expected count leaves that range (ErrOverflow). A VerifyReport
// spells out MaxFaults faults and counts the rest. Nothing is pruned: a ledger grows with what happens. Work, calls, brakes and
// counters cannot be rebuilt from entries: a backup has to hold the whole store. Holds, and states of a shelf beside available,
// are not there yet.
package ledger
