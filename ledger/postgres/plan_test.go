package postgres

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
)

// RequirePlans requires that the plans that are made while the tables are empty, and then kept, look rows up by the index that is meant for
// them, with all of its columns that the statement compares.
func RequirePlans(t *testing.T, pool *pgxpool.Pool) {
	t.Helper()
	for _, c := range []struct {
		text  string
		wants []string
	}{
		{sqlKeys, []string{"entries_key: merchant, key"}},
		{sqlCallsByKey, []string{"calls_pkey: merchant, key"}},
		{sqlRefsAndSiblings, []string{"refs_pkey: merchant, channel, item, location", "refs_by_sold_as: merchant, sold_as, channel", "refs_by_shelf: merchant, shelf_item",
			"work_pkey: merchant, channel, item, location", "shelves_pkey: merchant, item, location", "balances_pkey: merchant, item, kind, name"}},
		{sqlMoveBalances, []string{"balances_pkey: merchant, item, kind, name"}},
		{sqlBooked, []string{"entries_key: merchant, key", "entries_pkey: merchant, seq", "postings_pkey: merchant, seq"}},
		{sqlDueReads, []string{"work_reads: merchant, channel, read_due", "refs_pkey: merchant, channel, item, location"}},
		{sqlDuePushes, []string{"work_pushes: merchant, channel, push_due"}},
		{sqlDueBaselines, []string{"work_baselines_due: merchant, channel, read_due"}},
		{sqlByItem, []string{"postings_pkey: merchant, seq"}},
	} {
		plan := planOf(t, pool, c.text)
		require.NotContains(t, plan, "Seq Scan", c.text)
		require.NotContains(t, plan, "Hash Join", c.text)
		for _, want := range c.wants {
			index, columns, _ := strings.Cut(want, ": ")
			require.Contains(t, plan, " using "+index+" ", "%s\n%s", c.text, plan)
			for _, line := range strings.Split(plan, " using ")[1:] {
				if !strings.HasPrefix(line, index+" ") {
					continue
				}
				_, condition, found := strings.Cut(line, "Index Cond: ")
				require.True(t, found, plan)
				condition, _, _ = strings.Cut(condition, "\n")
				for _, column := range strings.Split(columns, ", ") {
					require.Contains(t, condition, column, "%s\n%s", c.text, plan)
				}
			}
		}
	}
}

// planOf is the plan of a statement for arguments that are not known.
func planOf(t *testing.T, pool *pgxpool.Pool, text string) (plan string) {
	t.Helper()
	require.NoError(t, pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
		ctx := context.WithoutCancel(t.Context())
		if _, err := tx.Exec(ctx, sqlFence, "m"); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, sqlByKeys); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "PREPARE planned AS "+text, pgx.QueryExecModeSimpleProtocol); err != nil {
			return fmt.Errorf("%s: %w", text, err)
		}
		count := 0
		for strings.Contains(text, fmt.Sprintf("$%d", count+1)) {
			count++
		}
		rows, err := tx.Query(ctx, "EXPLAIN EXECUTE planned ("+strings.TrimSuffix(strings.Repeat("NULL, ", count), ", ")+")", pgx.QueryExecModeSimpleProtocol)
		if err != nil {
			return err
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		plan = strings.Join(lines, "\n")
		if err == nil {
			_, err = tx.Exec(ctx, "DEALLOCATE planned")
		}
		return err
	}))
	return plan
}
