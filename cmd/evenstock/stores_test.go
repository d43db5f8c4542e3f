package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestOneFileNamesTheStore keeps the choice of a store in one place: all others know the ledger's roles.
func TestOneFileNamesTheStore(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..")
	var files []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range file.Imports {
			if spec.Path.Value == `"`+module+`ledger/sqlite"` {
				name, err := filepath.Rel(root, path)
				files = append(files, filepath.ToSlash(name))
				return err
			}
		}
		return nil
	})
	must(t, err)
	if !slices.Equal(files, []string{"cmd/evenstock/stores.go"}) {
		t.Errorf("files that name a store: %v", files)
	}
}
