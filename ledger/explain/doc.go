// Package explain says why a number is what it is, from the entries, refs and calls of one moment. It is pure.
package explain
