package cli

import (
	"io"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
)

// commandLines are what texts for a person name as `evenstock link list`. Whoever typed --config or --data has to type it again, so this
// is the one place that makes lines of them which can be pasted as they are: words, remedies and notes need to know nothing of it.
type commandLines struct {
	named *regexp.Regexp
	// given are the flags that say which installation is meant, as they were typed; empty where none was.
	given string
}

// placing are the flags without which a command line is about another installation.
var placing = []string{"config", "data"}

// commandLinesOf are those of a command tree whose flags are parsed; where no command line was typed, none was given.
func commandLinesOf(root *cobra.Command) commandLines {
	if root == nil {
		return commandLines{}
	}
	var names []string
	for _, cmd := range root.Commands() {
		names = append(names, regexp.QuoteMeta(cmd.Name()))
	}
	lines := commandLines{named: regexp.MustCompile(`\b` + root.Name() + ` (` + strings.Join(names, "|") + `)\b`)}
	for _, name := range placing {
		if flag := root.PersistentFlags().Lookup(name); flag != nil && flag.Changed {
			lines.given += " --" + name + " " + shellQuoted(flag.Value.String())
		}
	}
	return lines
}

// in is a text with whole command lines.
func (l commandLines) in(text string) string {
	if l.given == "" {
		return text
	}
	return l.named.ReplaceAllStringFunc(text, func(found string) string {
		program, command, _ := strings.Cut(found, " ")
		return program + l.given + " " + command
	})
}

// wholeLines writes texts with whole command lines; a command line must not be split over two writes.
type wholeLines struct {
	io.Writer
	lines commandLines
}

func (l wholeLines) Write(p []byte) (int, error) {
	if _, err := io.WriteString(l.Writer, l.lines.in(string(p))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// messages takes what is said to a person beside the result.
func (c *CLI) messages() io.Writer { return wholeLines{c.Stderr, commandLinesOf(c.root)} }
