package config

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

const (
	readmePath  = "../README.md"
	tableBegins = "<!-- config reference: written by `go test ./config -update` -->\n"
	tableEnds   = "<!-- end of config reference -->"
)

// The README's table of options is written from Reference, so that it cannot drift.
func TestReadmeHoldsTheReference(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile(readmePath)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begins := strings.Cut(string(readme), tableBegins)
	_, after, ends := strings.Cut(rest, tableEnds)
	if !begins || !ends {
		t.Fatalf("%s lacks the markers of the table", readmePath)
	}
	var table bytes.Buffer
	if err := WriteReference(&table); err != nil {
		t.Fatal(err)
	}
	want := before + tableBegins + table.String() + tableEnds + after
	if *update {
		if err := os.WriteFile(readmePath, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want != string(readme) {
		t.Errorf("the table in %s is out of date: go test ./config -update", readmePath)
	}
}
