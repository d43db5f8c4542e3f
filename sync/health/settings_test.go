package health

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// file is a configuration file that answers as it is told.
type file struct {
	differs bool
	since   time.Time
	err     error
}

var readAt = time.Date(2026, 11, 23, 10, 2, 0, 0, time.Local)

func (file) Source() (string, time.Time)        { return "/etc/evenstock.yaml", readAt }
func (f file) Reread() (bool, time.Time, error) { return f.differs, f.since, f.err }

func TestConfigured(t *testing.T) {
	t.Parallel()
	changed := readAt.Add(29 * time.Minute)
	const runs = "serve runs with the configuration of 2026-11-23 10:02:00; "
	for name, c := range map[string]struct {
		file file
		want Check
	}{
		"the same": {file{}, Check{Code: CodeServeConfig, Result: OK, Detail: "serve runs with the configuration as its file has it"}},
		"another": {file{differs: true, since: changed},
			Check{Code: CodeServeConfig, Result: Warn, Detail: runs + "/etc/evenstock.yaml was changed at 2026-11-23 10:31:00", Remedy: RemedyConfigRestart}},
		"an older one in its place": {file{differs: true},
			Check{Code: CodeServeConfig, Result: Warn, Detail: runs + "/etc/evenstock.yaml is another one now", Remedy: RemedyConfigRestart}},
		"broken": {file{since: changed, err: errors.New("line 3: is missing\nline 4: too")},
			Check{Code: CodeServeConfig, Result: Warn, Detail: runs + "its file cannot be used now: line 3: is missing; line 4: too", Remedy: RemedyConfigBroken}},
	} {
		report := Examine(t.Context(), Configured(c.file))
		require.Equal(t, Checks{c.want}, report.Checks, name)
		require.Empty(t, report.Reasons(), "whatever it is, serve goes on")
	}
}
