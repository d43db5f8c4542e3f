// Package app is what people and programs ask of one merchant and do to it: one file a query or an action, each a request, a result
// and the rule between them. Every face (the command line, the API, later pages) stands on it, so that a query or an action exists
// once, whoever asks.
//
// # What it owns
//
// The questions that need more than one role of the ledger (stock, explain, links, brakes, pushes, report, status), the acts of
// people (link, unlink, baseline, release, resolve, retry, sweep, verify, rebuild), and jobs: acts that take longer than anybody
// should wait for an answer.
//
// # What it does not
//
// It decides nothing about stock: an act becomes inputs, and the rules (sync/reconcile) say what they do. It knows no transport, no
// words of a face and no platform. It never learns from a request who asks: the actor is an argument, and comes from the transport.
//
// # Answers and errors
//
// An answer holds facts and codes, never a command line: what a person can do about something is a Remedy, and each face has its
// own words for it. An error that a person can do something about is an *Error with a kind; any other error is a fault of ours or of
// what we stand on. A broken ledger is not an error of a query: explain answers with faults, so that they can be looked at.
//
// # Invariants
//
//   - A query writes nothing, and works beside a process that writes: it may be given a ledger that is open to read only.
//   - What a query says of one shelf is of one moment. Explain reads entries until none was added while it read the caches; without
//     that, a sum and its causes could differ by a sale that came in between, and a healthy ledger would look damaged.
//   - An act is one transaction. Only link import writes thrice, items and what channels call them before links: an item without a
//     link is harmless.
//   - A dry run takes the same way as the act into the transaction, is decided by the same rules, and gives it up.
//   - A baseline and a sweep are stored before they begin, and forgotten when they end. After a crash in between they are done again,
//     where the merchant works, which their inputs' keys make harmless; or somebody asks for something else, whose job takes the
//     place of what was left.
//   - One job of a kind runs at a time. Whoever asks for the same meanwhile is given that one, and for another is told to wait.
//
// # Time and limits
//
// The clock is handed in. Lists are as long as the ledger makes them but for those with a limit in their query; runs in a report
// (50), proposals for a SKU (5) and remembered jobs (50) are bounded by constants beside their use.
package app
