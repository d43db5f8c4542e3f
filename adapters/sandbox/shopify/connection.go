package shopify

import (
	"cmp"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2/ast"
)

// pageMax is the largest page and the longest list argument (https://shopify.dev/docs/api/usage/limits).
const pageMax = 250

// depthMax is how far into a connection one may page (https://shopify.dev/docs/api/usage/limits). The words of the refusal
// are ours.
const depthMax = 25_000

// gqlPage is one page of a connection.
type gqlPage struct {
	kind           string // of the connection, such as "OrderConnection"
	nodes          []gqlObject
	cursors        []string
	next, previous bool
}

// gqlEntry is a node and its place in the connection's order: the sort key first, the id last.
type gqlEntry struct {
	sort, id int64
	node     gqlObject
}

// paginate cuts the page that first and after ask for out of all entries. Cursors are opaque and name a place, not an
// index, so that pages stay right while entries come and go.
func paginate(kind string, entries []gqlEntry, args map[string]any, descending bool) (*gqlPage, error) {
	order := func(a, b gqlEntry) int {
		c := cmp.Or(cmp.Compare(a.sort, b.sort), cmp.Compare(a.id, b.id))
		if descending {
			return -c
		}
		return c
	}
	slices.SortFunc(entries, order)
	first, given := args["first"].(int64)
	switch {
	case !given:
		return nil, newGQLError("BAD_REQUEST", "you must provide one of first or last")
	case first < 0:
		return nil, newGQLError("BAD_REQUEST", "first must be a positive number")
	case first > pageMax:
		return nil, newGQLError("INVALID_FIELD_ARGUMENTS", "first cannot exceed %d", pageMax)
	}
	page := &gqlPage{kind: kind}
	start := 0
	if text, ok := args["after"].(string); ok {
		place, ok := readCursor(text)
		if !ok {
			return nil, newGQLError("INVALID_FIELD_ARGUMENTS", "Invalid cursor for current pagination sort.")
		}
		for start < len(entries) && order(entries[start], place) <= 0 {
			start++
		}
		page.previous = start > 0
	}
	end := min(len(entries), start+int(first))
	if end > depthMax {
		return nil, newGQLError("BAD_REQUEST", "Cannot paginate past %d objects. Narrow the query.", depthMax)
	}
	page.next = end < len(entries)
	for _, e := range entries[start:end] {
		page.nodes = append(page.nodes, e.node)
		page.cursors = append(page.cursors, cursor(e))
	}
	return page, nil
}

func cursor(e gqlEntry) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(e.sort, 10) + "," + strconv.FormatInt(e.id, 10)))
}

func readCursor(text string) (gqlEntry, bool) {
	plain, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return gqlEntry{}, false
	}
	sortText, idText, _ := strings.Cut(string(plain), ",")
	sort, err1 := strconv.ParseInt(sortText, 10, 64)
	id, err2 := strconv.ParseInt(idText, 10, 64)
	return gqlEntry{sort: sort, id: id}, err1 == nil && err2 == nil
}

// page completes a connection: its price is the fixed part and the size of what it holds.
func (x *exec) page(sets []ast.SelectionSet, p *gqlPage) (any, int, error) {
	out := map[string]any{}
	most := 0
	keys, fields := x.collect(sets, p.kind)
	for _, key := range keys {
		switch fields[key][0].Name {
		case "__typename":
			out[key] = p.kind
		case "nodes":
			nodes, cost, err := x.list(selections(fields[key]), p.nodes)
			if err != nil {
				return nil, 0, err
			}
			out[key], most = nodes, max(most, 1+cost)
		case "edges":
			edges, cost, err := x.list(selections(fields[key]), p.edges())
			if err != nil {
				return nil, 0, err
			}
			out[key], most = edges, max(most, cost) // the node object is one of the edge's fields
		case "pageInfo":
			info, _, err := x.object(selections(fields[key]), p.info())
			if err != nil {
				return nil, 0, err
			}
			out[key] = info
		}
	}
	if len(p.nodes) == 0 {
		most = 0
	}
	return out, connectionCost + size(len(p.nodes))*most, nil
}

func (p *gqlPage) edges() []gqlObject {
	edges := make([]gqlObject, len(p.nodes))
	for i, node := range p.nodes {
		edges[i] = gqlObject{strings.TrimSuffix(p.kind, "Connection") + "Edge", func(field string, _ map[string]any) (any, error) {
			if field == "cursor" {
				return p.cursors[i], nil
			}
			return node, nil
		}}
	}
	return edges
}

func (p *gqlPage) info() gqlObject {
	return gqlObject{"PageInfo", func(field string, _ map[string]any) (any, error) {
		switch field {
		case "hasNextPage":
			return p.next, nil
		case "hasPreviousPage":
			return p.previous, nil
		}
		if len(p.cursors) == 0 {
			return nil, nil
		}
		if field == "startCursor" {
			return p.cursors[0], nil
		}
		return p.cursors[len(p.cursors)-1], nil
	}}
}

// gqlTime prints a time as the API does: UTC, to the second.
func gqlTime(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format("2006-01-02T15:04:05Z")
}
