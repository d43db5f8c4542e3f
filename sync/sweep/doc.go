// Package sweep finds what no webhook told: on a schedule it reads whole channels and hands what it sees to the ledger by the
// same rules as a delivery, so that a sweep is safe while shops sell.
//
// A recent sweep asks for counters and movements that changed since the last one, by the platform's own update times, with an
// overlap, because platforms index late. A full sweep reads every linked ref and lists what stands: unlinked items, counters
// that cannot be read, differences that nobody explained, pushes that do not go through. Everything it saw that needs a word
// becomes a Finding with a class, evidence and the action taken.
//
// A sweep keeps its position in the ledger together with what it brought: a killed one goes on where it was. It never writes
// to a channel, and holds one page and its own findings in memory.
package sweep
