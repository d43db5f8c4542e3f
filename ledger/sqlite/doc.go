// Package sqlite keeps one merchant's ledger in one SQLite file, ledger.db in the merchant's folder, for the standalone program.
// It passes ledger/ledgertest.
//
// One connection writes, inside BEGIN IMMEDIATE, one batch at a time; a few query_only connections read beside it (WAL).
// Every commit is synced (synchronous=FULL), so a batch whose Apply returned survives kill -9 and power loss; a batch
// whose Apply did not return is there completely or not at all.
//
// Entries and postings are append-only by triggers: whoever opens the file without them can change history, and Verify
// finds that as far as the caches tell. balances, shelves and refs are caches; Verify recomputes them from the entries in
// bounded memory and compares byte for byte, Rebuild writes them anew. Everything else (work, calls, counters, ...) is not
// derived and cannot be rebuilt: back the file up. Of work, urgency alone is derived: the level by which what is due is ordered, so that the
// next hundred of a hundred thousand wishes are found by an index. The batch that moves a level or writes work writes it.
//
// What the writing connection has read or written it remembers (record.Known) and does not read again: the rows of items that were touched
// lately, the last number, the consumed offsets, the brakes that are on. Rows are remembered as columns and decoded anew for each batch, so
// that nothing a step does to its snapshot reaches them. All is forgotten when a transaction is rolled back, and when another connection has
// written, which PRAGMA data_version tells inside each transaction.
//
// The write-ahead log is copied back every 16 MiB. A reader that lasts (Verify of a large ledger) keeps it from being reused: it
// grows by what is written meanwhile, and is cut to 64 MiB when it is used from the start again.
//
// Errors: a busy file (another process writes) is waited for five seconds. A full disk, a corrupt page or a cancelled
// context roll the batch back. Nothing is logged except migrations.
//
// Registry keeps which merchants a data folder has, in registry.db. It is made when there is something to keep.
//
// What it does not do: share the file between machines, guard the data folder against a second serve, or prune.
package sqlite
