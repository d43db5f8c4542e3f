package cli

import (
	"cmp"
	"fmt"
	"io"
	goruntime "runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func versionCommand(c *CLI) *cobra.Command {
	cmd := &cobra.Command{Use: "version", Short: "Say which build this is", Args: cobra.NoArgs}
	changes := cmd.Flags().Bool("changes", false, "show what changed for users, newest first")
	cmd.RunE = func(*cobra.Command, []string) error {
		if *changes {
			return c.printChanges()
		}
		v := thisBuild()
		return c.Print(v, func(w io.Writer) error {
			_, err := fmt.Fprintln(w, v)
			return err
		})
	}
	return cmd
}

func (c *CLI) printChanges() error {
	list, err := releases(changelog)
	if err != nil {
		return err
	}
	return c.Print(list, func(w io.Writer) error {
		_, err := io.WriteString(w, changelog)
		return err
	})
}

// build names a build of the program.
type build struct {
	Version  string `json:"version"`
	Revision string `json:"revision"`
	// Modified says that the source differed from the revision.
	Modified bool   `json:"modified"`
	Time     string `json:"time,omitempty"`
	Go       string `json:"go"`
	System   string `json:"system"`
}

// thisBuild names the program that runs.
func thisBuild() build {
	info, _ := debug.ReadBuildInfo()
	return buildOf(info)
}

// buildOf reads what the Go tool wrote into the program; info is nil when it wrote nothing.
func buildOf(info *debug.BuildInfo) build {
	b := build{Version: "unknown", Revision: "unknown", Go: goruntime.Version(), System: goruntime.GOOS + "/" + goruntime.GOARCH}
	if info == nil {
		return b
	}
	b.Version = cmp.Or(info.Main.Version, b.Version)
	for _, setting := range info.Settings {
		switch setting.Key {
		case "vcs.revision":
			b.Revision = setting.Value
		case "vcs.time":
			b.Time = setting.Value
		case "vcs.modified":
			b.Modified = setting.Value == "true"
		}
	}
	return b
}

func (b build) String() string {
	revision := b.Revision
	if b.Modified {
		revision += ", modified"
	}
	return fmt.Sprintf("evenstock %s (revision %s) %s %s", b.Version, revision, b.Go, b.System)
}
