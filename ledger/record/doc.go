// Package record says in which columns the stores keep a ledger's types, what is asked of them, and what the rows of entries come to.
//
// It is what ledger/sqlite and ledger/postgres have in common and knows no SQL: values to write and destinations to read, each in the
// order of the columns; a Reader that answers the questions of the ledger's roles in a store's texts; the fold of all entries to balances,
// shelves and refs; the comparison of that with what is stored, and what a writer remembers of rows (Known). Times are unix nanoseconds in UTC, 0 is the
// zero time; quantities are hundred-thousandths of a unit; rare parts are JSON, or NULL where there is none. Equal values give equal columns,
// byte for byte.
package record
