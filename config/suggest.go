package config

import (
	"fmt"
	"regexp"
	"strings"
)

// plainKey matches keys that can stand in a message as they are.
var plainKey = form{regexp.MustCompile(`^[A-Za-z0-9_.-]*$`), 1, 64}

// printable quotes and shortens text of others for a message.
func printable(text string) string {
	if plainKey.matches(text) {
		return text
	}
	return fmt.Sprintf("%.40q", text)
}

// suggest names the known word that is nearest to the wrong one, or else all of them.
func suggest(wrong string, known []string) string {
	if len(known) == 0 {
		return ""
	}
	best, bestDistance := "", 0
	for _, word := range known {
		if d := distance(normal(wrong), normal(word)); best == "" || d < bestDistance {
			best, bestDistance = word, d
		}
	}
	// A third of the word may be wrong, two letters of a short one: more would be guessing.
	if best != "" && bestDistance <= max(2, len(best)/3) && bestDistance < len(best) {
		return fmt.Sprintf("did you mean %q?", best)
	}
	return "known are " + strings.Join(known, ", ")
}

// normal makes spellings equal that people mix up: apiUrl, api-url, API_URL.
func normal(word string) string {
	return strings.NewReplacer("-", "", "_", "").Replace(strings.ToLower(word))
}

// maxSuggestBytes bounds the work of distance: longer words are nothing anybody meant.
const maxSuggestBytes = 64

// distance is the Levenshtein distance in bytes: how many must be inserted, removed or replaced.
func distance(a, b string) int {
	if len(a) > maxSuggestBytes || len(b) > maxSuggestBytes {
		return max(len(a), len(b))
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
