package ledgertest

import (
	"errors"
	"fmt"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/evenstock/evenstock/ledger"
)

// enumColumns are the columns that hold the number of an enum, and its names.
var enumColumns = map[string]func(uint8) string{
	"entries.kind":       func(n uint8) string { return ledger.EntryKind(n).String() },
	"entries.status":     func(n uint8) string { return ledger.RefStatus(n).String() },
	"postings.from_kind": func(n uint8) string { return ledger.AccountKind(n).String() },
	"postings.to_kind":   func(n uint8) string { return ledger.AccountKind(n).String() },
	"balances.kind":      func(n uint8) string { return ledger.AccountKind(n).String() },
	"refs.status":        func(n uint8) string { return ledger.RefStatus(n).String() },
	"calls.state":        func(n uint8) string { return ledger.CallState(n).String() },
	"tallies.ending":     func(n uint8) string { return ledger.Ending(n).String() },
}

// NumbersHaveTheirNames goes through all SQL of the store whose folder the test runs in: a number that is compared with an enum's column
// has the number's name beside it, in a comment. There are at least so many in its queries and in its migrations.
func NumbersHaveTheirNames(t *testing.T, queries, migrations int) {
	t.Helper()
	named := map[string]int{}
	for place, texts := range map[string][]string{"queries": queryTexts(t), "migrations": migrationTexts(t)} {
		for _, text := range texts {
			count, faults := namedNumbers(text)
			named[place] += count
			require.Empty(t, faults, text)
		}
	}
	require.GreaterOrEqual(t, named["queries"], queries)
	require.GreaterOrEqual(t, named["migrations"], migrations)
}

// queryTexts are the texts in the package's Go code, constants put together.
func queryTexts(t *testing.T) (texts []string) {
	t.Helper()
	files, set := []*ast.File{}, token.NewFileSet()
	names, err := filepath.Glob("*.go")
	require.NoError(t, err)
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		files = append(files, file)
	}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
	// Without what it imports the package does not compile, but its constants have their values.
	config := types.Config{Importer: nothing{}, Error: func(error) {}}
	_, _ = config.Check("store", set, files, info)
	for _, file := range files {
		ast.Inspect(file, func(node ast.Node) bool {
			expr, ok := node.(ast.Expr)
			if !ok {
				return true
			}
			value := info.Types[expr].Value
			if value == nil || value.Kind() != constant.String {
				return true
			}
			texts = append(texts, constant.StringVal(value))
			return false
		})
	}
	return texts
}

// nothing imports nothing.
type nothing struct{}

func (nothing) Import(path string) (*types.Package, error) {
	return nil, errors.New("not imported: " + path)
}

func migrationTexts(t *testing.T) (texts []string) {
	t.Helper()
	names, err := filepath.Glob("migrations/*.sql")
	require.NoError(t, err)
	for _, name := range names {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		texts = append(texts, strings.Split(string(text), ";")...)
	}
	return texts
}

var (
	sqlTable = regexp.MustCompile(`(?i)\b(?:FROM|JOIN|INTO|UPDATE|TABLE|ON)\s+(\w+)(?:\s+(?:AS\s+)?(\w+))?`)
	sqlToken = regexp.MustCompile(`/\*.*?\*/|--[^\n]*|'(?:[^']|'')*'|[A-Za-z_][\w.]*|\?\d*|\$\d+|\d+|<>|!=|<=|>=|\S`)
)

// namedNumbers counts the numbers in an SQL text that are compared with an enum's column and have their name beside them, and
// says which have not.
func namedNumbers(text string) (named int, faults []string) {
	tables := map[string][]string{}
	for _, match := range sqlTable.FindAllStringSubmatch(text, -1) {
		for _, alias := range []string{"", match[1], match[2]} {
			tables[alias] = append(tables[alias], match[1])
		}
	}
	tokens := sqlToken.FindAllString(text, -1)
	for i, column := range tokens {
		enums := enumsOf(column, tables)
		if len(enums) == 0 {
			continue
		}
		if i >= 2 && comparison(tokens[i-1]) && number(tokens[i-2]) {
			faults = append(faults, fmt.Sprintf("%s %s %s: write the column first", tokens[i-2], tokens[i-1], column))
		}
		for _, at := range compared(tokens, i+1) {
			value, _ := strconv.ParseUint(tokens[at], 10, 8)
			comment := ""
			if at+1 < len(tokens) {
				comment = strings.TrimSpace(strings.Trim(tokens[at+1], "/*-"))
			}
			right := slices.ContainsFunc(enums, func(name func(uint8) string) bool {
				return name(uint8(value)) == comment && comment != "" && !strings.HasPrefix(comment, "unknown(")
			})
			if right {
				named++
				continue
			}
			faults = append(faults, fmt.Sprintf("%s is compared with %d, which has not its name beside it", column, value))
		}
	}
	return named, faults
}

// enumsOf are the enums that a column may hold, by the tables that the text names; in a part of a text that names none, by all.
func enumsOf(column string, tables map[string][]string) (enums []func(uint8) string) {
	alias, name, qualified := strings.Cut(column, ".")
	if !qualified {
		alias, name = "", column
	}
	for full, enum := range enumColumns {
		table, own, _ := strings.Cut(full, ".")
		if own == name && (slices.Contains(tables[alias], table) || len(tables) == 0) {
			enums = append(enums, enum)
		}
	}
	return enums
}

func comparison(token string) bool {
	return slices.Contains([]string{"=", "<>", "!=", "<", ">", "<=", ">=", "IS", "NOT", "IN", "BETWEEN", "WHEN"}, strings.ToUpper(token))
}

func number(token string) bool { return token[0] >= '0' && token[0] <= '9' }

// compared are the places of the numbers that what stands before from is compared with.
func compared(tokens []string, from int) (places []int) {
	at := from
	for at < len(tokens) && comparison(tokens[at]) {
		at++
	}
	if at == from || at == len(tokens) {
		return nil
	}
	switch operator := strings.ToUpper(tokens[at-1]); {
	case operator == "IN":
		for ; at < len(tokens) && tokens[at] != ")"; at++ {
			if number(tokens[at]) {
				places = append(places, at)
			}
		}
	case number(tokens[at]):
		places = append(places, at)
		if operator != "BETWEEN" {
			break
		}
		for at++; at < len(tokens); at++ {
			if number(tokens[at]) {
				return append(places, at)
			}
		}
	}
	return places
}
