// Package cli is the command line: one file a command, from flags over the API's client to words and tables.
//
// A command asks the operations of adapters/api, over the socket of a running serve or, where none runs, through the same handler in
// this process; it does not see which. It knows no store and no adapter: what it stands in front of, the main package hands in as a
// Program. What evenstock answers are facts and codes; which command helps is said here (words.go, doctor_words.go) and nowhere else.
//
// Data goes to standard output, messages and progress to standard error; --json prints the answer as it is. Exit codes are in run.go.
package cli
