package shopify

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// term is field, comparison and value of one search term, with quotes or without
// (https://shopify.dev/docs/api/usage/search-syntax).
var term = regexp.MustCompile(`([a-z_]+):(>=|<=|>|<)?(?:'([^']*)'|"([^"]*)"|([^\s()]+))`)

// searchFields is what an object can be found by: int64 for ids and times (seconds), string for text.
type searchFields map[string]any

// matches evaluates a search query: terms joined by AND or a space, alternatives by OR, no nesting. Terms on fields that
// the object does not have are ignored, as Shopify does (with a warning, which is not sent here).
func (f searchFields) matches(args map[string]any) bool {
	query, _ := args["query"].(string)
	if strings.TrimSpace(query) == "" {
		return true
	}
	for _, alternative := range strings.Split(query, " OR ") {
		if f.matchesAll(alternative) {
			return true
		}
	}
	return false
}

func (f searchFields) matchesAll(query string) bool {
	for _, term := range term.FindAllStringSubmatch(query, -1) {
		value := term[3] + term[4] + term[5]
		switch have := f[term[1]].(type) {
		case int64:
			if !compareNumber(have, term[2], value) {
				return false
			}
		case string:
			// Text search is not case-sensitive, SKUs are: the reader has to compare exactly.
			if !strings.EqualFold(have, value) {
				return false
			}
		}
	}
	return true
}

// compareNumber compares an id or a time in seconds with a search value. A value that is neither matches nothing.
func compareNumber(have int64, comparison, value string) bool {
	want, err := strconv.ParseInt(value[strings.LastIndex(value, "/")+1:], 10, 64)
	if err != nil {
		at, err := parseSearchTime(value)
		if err != nil {
			return false
		}
		want = at.Unix()
	}
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
