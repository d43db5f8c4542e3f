package ledgertest

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNumbersWithoutTheirNamesAreFound(t *testing.T) {
	t.Parallel()
	for text, faults := range map[string]int{
		`SELECT 1 FROM balances WHERE kind = 8 /* unexplained */ AND quantity <> 0`:                                  0,
		`SELECT 1 FROM balances WHERE kind = ?1`:                                                                     0,
		`SELECT 1 FROM balances WHERE kind = 8 AND quantity <> 0`:                                                    1,
		`SELECT 1 FROM balances b WHERE b.kind = 8 /* sold */`:                                                       1,
		`SELECT 1 FROM balances WHERE kind = 5 /* correction */`:                                                     1,
		`SELECT 1 FROM entries e JOIN balances b ON b.item = e.item WHERE e.kind = 5 /* correction */ OR b.kind=5`:   1,
		`SELECT 1 FROM refs r WHERE r.status IN (2 /* live */, 3, 4 /* linked */)`:                                   2,
		`SELECT 1 FROM refs r WHERE r.status NOT IN (2, ?1, 4 /* untracked */) AND status IS NOT 7 /* unknown(7) */`: 2,
		`SELECT 1 FROM calls WHERE 1 = state`:                                                                        1,
		"SELECT 1 FROM calls WHERE state >= 2 -- applied\n":                                                          0,
		`SELECT sum(CASE state WHEN 2 THEN 1 END) FROM calls`:                                                        1,
		`CREATE TABLE entries (seq INTEGER, kind INTEGER CHECK (kind BETWEEN 1 AND 5 /* correction */))`:             1,
		`UPDATE refs SET status = 6`:                                                                                 1,
		`SELECT 'status = 6', count FROM tallies WHERE ending<>1`:                                                    1,
		`SELECT 1 FROM calls WHERE state = $1 AND state = 1`:                                                         1,
		`state = 1`: 1,
	} {
		_, found := namedNumbers(text)
		require.Len(t, found, faults, "%s: %v", text, found)
	}
}
