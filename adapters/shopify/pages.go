package shopify

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

const (
	// renewAfter is where a long listing begins a new search: Shopify refuses to page past 25,000 objects
	// (https://shopify.dev/docs/api/usage/limits).
	renewAfter = 20_000
	// nestedPages bounds the pages of one nested connection.
	nestedPages = 100
	// searchGrain is the grain of the update times that a search compares.
	searchGrain = time.Second
)

// connection is one page of a GraphQL connection.
type connection[T any] struct {
	Nodes    []T `json:"nodes"`
	PageInfo struct {
		HasNextPage bool   `json:"hasNextPage"`
		EndCursor   string `json:"endCursor"`
	} `json:"pageInfo"`
}

// idNode is an object of which only the id is read.
type idNode struct {
	ID string `json:"id"`
}

// next is the cursor of the page after this one; empty on the last. A page that claims to go on without saying where to, or
// that stands still, is an error: never an endless loop, never a silent end.
func (c connection[T]) next(operation, after string) (string, error) {
	if !c.PageInfo.HasNextPage {
		return "", nil
	}
	if c.PageInfo.EndCursor == "" || c.PageInfo.EndCursor == after {
		return "", badAnswer(operation, "the page does not say where the next one begins", nil)
	}
	return c.PageInfo.EndCursor, nil
}

// rest fetches what a nested connection holds beyond the page at hand.
func rest[T any](ctx context.Context, op operation, have *connection[T], fetch func(ctx context.Context, after string) (*connection[T], error)) error {
	after, err := have.next(op.name, "")
	for pages := 0; err == nil && after != ""; pages++ {
		if pages == nestedPages {
			return tooMany(op.name, "nested nodes", nestedPages)
		}
		var page *connection[T]
		if page, err = fetch(ctx, after); err != nil {
			return err
		}
		if page == nil {
			return badAnswer(op.name, "the object vanished between two of its pages", nil)
		}
		have.Nodes = append(have.Nodes, page.Nodes...)
		after, err = page.next(op.name, after)
	}
	return err
}

// listCursor is where a long listing stands: the platform's cursor within a search, what that search begins after (empty:
// what the caller asked), and how many objects it gave so far. As text: "seen|from|after".
type listCursor struct {
	seen        int
	from, after string
}

func parseListCursor(text string) (listCursor, error) {
	if text == "" {
		return listCursor{}, nil
	}
	seen, tail, found := strings.Cut(text, "|")
	from, after, foundToo := strings.Cut(tail, "|")
	n, err := strconv.Atoi(seen)
	if !found || !foundToo || err != nil || n < 0 {
		return listCursor{}, fmt.Errorf("%w: not of a listing", ErrCursor)
	}
	return listCursor{seen: n, from: from, after: after}, nil
}

func (l listCursor) String() string { return strconv.Itoa(l.seen) + "|" + l.from + "|" + l.after }

// advance is the cursor after a page of n objects, the last of which a new search would begin after.
func (l listCursor) advance(operation string, n int, after, last string) (string, error) {
	switch {
	case after == "":
		return "", nil
	case l.seen+n < renewAfter:
		return listCursor{seen: l.seen + n, from: l.from, after: after}.String(), nil
	case last == "" || last == l.from:
		return "", &Error{Operation: operation, Code: codeTooMany, Message: fmt.Sprintf("more than %d objects changed in one second", renewAfter)}
	}
	return listCursor{from: last}.String(), nil
}

// updatedSince is a search for what was updated at that second or later; nil for everything. The documented comparison is
// ">", so the second before is named.
func updatedSince(since time.Time) *string {
	if since.IsZero() {
		return nil
	}
	query := "updated_at:>'" + since.UTC().Truncate(searchGrain).Add(-searchGrain).Format(time.RFC3339) + "'"
	return &query
}

// optional is nil for an empty text: an absent cursor must be null.
func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
