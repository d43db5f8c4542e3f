package postgres

import (
	"strings"
	"unicode/utf8"
)

// columns turns rows of values (int64, string, bool, or nil beside strings) into arrays, one a column, for unnest.
func columns(rows [][]any) []any {
	if len(rows) == 0 {
		return nil
	}
	arrays := make([]any, len(rows[0]))
	for i, value := range rows[0] {
		switch value.(type) {
		case int64:
			arrays[i] = column[int64](rows, i)
		case bool:
			arrays[i] = column[bool](rows, i)
		default:
			arrays[i] = texts(rows, i)
		}
	}
	return arrays
}

func column[T any](rows [][]any, i int) []T {
	array := make([]T, len(rows))
	for n, row := range rows {
		array[n] = row[i].(T)
	}
	return array
}

// texts is a column of strings, some of which may be NULL.
func texts(rows [][]any, i int) []*string {
	array := make([]*string, len(rows))
	for n, row := range rows {
		if value, is := row[i].(string); is {
			value = text(value)
			array[n] = &value
		}
	}
	return array
}

// text is a string as Postgres can keep it.
func text(s string) string {
	if strings.IndexByte(s, 0) < 0 && utf8.ValidString(s) {
		return s
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// strs are strings of any kind as an array.
func strs[T ~string](values ...T) []string {
	array := make([]string, len(values))
	for i, value := range values {
		array[i] = text(string(value))
	}
	return array
}
