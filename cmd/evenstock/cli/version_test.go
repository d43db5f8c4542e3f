package cli

import (
	"bytes"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBuildOf(t *testing.T) {
	t.Parallel()
	info := &debug.BuildInfo{Settings: []debug.BuildSetting{
		{Key: "vcs.revision", Value: "abc"}, {Key: "vcs.time", Value: "2026-11-23T09:00:00Z"}, {Key: "vcs.modified", Value: "true"}}}
	info.Main.Version = "v1.2.3"
	b := buildOf(info)
	require.Equal(t, "v1.2.3", b.Version)
	require.Contains(t, b.String(), "evenstock v1.2.3 (revision abc, modified) go")
	require.Equal(t, "unknown", buildOf(nil).Version)
}

// --version says what the command version does.
func TestVersionFlag(t *testing.T) {
	t.Parallel()
	said := func(args ...string) string {
		var out bytes.Buffer
		root := (&CLI{Program: bare, Env: noEnv, Stdout: &out}).Root()
		root.SetArgs(args)
		root.SetOut(&out)
		require.NoError(t, root.Execute())
		return out.String()
	}
	require.NotEmpty(t, said("version"))
	require.Equal(t, said("version"), said("--version"))
}
