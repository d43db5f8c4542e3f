package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/sync/app"
)

// stdinName is how the command line names standard input.
const stdinName = "-"

func importCommand(c *CLI) *cobra.Command {
	var request app.LinkRequest
	imports := &cobra.Command{Use: "import FILE", Short: "Link what a link file (CSV or .xlsx) says; - reads standard input", Args: cobra.ExactArgs(1),
		Long: `Link what a link file says: CSV with commas, semicolons or tabs, or .xlsx; - reads standard input.

Every row is checked first. Rows that fail a check are refused, each with its reason; the others are linked. Mend the refused rows
and import the file again as often as you like: what is linked already stays as it is.
Exit code 0: every row is linked, 1: nothing was linked, 2: the file cannot be read, 3: some rows are linked and others refused.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if _, err := ledger.ParseJoinHow(request.Join); request.Join != "" && err != nil {
				return ErrUsage("--join is add, level or counter, not %q", request.Join)
			}
			return c.importLinks(cmd.Context(), args[0], request)
		}}
	imports.Flags().BoolVar(&request.DryRun, "dry-run", false, "make all checks and say what would be linked")
	imports.Flags().BoolVar(&request.AcceptRenamed, "accept-renamed", false, "take rows whose SKU is not the article's own in any channel, or may be the work of a spreadsheet; each is named. A rounded number (4.00638E+12) and one number for several articles that are not marked as shared stay refused")
	imports.Flags().StringVar(&request.Join, "join", "", "what the counts mean of items that come to an open shelf and show another number: add, level or counter; else they wait")
	return imports
}

func (c *CLI) importLinks(ctx context.Context, path string, request app.LinkRequest) error {
	file := io.Reader(os.Stdin)
	if path != stdinName {
		opened, err := os.Open(path)
		if errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%w: write one with evenstock link suggest > links.csv", err)
		}
		if err != nil {
			return err
		}
		defer opened.Close()
		file = opened
	}
	rows, hidden, err := readLinks(file)
	if err != nil {
		return err
	}
	if len(hidden) > 0 {
		fmt.Fprintln(c.messages(), hiddenText(hidden))
	}
	request.Rows = rows
	result, err := askConfigured(ctx, c, func(conn connection) (app.LinkResult, error) { return conn.ImportLinks(ctx, request) })
	if err != nil {
		return err
	}
	noted, refused := byRow(result.Noted), byRow(result.Refused)
	for _, row := range noted[:min(len(noted), rowsShown)] {
		fmt.Fprintln(c.messages(), printable(noteText(row)))
	}
	if more := len(noted) - rowsShown; more > 0 {
		fmt.Fprintf(c.messages(), "note: %s more, which --json lists\n", plural(more, "row"))
	}
	for _, row := range refused[:min(len(refused), rowsShown)] {
		fmt.Fprintf(c.messages(), "refused: %s\n", printable(rowText(row)))
	}
	if more := len(refused) - rowsShown; more > 0 {
		fmt.Fprintf(c.messages(), "refused: %s more, which --json lists\n", plural(more, "row"))
	}
	for _, way := range mendTexts(refused) {
		fmt.Fprintln(c.messages(), printable(way))
	}
	if err := c.Print(result, func(w io.Writer) error { return printImport(w, path, request, result) }); err != nil {
		return err
	}
	return refusal(refused, len(request.Rows))
}

// refusal is how an import ends of which rows were refused: it names them once more, below everything else.
func refusal(refused [][]app.RowFinding, given int) error {
	if len(refused) == 0 {
		return nil
	}
	rows := make([]int, len(refused))
	for i, row := range refused {
		rows[i] = row[0].Row
	}
	code := ExitPartly
	if len(refused) == given {
		code = ExitFailed
	}
	return &ExitError{Code: code, Err: fmt.Errorf("%d of %s refused: %s", len(refused), plural(given, "row"), rowNumbers(rows))}
}

// printImport says how a file ended, row by row and in counters, and what comes next.
func printImport(w io.Writer, path string, request app.LinkRequest, result app.LinkResult) error {
	verb, refused := "linked", "refused"
	if request.DryRun {
		verb, refused = "would be linked", "would be refused"
	}
	rows := result.Rows
	lines := []string{fmt.Sprintf("%s: %d %s, %d linked before, %d %s", plural(rows.Given, "row"), rows.Linked, verb, rows.Before, rows.Refused, refused)}
	if result.Refs > 0 {
		lines = append(lines, fmt.Sprintf("%s of %s %s", plural(result.Refs, "counter"), plural(result.Items, "item"), verb))
	}
	for _, one := range result.Joined[:min(len(result.Joined), rowsShown)] {
		lines = append(lines, joinText(one, request.DryRun))
	}
	if more := len(result.Joined) - rowsShown; more > 0 {
		lines = append(lines, fmt.Sprintf("and %s more at open shelves, which --json lists", plural(more, "counter")))
	}
	for _, line := range append(lines, nextAfterImport(path, request, result)...) {
		if _, err := fmt.Fprintln(w, printable(line)); err != nil {
			return err
		}
	}
	return nil
}

// nextAfterImport says what to do after an import. Refused rows come first: whoever goes on without them has half a file.
func nextAfterImport(path string, request app.LinkRequest, result app.LinkResult) []string {
	again := "evenstock link import"
	for _, flag := range []struct {
		given bool
		text  string
	}{{request.AcceptRenamed, " --accept-renamed"}, {request.Join != "", " --join " + request.Join}} {
		if flag.given {
			again += flag.text
		}
	}
	again += " " + shellQuoted(path)
	switch {
	case result.Rows.Refused > 0 && request.DryRun:
		return []string{"next: mend the refused rows, or leave them out, and try again: " + again + " --dry-run"}
	case result.Rows.Refused > 0:
		return []string{"next: mend the refused rows and import the file again (what is linked stays as it is): " + again}
	case request.DryRun:
		return []string{"next: " + again}
	}
	var next []string
	if result.Opens > 0 {
		next = append(next, "next: evenstock baseline plan --authority CHANNEL")
	}
	switch {
	case result.Joins > 0 && request.Join == "":
		next = append(next, fmt.Sprintf("next: evenstock link waiting (%s at open shelves: what shows another number waits for your word)", plural(result.Joins, "counter")))
	case result.Joins > 0:
		next = append(next, fmt.Sprintf("next: evenstock stock --uneven (%s at open shelves: what shows another number joins by --join %s)", plural(result.Joins, "counter"), request.Join))
	case result.Opens == 0:
		next = append(next, "nothing is left to do: every counter of the file belongs to an open shelf")
	}
	return next
}

// plain are texts that a shell takes as they are.
var plain = regexp.MustCompile(`^[\pL\pN_./,:=@%+-]+$`)

// shellQuoted writes a file's name so that it can be typed, or pasted, into a shell.
func shellQuoted(name string) string {
	switch {
	case name == stdinName:
		return name
	case strings.HasPrefix(name, "-"):
		return shellQuoted("./" + name)
	case plain.MatchString(name):
		return name
	}
	return "'" + strings.ReplaceAll(name, "'", `'\''`) + "'"
}

// byRow puts together what is said of each row, in the order of the rows.
func byRow(findings []app.RowFinding) (rows [][]app.RowFinding) {
	for i, f := range findings {
		if i == 0 || findings[i-1].Row != f.Row {
			rows = append(rows, nil)
		}
		rows[len(rows)-1] = append(rows[len(rows)-1], f)
	}
	return rows
}
