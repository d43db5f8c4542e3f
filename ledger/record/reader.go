package record

import (
	"context"
	"strings"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

// Query runs one of a store's queries, with arguments behind those that every query of the store has, and calls scan for each row.
type Query func(ctx context.Context, text string, scan func(Scanner) error, args ...any) error

// Reader answers whatever a ledger's roles ask of one that is not changed, in the words of a store's SQL.
type Reader struct {
	run Query
	sql Queries
}

// NewReader is a reader of one merchant's ledger.
func NewReader(run Query, texts Queries) Reader { return Reader{run, texts} }

// Queries are a store's texts. What they select and what is bound to them, in order, is said where package record uses them. A text
// with %s takes more conditions there, each behind an AND and with a ? for each of its arguments.
type Queries struct {
	Items, Item, ItemBySKU, Labels, Runs, Findings                                     string
	Entries, PostingsAsOf, Balances, Levels, Shelves                                   string
	Brakes, Waiters, UnlinkedItems, Tallies, Cursors, Mark                             string
	Unexplained, Counts, CountRefs, CountWishes                                        string
	NextDue, DueBaselines, BaselineStates, BaselinesBegun, PushesLeft                  string
	OpenCalls, DueResources, Uncaused, UnitsBefore, Refs, Ref, Calls, CallsOfRef, Call string
	DueReads, DuePushes                                                                Due
}

// Due are the texts that find the most urgent wishes that are due. Where there is a Count, it says how many are due, up to a limit; as many as
// fewDue are found by Many.
type Due struct{ Count, Few, Many string }

// fewDue is how many wishes may be due that are sorted by urgency when somebody asks for the most urgent. Of more, those are found by an
// index in that order, which has to pass over what is wished for later.
const fewDue = 300

// row runs a query of one row, and says whether there was one.
func (r Reader) row(ctx context.Context, text string, args []any, into ...any) (found bool, err error) {
	err = r.run(ctx, text, func(row Scanner) error { found = true; return row.Scan(into...) }, args...)
	return found, err
}

// rows returns what scan makes of each row of a query.
func rows[T any](ctx context.Context, r Reader, text string, scan func(Scanner) (T, error), args ...any) (values []T, err error) {
	err = r.run(ctx, text, func(row Scanner) error {
		value, err := scan(row)
		values = append(values, value)
		return err
	}, args...)
	return values, err
}

// ScanJSON reads a row whose only column is a JSON text.
func ScanJSON[T any](row Scanner) (value T, err error) {
	var text string
	if err := row.Scan(&text); err != nil {
		return value, err
	}
	return value, Decode(text, &value)
}

// conditions are what a filter asks for, with their arguments.
type conditions struct {
	text strings.Builder
	args []any
}

func (c *conditions) and(condition string, args ...any) {
	c.text.WriteString(" AND " + condition)
	c.args = append(c.args, args...)
}

// is restricts a column to a value, unless the value is empty.
func (c *conditions) is(column, value string) {
	if value != "" {
		c.and(column+" = ?", value)
	}
}

// upTo, since and before restrict a column of times; a zero time does not.
func (c *conditions) upTo(column string, t time.Time)   { c.time(column+" <= ?", t) }
func (c *conditions) since(column string, t time.Time)  { c.time(column+" >= ?", t) }
func (c *conditions) before(column string, t time.Time) { c.time(column+" < ?", t) }

func (c *conditions) time(condition string, t time.Time) {
	if !t.IsZero() {
		c.and(condition, Nanos(t))
	}
}

// in is the text with the conditions where it takes them.
func (c *conditions) in(text string) string { return strings.Replace(text, "%s", c.text.String(), 1) }

// due returns the text that finds a channel's wishes, by how many are due.
func (r Reader) due(ctx context.Context, due Due, channel stock.Channel, now time.Time) (string, error) {
	if due.Count == "" {
		return due.Few, nil
	}
	var count int
	if _, err := r.row(ctx, due.Count, []any{channel, Nanos(now), fewDue}, &count); err != nil || count < fewDue {
		return due.Few, err
	}
	return due.Many, nil
}
