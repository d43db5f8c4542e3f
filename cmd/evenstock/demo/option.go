package demo

import "fmt"

// OptionError says which option a person must give another value, and why.
type OptionError struct{ err error }

func (e *OptionError) Error() string { return e.err.Error() }
func (e *OptionError) Unwrap() error { return e.err }

func badOption(format string, args ...any) error { return &OptionError{fmt.Errorf(format, args...)} }
