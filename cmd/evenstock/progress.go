package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/charmbracelet/x/term"
)

// progress shows what an action says on its way: on a terminal in one line, elsewhere line by line.
func (c *cli) progress() (show func(json.RawMessage), end func()) {
	line, end := c.progressLine()
	var last string
	return func(raw json.RawMessage) {
		var text string
		if json.Unmarshal(raw, &text) != nil || text == last {
			return
		}
		last = text
		if !isTerminal(c.stderr) {
			fmt.Fprintln(c.stderr, printable(text))
		}
		line(printable(text))
	}, end
}

// progressLine rewrites one line of a terminal; end wipes it. Elsewhere both do nothing.
func (c *cli) progressLine() (show func(text string), end func()) {
	if !isTerminal(c.stderr) {
		return func(string) {}, func() {}
	}
	return func(text string) { fmt.Fprint(c.stderr, "\r\x1b[K"+text) }, func() { fmt.Fprint(c.stderr, "\r\x1b[K") }
}

func isTerminal(out any) bool {
	file, ok := out.(*os.File)
	return ok && term.IsTerminal(file.Fd())
}
