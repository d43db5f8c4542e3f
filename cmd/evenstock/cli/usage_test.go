package cli

import (
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"
)

// bare is a program without anything behind it.
var bare = Program{Try: func(*CLI) []*cobra.Command { return []*cobra.Command{{Use: "demo"}, {Use: "sandbox"}} }}

func noEnv(string) string { return "" }

// Every example belongs to a command.
func TestNoExampleIsLeftOver(t *testing.T) {
	t.Parallel()
	root := (&CLI{Program: bare, Env: noEnv}).Root()
	for path := range examples {
		found := false
		var look func(cmd *cobra.Command)
		look = func(cmd *cobra.Command) {
			found = found || cmd.CommandPath() == path
			for _, sub := range cmd.Commands() {
				look(sub)
			}
		}
		look(root)
		require.True(t, found, "there is no command %q", path)
	}
}
