// Package health says whether everything that a merchant's stock depends on works, and what a person can do where it does not.
//
// A Probe looks at one thing and returns checks; Examine asks all probes at the same time and puts their checks into one Report. Who
// asks chooses the probes: the doctor hands in all, /readyz those that webhooks depend on, and whoever sends alerts those that should
// wake somebody up.
//
// # Codes
//
// A check names by its Code what was looked at, the same whatever the Result, so that a rule can match it and see it end. Its Detail is
// for a person. Its Remedy is a code as well, with the values it speaks of (With): the command line names a command, a page shows a
// button. Codes and remedies are stored in rules: new ones are added, none is given another meaning.
//
// # Results
//
//   - ok: it works.
//   - warn: it works, and somebody should look at it.
//   - fail: it does not work. Something is not taken in, not pushed or not kept until somebody does something about it.
//
// # What it does not do
//
// What did come in Hearing keeps, in memory: it says which channel is silent although it should speak.
//
// Some probes stand here, for they need no more than an adapter (SelfTest), an open store (Ledger), or what knows its file (Configured). One of a disk, a socket or a
// broker does not: whoever knows it hands it in. The package repairs nothing and writes nothing, here or to a platform. A probe remembers
// nothing: since when something fails, and whom that has woken up, others keep.
//
// # Limits
//
// A probe must end when its context does; Examine waits for all. Its own limit of time each probe sets itself, for an answer of
// "did not answer" is worth more than none.
package health
