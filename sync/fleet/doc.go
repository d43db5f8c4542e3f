// Package fleet runs the merchants of one process: those that its configuration declares and those that were added at run time
// (ledger/registry). What runs for one of them is a Member, opened and erased by whoever hands in how; the fleet knows when.
//
// Merchants are apart: each is opened by itself, and one that cannot be opened or that fails is listed as failed, is told to the log and
// leaves the others alone. Resuming it tries again. Only where the configuration has one shop, as most do, its failure is the process's.
//
// What a person says is stored before it is done, so that it holds after a crash: a pause over a restart, and an erasure until nothing is left.
// Pausing stops everything but the taking in of webhooks. Erasing closes the merchant, removes what is its own, forgets it and then
// searches for what might be left; a merchant that the configuration declares is not erased, for the next start would begin it anew.
//
// Each merchant has its turn: two wishes about one follow each other, and those about different ones do not wait.
//
// What it does not do: know where a merchant's rows and files are, ask a person twice, or share merchants out to processes.
package fleet
