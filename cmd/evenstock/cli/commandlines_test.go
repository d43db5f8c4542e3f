package cli

import (
	"bytes"
	"context"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/spf13/cobra"
)

// Whoever said where the installation is gets command lines that say it too, and can be pasted into a shell.
func TestCommandLinesCarryFlags(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		flags      []string
		text, want string
	}{
		{nil, "see evenstock link list", "see evenstock link list"},
		{[]string{"--config", "shop/evenstock.yaml"}, "next: evenstock link import l2.csv", "next: evenstock --config shop/evenstock.yaml link import l2.csv"},
		{[]string{"--data=/var/my shop"}, "it begins with evenstock link import or evenstock serve", "it begins with evenstock --data '/var/my shop' link import or evenstock --data '/var/my shop' serve"},
		{[]string{"--data", "d", "--config", "$1.yaml"}, "printf x | evenstock link import -", "printf x | evenstock --config '$1.yaml' --data d link import -"},
		{[]string{"--config", "e.yaml"}, "report this as a fault of evenstock; the version of evenstock that wrote it; myevenstock link", "report this as a fault of evenstock; the version of evenstock that wrote it; myevenstock link"},
		{[]string{"--config", "e.yaml"}, "evenstock --config other.yaml serve; evenstock links", "evenstock --config other.yaml serve; evenstock links"},
	} {
		root := (&CLI{Program: Program{Try: func(*CLI) []*cobra.Command { return nil }}}).Root()
		require.NoError(t, root.ParseFlags(test.flags))
		require.Equal(t, test.want, commandLinesOf(root).in(test.text))
	}
}

// What a command prints, what it says beside that and how it fails name whole command lines; JSON and files are as they are.
func TestWhatIsPrintedCarriesFlags(t *testing.T) {
	t.Parallel()
	var out, messages bytes.Buffer
	c := &CLI{Program: Program{Try: func(*CLI) []*cobra.Command { return nil }}, Env: func(string) string { return "" }, Stdout: &out, Stderr: &messages}
	require.NoError(t, c.Root().ParseFlags([]string{"--config", "a b.yaml"}))
	say := func(w io.Writer) error { return newTable("begin with evenstock link suggest").write(w) }
	require.NoError(t, c.Print("evenstock link list", say))
	_, err := io.WriteString(c.messages(), "see evenstock brakes\n")
	require.NoError(t, err)
	c.JSON = true
	require.NoError(t, c.Print("evenstock link list", say))
	require.Equal(t, "begin with evenstock --config 'a b.yaml' link suggest\n\"evenstock link list\"\n", out.String())
	require.Equal(t, "see evenstock --config 'a b.yaml' brakes\n", messages.String())

	file := t.TempDir() + "/gone.yaml"
	messages.Reset()
	code := Run(context.Background(), Program{Try: func(*CLI) []*cobra.Command { return nil }}, []string{"--config", file, "link", "lisst"}, func(string) string { return "" }, io.Discard, &messages)
	require.Equal(t, ExitUsage, code)
	require.Contains(t, messages.String(), "(see: evenstock --config "+file+" link --help)")
}
