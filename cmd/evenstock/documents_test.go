package main

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	linked = regexp.MustCompile(`\]\(([^)#:]+)\)`)
	quoted = regexp.MustCompile("`((?:cmd|config|ledger|sync|adapters|testdata|findings)(?:/[A-Za-z0-9_.-]+)+)`")
)

// TestDocumentsNameWhatThereIs follows the links of the documents, and the paths that they quote.
func TestDocumentsNameWhatThereIs(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..")
	for _, document := range []string{"README.md", ".github/CONTRIBUTING.md", "findings/README.md", "sync/README.md"} {
		text, err := os.ReadFile(filepath.Join(root, document))
		require.NoError(t, err)
		for _, link := range linked.FindAllStringSubmatch(string(text), -1) {
			_, err := os.Stat(filepath.Join(root, filepath.Dir(document), link[1]))
			require.NoError(t, err, document)
		}
		for _, path := range quoted.FindAllStringSubmatch(string(text), -1) {
			_, err := os.Stat(filepath.Join(root, path[1]))
			require.NoError(t, err, document)
		}
	}
}
