// Package explain says why a number is what it is. It is given what the ledger holds about one shelf at one moment (Facts) and
// returns the shelf's level taken apart (Shelf), so that a person can follow every unit from the opening to today.
//
// # What an explanation holds
//
// Four lists, each an answer of its own:
//
//   - Causes: every entry that changed the level for a known reason, with the ids that find the fact again on its platform.
//   - Unexplained: for every ref, the units that its counter won or lost and nobody has said why yet, with the readings that
//     showed them, the causes that explain a part, and the recounts that may be the reason.
//   - Counters: what every channel should show now: its baseline, plus what others did to it, plus our own pushes.
//   - Trail: the steps by which the level came about, in the order in which they were recorded. A difference names the entries
//     that explain it (Step.ExplainedBy), and the pushes that carried it to the other counters (Step.Pushes).
//
// Where the level of an opened shelf is below zero, Oversold names the latest sales that together sold more than there was.
//
// # What it owns, and what not
//
// It owns the form of the answer, its JSON included, the codes in it (StepKind, State, Even) and the few sentences that are facts
// (notes, hints, faults). It does not read: whoever calls it collects the Facts. It decides nothing: whether a push is wanted, or a
// counter even, package reconcile says, by the ref's work and by Facts.Even. It does not print, and no answer holds a command: what
// a person should do about a state, each face says in its own words.
//
// # What always holds
//
// If one of these breaks, the ledger is damaged, or the facts are not of one moment. Shelf.Faults says so in words, and no number
// of that explanation is to be trusted before the ledger was verified.
//
//   - The causes and the unexplained units together are the level (Sum = Level). Broken: the balance that the ledger keeps does not
//     follow from the entries; channels are being pushed to a number that nobody can account for.
//   - They are also the sum of all postings to the shelf, for each posting is told once, from its other side. Broken: this package
//     has told one twice, or not at all.
//   - For every counter, baseline + differences + pushes = expected. Broken: the next reading would be compared with the wrong
//     number, and the difference would be posted as if somebody had sold or brought goods.
//   - Expected and suspense of every ref, as the ledger keeps them, follow from its entries. Broken: as above, for that ref.
//   - The units of a push are those of the steps it carried, unless a baseline is among them, which says how far a counter was off
//     before. Broken: a step is missing from the trail, or a push is told at the wrong one. It changes no number and is no fault;
//     the tests of the command hold it against random histories.
//
// # How differences meet their causes
//
// The ledger does not tie a difference to a movement: both move the suspense account of the ref, one there, one back. When the
// account is back where it was before some earlier move, what lies between comes to nothing, and the causes among it explain the
// differences among it. Of several ways to cut, the shortest is taken (why.go). So a sale that was told before its counter showed it,
// two readings of one sale, and a sale after a hand edit that stays, are all told as a person would.
//
// # How steps meet their pushes
//
// For each counter, what it lacks is followed from entry to entry: a step that happened elsewhere is lacking, until a push that was
// planned with it is in, or the counter is even without one. A push carries what was lacking when it was planned (Push.Through). What
// a push carried that a recount made void is lacking again, and the push that follows carries it too (carry.go).
//
// # What comes later
//
// A shelf whose authority was counted late begins anew (StepAnew): what the others did before is told with its causes, and taken off
// against the opening, for it is in the authority's count. The opening is then what there was when the others were read first.
//
// A counter that waits to join the shelf (StateWaiting, Step.Waits) is told with all that others do to it, against what waits
// (CauseWaiting; the ledger's opening), so that it explains and moves no level. Joining (StepJoined) names who said what, about which two
// numbers. What it carried while it waited goes with the same step; what the person's word changes is shrinkage, or gain where units
// were found (CauseGain).
//
// Units that nobody explained and a person has settled (StepSettled) are told as the cause that the person named, and explain the
// difference as a movement would. What the channel told of them since takes the settlement back, which is a step and a cause of its own.
//
// # Time
//
// Every cause and step has two times: when it happened, and when the ledger wrote it. Entries are told in the order in which they
// were written; causes are listed by when they happened, the opening first. Facts.At says which past the facts are of, and they
// must be cut to it:
//
//   - known at T: what the ledger knew at T. Counters are told as they were expected then, without a State.
//   - as of T: what had happened by T, with all that is known now. There are no counters: what a counter should show follows from
//     the order in which things became known, not from when they happened.
//
// In a past there are no pushes in flight and none that were refused: of these only the ledger's present speaks.
//
// # Limits
//
// The shortest cut is a guess where a hand edit and a sale of the same size meet: units are right, the step that the sale is told
// with may be the other one. Readings that showed what was expected are no steps. Of refused pushes only one that nothing followed
// is told. A ref that left the shelf keeps its steps and causes, and is no counter of it any more. All entries of the shelf are held
// in memory, and the trail is as long as they are many; nothing here grows faster than that times the number of the shelf's refs,
// but for differences that nobody ever explains: each new one looks back over those.
package explain
