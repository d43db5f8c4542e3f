package square

import (
	"fmt"
	"slices"
	"time"

	"github.com/evenstock/evenstock/ledger/stock"
)

// refSet is the refs of one request: Square filters by items and by locations, so an answer covers every pair of them, and
// what was not asked for is dropped again.
type refSet struct {
	refs      []stock.Ref // without repetitions, in the order asked
	items     []string
	locations []string
	asked     map[stock.Ref]bool
}

// refsOf checks that the refs are this channel's and not more than limit.
func (c *Channel) refsOf(operation string, refs []stock.Ref, limit int) (refSet, error) {
	if len(refs) > limit {
		return refSet{}, invalid(operation, "%d refs, at most %d", len(refs), limit)
	}
	set := refSet{asked: make(map[stock.Ref]bool, len(refs))}
	for _, ref := range refs {
		if err := c.checkRef(operation, ref); err != nil {
			return refSet{}, err
		}
		if set.asked[ref] {
			continue
		}
		set.asked[ref] = true
		set.refs = append(set.refs, ref)
		set.items = append(set.items, ref.Item)
		set.locations = append(set.locations, ref.Location)
	}
	set.items = sorted(set.items)
	set.locations = sorted(set.locations)
	return set, nil
}

func (c *Channel) checkRef(operation string, ref stock.Ref) error {
	switch {
	case ref.Channel != c.name:
		return invalid(operation, "ref %.80q belongs to another channel", ref.String())
	case !validID(ref.Item) || !validID(ref.Location):
		return invalid(operation, "ref %.80q has no usable ids", ref.String())
	}
	return nil
}

func sorted(ids []string) []string {
	slices.Sort(ids)
	return slices.Compact(ids)
}

// parseTime reads Square's times: RFC 3339 with 0 to 9 decimals of a second.
// https://developer.squareup.com/docs/build-basics/working-with-dates
func parseTime(text string) (time.Time, error) {
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return time.Time{}, fmt.Errorf("%.40q is not a time", text)
	}
	return at.UTC(), nil
}

// after formats a filter time; nil for none. Square's filters are strict: "later than".
func after(since time.Time) *string {
	if since.IsZero() {
		return nil
	}
	text := since.UTC().Format(time.RFC3339Nano)
	return &text
}

// optional is nil for an empty text: the SDK leaves it out.
func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// nextCursor treats an empty cursor as the end and refuses one that would ask for the same page again.
func nextCursor(asked, answered string) (string, error) {
	if answered != "" && answered == asked {
		return "", errCursor
	}
	return answered, nil
}
