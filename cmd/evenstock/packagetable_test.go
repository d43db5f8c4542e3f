package main

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

const (
	packagesBegin = "<!-- packages: written by `go test ./cmd/evenstock -run TestPackageTable -update` -->\n"
	packagesEnd   = "<!-- end of packages -->"
)

// TestPackageTable keeps the README's table of packages at what their manuals say and the house allows.
func TestPackageTable(t *testing.T) {
	t.Parallel()
	const file = "../../README.md"
	readme, err := os.ReadFile(file)
	require.NoError(t, err)
	before, rest, begins := strings.Cut(string(readme), packagesBegin)
	_, after, ends := strings.Cut(rest, packagesEnd)
	require.True(t, begins && ends, "the README lacks the markers of the table")
	want := before + packagesBegin + packageTable(t) + packagesEnd + after
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(want), 0o644))
		return
	}
	require.Equal(t, want, string(readme), "go test ./cmd/evenstock -run TestPackageTable -update writes it")
}

// packageTable is a row a package: where it is, what it does, what it may import.
func packageTable(t *testing.T) string {
	var text strings.Builder
	text.WriteString("| package | what it does | may import |\n|---|---|---|\n")
	packages := projectPackages(t)
	for _, folder := range slices.Sorted(maps.Keys(packages)) {
		entry, _ := house.entryOf(folder)
		does := summary(packages[folder].doc)
		require.NotEmpty(t, does, "%s has no manual", folder)
		fmt.Fprintf(&text, "| [`%s`](%s) | %s | %s |\n", folder, folder, does, cmp.Or(strings.Join(house.mayImport[entry], ", "), "nothing"))
	}
	return text.String()
}

// summary is the first sentence of a manual without the name that every manual begins with, fit for a cell.
func summary(doc string) string {
	words := strings.SplitN(strings.TrimSuffix(doc, "."), " ", 3) // Package, its name, the sentence
	if len(words) < 3 {
		return ""
	}
	text := strings.ReplaceAll(strings.TrimPrefix(words[2], "is "), "|", `\|`)
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}
