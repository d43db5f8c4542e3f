package cli

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheChangelogCanBeRead(t *testing.T) {
	t.Parallel()
	list, err := releases(changelog)
	require.NoError(t, err)
	require.NotEmpty(t, list)
	for i, r := range list {
		require.NotEmpty(t, r.Changes, "%q says nothing", r.Version)
		if i > 0 {
			require.NotEmpty(t, r.Version, "only the newest may be unreleased")
		}
		if i > 1 {
			require.LessOrEqual(t, r.Date, list[i-1].Date)
		}
	}
}

func TestReleases(t *testing.T) {
	t.Parallel()
	list, err := releases("# Title\n\nWords.\n\n## Unreleased\n\n- one\n  and more\n- two\n\n## v1.2.3, 2026-11-23\n\n- three\n")
	require.NoError(t, err)
	require.Equal(t, []release{{Changes: []string{"one and more", "two"}}, {Version: "v1.2.3", Date: "2026-11-23", Changes: []string{"three"}}}, list)
	for _, broken := range []string{"## soon\n", "## v1.2, 2026-11-23\n", "## Unreleased\nwords\n", "## Unreleased\n  more\n"} {
		_, err := releases(broken)
		require.Error(t, err, broken)
	}
}

func TestVersionShowsChanges(t *testing.T) {
	t.Parallel()
	stdout, _, code := typed(t, "version", "--changes")
	require.Equal(t, ExitOK, code)
	require.Equal(t, changelog, stdout)
	stdout, _, code = typed(t, "version", "--changes", "--json")
	require.Equal(t, ExitOK, code)
	var list []release
	require.NoError(t, json.Unmarshal([]byte(stdout), &list))
	want, err := releases(changelog)
	require.NoError(t, err)
	require.Equal(t, want, list)
}
