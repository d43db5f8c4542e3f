package demo

import (
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"charm.land/lipgloss/v2"
	grid "charm.land/lipgloss/v2/table" // table is ours
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/term"
)

const (
	// redrawEvery is how often a terminal is redrawn, lineEvery how often a line is printed where there is none.
	redrawEvery = 250 * time.Millisecond
	lineEvery   = 5 * time.Second
	// columnsDefault is the width of a terminal that does not say; columns narrower than the two others lose parts of the table.
	columnsDefault, columnsWide, columnsNarrow = 80, 56, 40
	// linesDefault is the height of a terminal that does not say.
	linesDefault = 40
)

// Screen shows the demo: a table that is redrawn in place on a terminal, else plain lines.
type Screen struct {
	out io.Writer
	// size returns the terminal's columns and lines; nil: out is no terminal.
	size func() (columns, lines int)
	// drawn is how many lines the last frame has.
	drawn int
}

// NewScreen shows the demo on stdout, or in plain lines on stderr when stdout is for the result alone. env tells of the terminal.
func NewScreen(stdout, stderr io.Writer, env func(string) string, resultOnly bool) *Screen {
	if resultOnly {
		return &Screen{out: stderr}
	}
	file, ok := stdout.(*os.File)
	if !ok || !term.IsTerminal(file.Fd()) || env("TERM") == "dumb" {
		return &Screen{out: stdout}
	}
	var environ []string
	for _, name := range []string{"TERM", "COLORTERM", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "WT_SESSION"} {
		if value := env(name); value != "" {
			environ = append(environ, name+"="+value)
		}
	}
	return &Screen{out: colorprofile.NewWriter(file, environ), size: func() (int, int) {
		columns, lines, err := term.GetSize(file.Fd())
		if err != nil || columns <= 0 || lines <= 0 {
			columns, lines = columnsDefault, linesDefault
		}
		if asked, err := strconv.Atoi(env("COLUMNS")); err == nil && asked > 0 {
			columns = asked
		}
		return columns, lines
	}}
}

// show draws frames until the returned function is called, which draws the last one. Calling it again does nothing.
func (s *Screen) show(ctx context.Context, w *watch) (stop func()) {
	every := lineEvery
	if s.size != nil {
		every = redrawEvery
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx)) // Ctrl-C ends the day, not the view of it
	done := make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		s.draw(ctx, w)
		for {
			select {
			case <-ctx.Done():
				s.draw(context.WithoutCancel(ctx), w)
				return
			case <-ticker.C:
				s.draw(ctx, w)
			}
		}
	}()
	return func() { cancel(); <-done }
}

// draw shows one frame. What cannot be looked at now is not shown; whether that matters is for the verdict.
func (s *Screen) draw(ctx context.Context, w *watch) {
	f, err := w.look(ctx)
	if err != nil {
		return
	}
	if s.size == nil {
		fmt.Fprintln(s.out, f.line())
		return
	}
	columns, lines := s.size()
	text := f.render(columns, lines-1)
	up := ""
	if s.drawn > 0 {
		up = fmt.Sprintf("\x1b[%dA\r", s.drawn)
	}
	s.drawn = strings.Count(text, "\n")
	// Line by line: some terminals keep what a whole screen held when it is wiped at once, and all flicker.
	fmt.Fprint(s.out, up+strings.ReplaceAll(text, "\n", "\x1b[K\n")+"\x1b[J")
}

// line is a frame where there is no terminal.
func (f frame) line() string {
	return fmt.Sprintf("%s  %s: %d happened, %d webhooks (%d lost), %d reads, %d pushes, %d repairs, %d uneven, sale to push p50 %s p95 %s p99 %s, brakes: %s",
		clock(f.elapsed), f.phase, f.happened, f.figures.webhooks, f.figures.lost, f.figures.reads, f.figures.pushes, f.repairs, f.uneven,
		millis(f.saleToPush.P50), millis(f.saleToPush.P95), millis(f.saleToPush.P99), f.brakesText())
}

// render draws a frame no wider and no higher than the terminal, and ends with a newline.
func (f frame) render(columns, lines int) string {
	parts := []string{
		fmt.Sprintf("evenstock demo  %s  %s", clock(f.elapsed), f.phase),
		fmt.Sprintf("%.1f/s happen  %.1f/s webhooks (%d lost)  %.1f/s pushes  %d repairs", f.lifeRate, f.webhookRate, f.figures.lost, f.pushRate, f.repairs),
		fmt.Sprintf("sale to push  p50 %s  p95 %s  p99 %s   uneven %d   brakes: %s", millis(f.saleToPush.P50), millis(f.saleToPush.P95),
			millis(f.saleToPush.P99), f.uneven, f.brakesText()),
	}
	parts = append(parts, strings.Split(f.table(columns), "\n")...)
	parts = append(parts, f.story...)
	parts = parts[:min(len(parts), max(lines, 1))]
	width := lipgloss.NewStyle().MaxWidth(max(columns, 1))
	for i, part := range parts {
		parts[i] = width.Render(part)
	}
	return strings.Join(parts, "\n") + "\n"
}

// table is the items. Narrow terminals lose the last columns first.
func (f frame) table(columns int) string {
	header := []string{"SKU", "TILL", "LEDGER", "WEB", "EVEN", "FOR"}
	cells := func(r frameRow) []string {
		even := "yes"
		if !r.even {
			even = "no"
		}
		return []string{r.sku, r.till, r.ledger, r.web, even, clock(r.since)}
	}
	keep := len(header)
	switch {
	case columns < columnsNarrow:
		keep -= 2
	case columns < columnsWide:
		keep--
	}
	t := grid.New().Headers(header[:keep]...).Border(lipgloss.NormalBorder()).BorderTop(false).BorderBottom(false).BorderLeft(false).BorderRight(false).
		BorderColumn(false).StyleFunc(func(row, col int) lipgloss.Style {
		style := lipgloss.NewStyle().PaddingRight(2)
		switch {
		case row == grid.HeaderRow:
			style = style.Bold(true)
		case !f.rows[row].even && col > 0:
			style = style.Foreground(lipgloss.Yellow)
		}
		if col > 0 && col < 4 {
			style = style.Align(lipgloss.Right)
		}
		return style
	})
	for _, row := range f.rows {
		t.Row(cells(row)[:keep]...)
	}
	return t.String()
}

func (f frame) brakesText() string {
	if len(f.brakes) == 0 {
		return "none"
	}
	counts := map[string]int{}
	var kinds []string
	for _, kind := range f.brakes {
		if counts[kind]++; counts[kind] == 1 {
			kinds = append(kinds, kind)
		}
	}
	for i, kind := range kinds {
		kinds[i] = fmt.Sprintf("%d %s", counts[kind], kind)
	}
	return strings.Join(kinds, ", ")
}

// clock prints a duration as minutes and seconds.
func clock(d time.Duration) string {
	seconds := int(d.Seconds())
	return fmt.Sprintf("%d:%02d", seconds/60, seconds%60)
}

func millis(n int64) string {
	if n == 0 {
		return "-"
	}
	return strconv.FormatInt(n, 10) + " ms"
}
