package sqlite

import (
	"database/sql"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger/record"
)

// TestPlans requires that the queries of the hot path and of the workers search and never scan a table that grows.
func TestPlans(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), Options{Folder: t.TempDir()})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	for name, text := range map[string]string{
		"last seq": sqlLastSeq, "key": sqlKey, "sold as": sqlSoldAs, "refs": sqlRefsAndSiblings, "keys": sqlKeys, "booked": sqlBooked, "refs of item": sqlRefsOfItem, "shelf": sqlShelf,
		"balance": sqlBalance, "counters": sqlCounters, "waiting": sqlWaiting, "call": sqlCall, "brake": sqlBrake, "active brakes": sqlActive,
		"due reads": dueReads.Few, "many due reads": dueReads.Many, "count of due reads": dueReads.Count, "due baselines": sqlDueBaselines,
		"due pushes": duePushes.Few, "many due pushes": duePushes.Many, "count of due pushes": duePushes.Count, "next due": sqlNextDue, "open calls": sqlOpenCalls, "due resources": sqlDueWishes, "uncaused": sqlUncaused,
		"units before": sqlUnitsBefore, "unexplained": sqlUnexplained, "item by SKU": sqlItemBySKU, "labels": sqlLabels,
		"entries of a ref":   `SELECT * FROM entries WHERE seq > ?1 AND channel <> '' AND channel = ?2 AND ref_item = ?3 AND ref_location = ?4 ORDER BY seq LIMIT 9`,
		"entries of an item": `SELECT * FROM entries WHERE seq > ?1 AND item = ?2 ORDER BY seq LIMIT 9`,
	} {
		var arguments [3 * asked]any // as many as any of them takes
		plan := planOf(t, s, text, arguments[:]...)
		for _, line := range plan {
			table, scans := strings.CutPrefix(line, "SCAN ")
			// What a subquery has found, one constant row and a list that was handed in may be scanned.
			small := strings.HasPrefix(table, "json_each ") || strings.HasPrefix(table, "(subquery") || table == "CONSTANT ROW" || strings.HasSuffix(table, "-ROW VALUES CLAUSE") || table == "q"
			require.False(t, scans && !small, "%s: %s", name, strings.Join(plan, "\n"))
		}
	}
}

func planOf(t *testing.T, s *Store, text string, arguments ...any) (plan []string) {
	t.Helper()
	rows, err := s.read.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+text, arguments...)
	require.NoError(t, err, text)
	require.NoError(t, drain(rows, func(rows *sql.Rows) error {
		var id, parent, unused int
		var detail string
		err := rows.Scan(&id, &parent, &unused, &detail)
		plan = append(plan, detail)
		return err
	}))
	return plan
}

// A first sync has a wish for every ref there is: the next ones are found in order, without sorting the others, and counted without
// looking at their rows.
func TestPlansOfBaselines(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), Options{Folder: t.TempDir()})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	due := strings.Join(planOf(t, s, sqlDueBaselines, "till", 0, 9), "\n")
	require.Contains(t, due, "SEARCH w USING INDEX work_baselines_due (channel=? AND read_due<?)")
	require.NotContains(t, due, "TEMP B-TREE")
	require.Equal(t, []string{"SCAN work USING COVERING INDEX work_baselines"}, planOf(t, s, sqlBaselineStates))
	require.Contains(t, strings.Join(planOf(t, s, sqlPushesLeft), "\n"), "INDEX work_pushes")
	next := strings.Join(planOf(t, s, sqlNextDue, "till", 0), "\n")
	for _, index := range []string{"work_reads", "work_baselines_due", "work_pushes"} {
		require.Contains(t, next, "SEARCH w USING INDEX "+index)
	}
	require.NotContains(t, next, "TEMP B-TREE")
}

// However many wishes are due, the next ones are found in the order in which they are done, without sorting the others. Where few are due, it is not looked at what is wished for later.
func TestPlansOfManyWishes(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), Options{Folder: t.TempDir()})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	for name, q := range map[string]record.Due{"reads": dueReads, "pushes": duePushes} {
		due := name[:len(name)-1] + "_due"
		if name == "pushes" {
			due = "push_due"
		}
		var arguments [asked]any
		many := strings.Join(planOf(t, s, q.Many, arguments[:]...), "\n")
		require.Contains(t, many, "SEARCH w USING INDEX work_"+name+"_urgent (channel=?")
		require.NotContains(t, many, "TEMP B-TREE")
		few := strings.Join(planOf(t, s, q.Few, arguments[:]...), "\n")
		require.Contains(t, few, "SEARCH w USING INDEX work_"+name+" (channel=? AND "+due+"<?)")
		require.Contains(t, strings.Join(planOf(t, s, q.Count, arguments[:]...), "\n"), "INDEX work_"+name+" (channel=? AND "+due+"<?)")
	}
}
