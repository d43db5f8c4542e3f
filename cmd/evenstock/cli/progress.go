package cli

import (
	"fmt"
	"os"

	"github.com/charmbracelet/x/term"
)

// progress shows how far long work is: on a terminal in one line, elsewhere line by line.
func (c *CLI) progress() (show func(text string), end func()) {
	line, end := c.progressLine()
	return func(text string) {
		if !isTerminal(c.Stderr) {
			fmt.Fprintln(c.messages(), printable(text))
		}
		line(printable(text))
	}, end
}

// progressLine rewrites one line of a terminal; end wipes it. Elsewhere both do nothing.
func (c *CLI) progressLine() (show func(text string), end func()) {
	if !isTerminal(c.Stderr) {
		return func(string) {}, func() {}
	}
	return func(text string) { fmt.Fprint(c.messages(), "\r\x1b[K"+text) }, func() { fmt.Fprint(c.messages(), "\r\x1b[K") }
}

func isTerminal(out any) bool {
	file, ok := out.(*os.File)
	return ok && term.IsTerminal(file.Fd())
}
