package square

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"slices"
	"sort"
	"strings"
	"time"
)

// pageDefault is how many rows a page has when the request does not say; Square does not document it.
const (
	pageDefault = 100
	pageMax     = 1000
)

// pageCursor is what an opaque cursor says: the query it belongs to and the key of the last row given.
type pageCursor struct {
	Query string `json:"q"`
	After string `json:"a"`
}

// keyedRow is a row with its sort key, made once.
type keyedRow[T any] struct {
	key string
	row T
}

// pageOf sorts rows by key and returns those of one page, with the cursor of the next; "" on the last. When the cursor
// is of another query it has answered, and ok is false. Rows that move between pages because they changed can be missed
// or come twice, as with the real one.
func pageOf[T any](w http.ResponseWriter, rows []T, key func(T) string, query, cursor string, limit int) (page []T, next string, ok bool) {
	sum := sha256.Sum256([]byte(query))
	at := pageCursor{Query: hex.EncodeToString(sum[:8])}
	if cursor != "" {
		text, err := base64.RawURLEncoding.DecodeString(cursor)
		var given pageCursor
		if err != nil || json.Unmarshal(text, &given) != nil || given.Query != at.Query {
			refuse(w, refusal("INVALID_CURSOR", "cursor", "The cursor does not belong to this query."))
			return nil, "", false
		}
		at = given
	}
	keyed := make([]keyedRow[T], len(rows))
	for i, row := range rows {
		keyed[i] = keyedRow[T]{key(row), row}
	}
	slices.SortFunc(keyed, func(a, b keyedRow[T]) int { return strings.Compare(a.key, b.key) })
	if cursor != "" {
		start := sort.Search(len(keyed), func(i int) bool { return keyed[i].key > at.After })
		keyed = keyed[start:]
	}
	for _, row := range keyed[:min(limit, len(keyed))] {
		page = append(page, row.row)
	}
	if len(keyed) <= limit {
		return page, "", true
	}
	at.After = keyed[limit-1].key
	text, err := json.Marshal(at)
	if err != nil {
		serverError(w)
		return nil, "", false
	}
	return page, base64.RawURLEncoding.EncodeToString(text), true
}

// checkLimit returns the page size; when it is out of 1..1000 it has answered.
func checkLimit(w http.ResponseWriter, limit *int) (int, bool) {
	if limit == nil {
		return pageDefault, true
	}
	if *limit < 1 || *limit > pageMax {
		refuse(w, refusal("INVALID_VALUE", "limit", fmt.Sprintf("The limit is not between 1 and %d.", pageMax)))
		return 0, false
	}
	return *limit, true
}

// ascending and descending are sort keys of fixed width.
func ascending(t time.Time) string  { return fmt.Sprintf("%020d", t.UnixNano()) }
func descending(t time.Time) string { return fmt.Sprintf("%020d", math.MaxInt64-t.UnixNano()) }

// filter is the set that a request lists; it takes everything when the request lists nothing.
type filter map[string]bool

func filterOf(values []string) filter {
	f := filter{}
	for _, v := range values {
		f[v] = true
	}
	return f
}

func (f filter) takes(value string) bool { return len(f) == 0 || f[value] }
