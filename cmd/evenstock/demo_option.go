package main

import "fmt"

// optionError says which option a person must give another value, and why.
type optionError struct{ err error }

func (e *optionError) Error() string { return e.err.Error() }
func (e *optionError) Unwrap() error { return e.err }

func badOption(format string, args ...any) error { return &optionError{fmt.Errorf(format, args...)} }
