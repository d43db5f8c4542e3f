package cli

import (
	_ "embed"
	"fmt"
	"regexp"
	"strings"
)

// changelog is what changed for users, for who runs a binary and has no repository at hand.
//
//go:embed CHANGELOG.md
var changelog string

// release is what changed with a version for who uses it.
type release struct {
	// Version is empty for what was not released yet.
	Version string `json:"version,omitempty"`
	// Date is the day of the release, as in 2026-11-23.
	Date    string   `json:"date,omitempty"`
	Changes []string `json:"changes"`
}

var releaseHeading = regexp.MustCompile(`^## (?:Unreleased|(v\d+\.\d+\.\d+), (\d{4}-\d{2}-\d{2}))$`)

// releases reads a changelog, newest first: what stands before the first heading is its introduction, below each stands a list.
func releases(text string) ([]release, error) {
	var list []release
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		if strings.HasPrefix(line, "## ") {
			parts := releaseHeading.FindStringSubmatch(line)
			if parts == nil {
				return nil, fmt.Errorf("reading the changelog: %q is neither Unreleased nor a version and its day", line)
			}
			list = append(list, release{Version: parts[1], Date: parts[2]})
			continue
		}
		if line == "" || len(list) == 0 {
			continue
		}
		changes := &list[len(list)-1].Changes
		if change, begins := strings.CutPrefix(line, "- "); begins {
			*changes = append(*changes, change)
		} else if more, goesOn := strings.CutPrefix(line, "  "); goesOn && len(*changes) > 0 {
			(*changes)[len(*changes)-1] += " " + more
		} else {
			return nil, fmt.Errorf("reading the changelog: %q belongs to no change", line)
		}
	}
	return list, nil
}
