package app

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
)

const (
	// nearMax is how many names are proposed for one that is not there.
	nearMax = 5
	// typoMax is how many letters a mistyped name may differ by; in a short one, of up to shortName letters, it is one.
	typoMax   = 2
	shortName = 3
)

// Near are the names that may have been meant by one that is not among them: those that differ by case or spaces alone; else those
// that differ by few letters, then those that contain it.
func Near(asked string, names []string) []string {
	key := foldSKU(asked)
	if key == "" {
		return nil
	}
	most := typoMax
	if len([]rune(key)) <= shortName {
		most = 1
	}
	type candidate struct {
		name string
		far  int
	}
	var found []candidate
	for _, name := range names {
		folded := foldSKU(name)
		far := distance(key, folded, most)
		if far > most && strings.Contains(folded, key) {
			far = most + 1
		} else if far > most {
			continue
		}
		found = append(found, candidate{name, far})
	}
	slices.SortFunc(found, func(a, b candidate) int { return cmp.Or(cmp.Compare(a.far, b.far), strings.Compare(a.name, b.name)) })
	if len(found) > 0 && found[0].far == 0 { // there is nothing to guess
		found = slices.DeleteFunc(found, func(c candidate) bool { return c.far > 0 })
	}
	var near []string
	for _, c := range found[:min(len(found), nearMax)] {
		near = append(near, c.name)
	}
	return near
}

// MeantOr proposes the names that may have been meant; where none is near, it lists all of the few that there are.
func MeantOr(asked string, names []string, all Remedy) (Remedy, []string) {
	if near := Near(asked, names); len(near) > 0 {
		return RemedyMeant, near
	}
	return all, names
}

// distance is how many letters have to be added, dropped or replaced to make one text of another (Levenshtein); more than most when it
// is certainly more.
func distance(a, b string, most int) int {
	from, to := []rune(a), []rune(b)
	if d := len(from) - len(to); d > most || -d > most {
		return most + 1
	}
	row := make([]int, len(to)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range from {
		diagonal := row[0]
		row[0] = i + 1
		for j, y := range to {
			replaced := diagonal
			if x != y {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, diagonal+1)
		}
	}
	return row[len(to)]
}

// foldSKU makes SKUs equal that differ only by case or spaces.
func foldSKU(sku string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, sku)
}
