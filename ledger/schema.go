package ledger

import (
	"errors"
	"fmt"
)

// ErrNewer: the store was written by a later version of the program.
var ErrNewer = errors.New("ledger is of a later version")

// ErrOlder: the store was written by an earlier version of the program, and has to be migrated.
var ErrOlder = errors.New("ledger has to be migrated")

// ErrOwned: another process works on the ledger.
var ErrOwned = errors.New("the ledger belongs to another evenstock process")

// Schema is the version of a store's schema, 0 where there is none yet, and the one that this program knows.
type Schema struct {
	Current int64 `json:"current"`
	Known   int64 `json:"known"`
}

// Check refuses a schema that is not the one that this program's queries are written for.
func (s Schema) Check() error {
	switch {
	case s.Current > s.Known:
		return fmt.Errorf("%w: schema %d, this program knows %d", ErrNewer, s.Current, s.Known)
	case s.Current < s.Known:
		return fmt.Errorf("%w: schema %d, this program knows %d", ErrOlder, s.Current, s.Known)
	}
	return nil
}
