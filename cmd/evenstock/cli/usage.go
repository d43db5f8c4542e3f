package cli

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
)

// The groups of commands, in the order in which a newcomer needs them.
var groups = []*cobra.Group{
	{ID: "try", Title: "Try it without an account:"},
	{ID: "start", Title: "Connect your shops and run:"},
	{ID: "look", Title: "The numbers, and why:"},
	{ID: "operate", Title: "When a person is needed:"},
}

// usageTemplate names the flags of every command once, in the help of the root: repeated below each command they would hide its own.
const usageTemplate = `Usage:{{if and .Runnable (not (index .Annotations "group"))}}
  {{.UseLine}}{{end}}{{if .HasAvailableSubCommands}}
  {{.CommandPath}} COMMAND{{end}}{{if .HasExample}}

Examples:
{{.Example}}{{end}}{{if .HasAvailableSubCommands}}{{$commands := .Commands}}{{range $group := .Groups}}

{{.Title}}{{range $commands}}{{if eq .GroupID $group.ID}}
  {{rpad .Name .NamePadding}} {{.Short}}{{end}}{{end}}{{end}}

{{if .Groups}}Others:{{else}}Commands:{{end}}{{range $commands}}{{if and (eq .GroupID "") (or .IsAvailableCommand (eq .Name "help"))}}
  {{rpad .Name .NamePadding}} {{.Short}}{{end}}{{end}}{{end}}{{if .HasAvailableLocalFlags}}

Flags:
{{.LocalFlags.FlagUsages | trimTrailingWhitespaces}}{{end}}{{if .HasParent}}

Flags of every command (--config, --json, --data and others): {{.Root.Name}} --help{{end}}{{if .HasAvailableSubCommands}}

More about a command: {{.CommandPath}} COMMAND --help{{end}}
`

// finish gives every command of the tree its examples, and makes a command line that makes no sense a usage error in words.
func finish(root *cobra.Command) {
	root.AddGroup(groups...)
	root.SetUsageTemplate(usageTemplate)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return ErrUsage("%w (see: %s --help)", err, cmd.CommandPath())
	})
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	finishCommand(root)
}

func finishCommand(cmd *cobra.Command) {
	for _, sub := range cmd.Commands() {
		finishCommand(sub)
	}
	if lines := examples[cmd.CommandPath()]; len(lines) > 0 {
		cmd.Example = "  " + strings.Join(lines, "\n  ")
	}
	if cmd.HasSubCommands() && !cmd.Runnable() {
		cmd.Annotations = map[string]string{"group": "yes"}
		cmd.Args, cmd.RunE = cobra.NoArgs, func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	}
	if check := cmd.Args; check != nil {
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			if check(cmd, args) == nil {
				return nil
			}
			return wrongArgs(cmd, args)
		}
	}
}

// typoMax is how many letters a mistyped command may differ by to be proposed.
const typoMax = 2

// wrongArgs says what is wrong with arguments that a command does not take.
func wrongArgs(cmd *cobra.Command, args []string) error {
	if !cmd.HasSubCommands() {
		return ErrUsage("wrong number of arguments: write %q (see: %s --help)", cmd.UseLine(), cmd.CommandPath())
	}
	cmd.SuggestionsMinimumDistance = typoMax
	meant := ""
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		meant = fmt.Sprintf("did you mean %s? ", strings.Join(quoted(near), " or "))
	}
	return ErrUsage("%s has no command %q: %s(see: %s --help)", cmd.CommandPath(), printable(args[0]), meant, cmd.CommandPath())
}

// count is a flag that takes a whole number from 0.
type count int

var errCount = errors.New("must be a whole number that is not negative")

func (n *count) String() string { return strconv.Itoa(int(*n)) }
func (n *count) Type() string   { return "number" }

func (n *count) Set(text string) error {
	value, err := strconv.Atoi(text)
	if err != nil || value < 0 {
		return errCount
	}
	*n = count(value)
	return nil
}
