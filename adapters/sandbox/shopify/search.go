package shopify

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// term is field, comparison and value of one search term, with quotes or without
// (https://shopify.dev/docs/api/usage/search-syntax).
var term = regexp.MustCompile(`([a-z_]+):(>=|<=|>|<)?(?:'([^']*)'|"([^"]*)"|([^\s()]+))`)

// searchFields is what an object can be found by: int64 for ids and times (seconds), string for text.
type searchFields map[string]any

func (f searchFields) field(name string) any { return f[name] }

// search is a search query: alternatives, each of terms that all have to hold. One without any finds everything.
type search [][]searchTerm

// searchTerm compares a field with a value; number is the value as an id or a time in seconds, numeric says that it is either.
type searchTerm struct {
	field, comparison, value string
	number                   int64
	numeric                  bool
}

// searchOf reads the query among a list's arguments: terms joined by AND or a space, alternatives by OR, no nesting.
func searchOf(args map[string]any) (s search) {
	query, _ := args["query"].(string)
	if strings.TrimSpace(query) == "" {
		return nil
	}
	for alternative := range strings.SplitSeq(query, " OR ") {
		var terms []searchTerm
		for _, found := range term.FindAllStringSubmatch(alternative, -1) {
			t := searchTerm{field: found[1], comparison: found[2], value: found[3] + found[4] + found[5]}
			t.number, t.numeric = searchNumber(t.value)
			terms = append(terms, t)
		}
		s = append(s, terms)
	}
	return s
}

// finds says whether an object is found by its fields. A field is nil that the object does not have; terms on it are ignored, as
// Shopify does (with a warning, which is not sent here).
func (s search) finds(field func(name string) any) bool {
	return len(s) == 0 || slices.ContainsFunc(s, func(terms []searchTerm) bool {
		return !slices.ContainsFunc(terms, func(t searchTerm) bool { return !t.holds(field(t.field)) })
	})
}

func (t searchTerm) holds(have any) bool {
	switch have := have.(type) {
	case int64:
		return t.numeric && compareNumber(have, t.comparison, t.number)
	case string:
		// Text search is not case-sensitive, SKUs are: the reader has to compare exactly.
		return strings.EqualFold(have, t.value)
	}
	return true
}

// searchNumber reads an id or a time as seconds. A value that is neither matches no number.
func searchNumber(value string) (number int64, numeric bool) {
	if id, err := strconv.ParseInt(value[strings.LastIndex(value, "/")+1:], 10, 64); err == nil {
		return id, true
	}
	at, err := parseSearchTime(value)
	return at.Unix(), err == nil
}

func compareNumber(have int64, comparison string, want int64) bool {
	switch comparison {
	case ">=":
		return have >= want
	case "<=":
		return have <= want
	case ">":
		return have > want
	case "<":
		return have < want
	default:
		return have == want
	}
}

func parseSearchTime(text string) (time.Time, error) {
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, nil
	}
	return time.Parse(time.DateOnly, text)
}
