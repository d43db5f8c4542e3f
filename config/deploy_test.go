package config_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/evenstock/evenstock/config"
)

func deployFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("deploy", name))
	require.NoError(t, err)
	return string(text)
}

// known says that a variable or flag is one of the configuration's, as --config is.
func known(name string) bool {
	return name == "--config" || slices.ContainsFunc(config.Reference(), func(o config.Option) bool { return o.Env == name || "--"+o.Flag == name })
}

// TestDockerfile: the image is built with the module's Go, is one static binary that runs as nobody, and sets only variables that we read.
func TestDockerfile(t *testing.T) {
	t.Parallel()
	text := deployFile(t, "Dockerfile")
	module, err := os.ReadFile("../go.mod")
	require.NoError(t, err)
	version := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindSubmatch(module)
	require.Contains(t, text, "FROM golang:"+string(version[1])+"-")
	require.Contains(t, text, "CGO_ENABLED=0 go build ")
	_, image, found := strings.Cut(text, "\nFROM scratch\n")
	require.True(t, found, "the last stage stands on nothing")
	require.NotContains(t, image, "\nRUN ")
	require.Regexp(t, `(?m)^USER [1-9]\d*:[1-9]\d*$`, image)
	for _, variable := range regexp.MustCompile(`EVENSTOCK_[A-Z_]+`).FindAllString(text, -1) {
		require.True(t, known(variable), variable)
	}
	for source := range strings.FieldsFuncSeq(deployFile(t, "Dockerfile.dockerignore"), func(r rune) bool { return r == '\n' }) {
		if path, allowed := strings.CutPrefix(source, "!"); allowed {
			_, err := os.Stat(filepath.Join("..", path))
			require.NoError(t, err)
		}
	}
}

// TestCompose: compose can read its file, the service is as locked up as its comments say, and what it mounts is where the image looks.
func TestCompose(t *testing.T) {
	t.Parallel()
	type service struct {
		Build        struct{ Context, Dockerfile string }
		Image        string
		Restart      string
		User         string
		ReadOnly     bool     `yaml:"read_only"`
		CapDrop      []string `yaml:"cap_drop"`
		SecurityOpt  []string `yaml:"security_opt"`
		PidsLimit    int      `yaml:"pids_limit"`
		MemLimit     string   `yaml:"mem_limit"`
		StopGrace    string   `yaml:"stop_grace_period"`
		Ports, Tmpfs []string
		Environment  map[string]string
		Volumes      []string
		Logging      struct {
			Driver  string
			Options map[string]string
		}
	}
	var file struct {
		Services map[string]service
		Volumes  map[string]struct{}
	}
	text := deployFile(t, "compose.yaml")
	decoder := yaml.NewDecoder(strings.NewReader(text))
	decoder.KnownFields(true)
	require.NoError(t, decoder.Decode(&file))
	s := file.Services["evenstock"]
	require.FileExists(t, filepath.Join("deploy", s.Build.Context, s.Build.Dockerfile))
	image := deployFile(t, "Dockerfile")
	require.Contains(t, image, "\nUSER "+s.User+"\n")
	require.True(t, s.ReadOnly)
	require.Len(t, s.Tmpfs, 1)
	require.Regexp(t, `^/tmp:`, s.Tmpfs[0], "where the program may write besides its data")
	require.Equal(t, []string{"ALL"}, s.CapDrop)
	require.Equal(t, []string{"no-new-privileges:true"}, s.SecurityOpt)
	for _, port := range s.Ports {
		require.Regexp(t, `^127\.0\.0\.1:`, port, "published to this machine alone")
	}
	for _, volume := range s.Volumes {
		from, to, _ := strings.Cut(volume, ":")
		if named, isNamed := file.Volumes[from]; isNamed {
			require.Empty(t, named)
			require.Contains(t, image, "\nVOLUME "+to+"\n")
			continue
		}
		require.Regexp(t, `^/etc/evenstock/[a-z.]+:ro$`, to)
	}
}

// TestUnit: systemd takes the unit, and it starts serve with flags that there are.
func TestUnit(t *testing.T) {
	t.Parallel()
	text := deployFile(t, "evenstock.service")
	start := regexp.MustCompile(`(?m)^ExecStart=(\S+) serve (.*)$`).FindStringSubmatch(text)
	require.NotNil(t, start)
	for _, flag := range regexp.MustCompile(`--[a-z-]+`).FindAllString(text, -1) {
		if strings.Contains(start[2], flag) {
			require.True(t, known(flag), flag)
		}
	}
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd-analyze is not here to check the unit")
	}
	// The program need not be installed where the unit is checked.
	unit := filepath.Join(t.TempDir(), "evenstock.service")
	here, err := os.Executable()
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(unit, bytes.ReplaceAll([]byte(text), []byte(start[1]+" "), []byte(here+" ")), 0o600))
	out, err := exec.CommandContext(t.Context(), analyze, "verify", unit).CombinedOutput()
	require.NoError(t, err, string(out))
	require.Empty(t, string(out))
	out, err = exec.CommandContext(t.Context(), analyze, "security", "--offline=yes", "--threshold=20", unit).CombinedOutput()
	require.NoError(t, err, string(out))
}
