// Package sweep finds what no webhook told: on a schedule it reads whole channels and hands what it sees to the ledger by the
// same rules as a delivery, so that a sweep is safe while shops sell.
//
// A recent sweep asks for counters and movements that changed since the last one, by the platform's own update times, with an
// overlap, because platforms index late. A full sweep reads every linked ref and lists what stands: unlinked items, counters
// that cannot be read, differences that nobody explained, pushes that do not go through. Everything it saw that needs a word
// becomes a Finding with a class, evidence and the action taken.
//
// A sweep keeps its position in the ledger together with what it brought: one that was killed within the last hour goes on where it was. It never writes
// to a channel, and holds one page, the ids of the linked items and a bounded number of findings of each class in memory.
//
// A row of history that bears our reference but no call of this ledger counts as another program's: another installation of
// evenstock keeps the same account, or this one lost its calls (its data folder is new, or restored from a backup). It cannot be
// told which. What such a row did was counted when a reading showed it, so it can only explain; taking it for a push of ours
// would leave that difference in suspense for ever, or, if it changed what we expect, hide what another program does. What a
// baseline contains needs no explanation, so a new folder's first reads pass over rows of the old one.
package sweep
