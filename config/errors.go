package config

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
)

// Error is one fault of a configuration, for people to repair.
type Error struct {
	// File is the file the value stands in, or "env NAME" or "flag --name" where it came from there.
	File string `json:"file,omitempty"`
	// Line counts from 1; 0 where there is none.
	Line int `json:"line,omitempty"`
	// Key is the path of the value, such as "channels[1].locations"; empty for the file as a whole.
	Key    string `json:"key,omitempty"`
	Reason string `json:"reason"`
	Remedy string `json:"remedy,omitempty"`

	err error
}

// Error prints "file:line: key: reason: remedy", without the parts that are empty.
func (e *Error) Error() string {
	parts := make([]string, 0, 4)
	if place := (origin{e.File, e.Line}).String(); place != "" {
		parts = append(parts, place)
	}
	for _, part := range []string{e.Key, e.Reason, e.Remedy} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ": ")
}

// Unwrap returns the error of the operating system behind a file that could not be read; nil for other faults.
func (e *Error) Unwrap() error { return e.err }

// Problems returns every *Error in an error of Load, Parse or Secrets, in the order they are printed.
func Problems(err error) []*Error {
	var one *Error
	var many interface{ Unwrap() []error }
	switch {
	case errors.As(err, &many):
		var all []*Error
		for _, e := range many.Unwrap() {
			all = append(all, Problems(e)...)
		}
		return all
	case errors.As(err, &one):
		return []*Error{one}
	default:
		return nil
	}
}

// origin says where a value came from. Its line is 0 outside files.
type origin struct {
	file string
	line int
}

func (o origin) String() string {
	if o.line == 0 {
		return o.file
	}
	return o.file + ":" + strconv.Itoa(o.line)
}

// defaultOrigin is the file of values that nobody gave.
const defaultOrigin = "default"

// origins maps the path of a value to where it came from.
type origins map[string]origin

// nearest returns the origin of the key, or of the closest part of the file that holds it.
func (o origins) nearest(key string) origin {
	for {
		if at, ok := o[key]; ok {
			return at
		}
		cut := strings.LastIndexAny(key, ".[")
		if cut < 0 {
			return o[""]
		}
		key = key[:cut]
	}
}

// joined sorts problems by line, those of the environment and of flags last, and joins them. Above the limit it says how
// many it left out.
func joined(problems []*Error) error {
	slices.SortStableFunc(problems, byLine)
	var all []error
	for i, problem := range problems {
		if i == maxReportedProblems {
			all = append(all, &Error{File: problem.File, Reason: fmt.Sprintf("%d more faults", len(problems)-i)})
			break
		}
		all = append(all, problem)
	}
	return errors.Join(all...)
}

func byLine(a, b *Error) int {
	if (a.Line == 0) != (b.Line == 0) {
		return cmp.Compare(b.Line, a.Line)
	}
	return cmp.Compare(a.Line, b.Line)
}

// bareReason is the cause of a file error without the path, which the message names already.
func bareReason(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	return err.Error()
}
