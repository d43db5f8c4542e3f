// Package postgres keeps the ledgers of many merchants in one Postgres database, for the program on many machines. It passes
// ledger/ledgertest.
//
// A Store is one merchant's, bound when it is opened. Every key begins with the merchant and every statement names it; row-level security
// is the second fence. The program works as a member of the role evenstock_app, which owns nothing, sees the rows of the merchant that its
// transaction names, and may neither change nor remove entries and postings. Whoever owns the tables migrates them (Migrate), and nothing
// else is done as the owner.
//
// A batch takes two round trips: begin, lock the merchant's head and read what the batch touches; write and commit. One more is needed
// where what is touched follows from a stored call or brake, or a call is in flight for it. The head is the only lock, so that batches of one
// merchant follow each other, those of different merchants pass each other by, and nothing waits in a circle. Everything is read under it.
//
// What is looked up by keys is looked up one by one, by the index that is meant for it: plans are made once a connection, often while the tables
// are empty, and a test looks at them.
//
// Failure: a serialization failure, a deadlock, a lost connection and a server that stops are tried again, a few times; the step then
// runs again. Each commit stores a key of its own (table commits). When its answer does not come, the key says whether it was stored, whatever
// the driver says; where nothing can be asked, the error says that the outcome is unknown. A caller that goes away is not waited for
// until the batch is being written; then the commit is. A database that says nothing, because its machine or the network is gone, is given up after
// half a minute.
//
// Entries and postings are append-only by privileges and by triggers that are ENABLE ALWAYS, so that no setting gets past them.
// balances, shelves and refs are caches, as in ledger/sqlite, and all text is ordered by its bytes. Postgres keeps no NUL and no text that
// is not UTF-8: each becomes U+FFFD.
//
// One process works on a merchant at a time, the Owner; a lock of a session of its own says so. It goes with the session: an owner that is cut off
// owns again as soon as the database answers, or learns that another one did meanwhile. Others stand by (Standby): the first that asks after
// the session has ended, or that is told of it by an owner who leaves, is the next. An owner whose session says nothing for five seconds, for its
// process is stopped or its network gone, loses it to them; that is judged by the database's clock alone, and needs all processes to log in as
// the same role. Each transaction compares the number of owners so far, under the lock of the head that a new owner takes too, so that a former
// one that has not learnt it yet writes nothing: it stores no call, and may at worst repeat one that is open, under its key. What one
// that was stopped has locked, or stands in the queue for, its successor ends after a second. Who only looks (Look) owns nothing.
//
// A merchant that is to go (ledger/registry says so) is erased by who owns the tables, all of it and nothing less (Erase), and Search proves it. It
// is the one way in which entries are ever removed: the triggers let it pass in a transaction that says whose rows they are.
//
// The registry's tables are fenced too: who works on a merchant's ledger sees that merchant in them, and Registry all.
//
// What it does not do: make databases and roles that log in, or prune.
package postgres
