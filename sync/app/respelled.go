package app

import (
	"cmp"
	"regexp"
	"strings"
)

// What spreadsheets make of texts that look like something else: rounded is a long number as they show and save it, decimals one that
// got decimals, dated a text that they took for a date.
var (
	rounded  = regexp.MustCompile(`^[0-9]([.,][0-9]+)?[eE]\+?[0-9]+$`)
	decimals = regexp.MustCompile(`^[0-9]+[.,]0+$`)
	dated    = regexp.MustCompile(`^([0-9]{1,2}[-. /]\pL{3,4}\.?([-. /][0-9]{2,4})?|\pL{3,4}\.?[-. /][0-9]{2,4}|[0-9]{1,2}[./][0-9]{1,2}[./][0-9]{2,4}|[0-9]{4}-[0-9]{2}-[0-9]{2})$`)
	number   = regexp.MustCompile(`^[0-9]+([.,][0-9]+)?$`)
)

// rewritten says that a text looks as if a spreadsheet had made it of a number.
func rewritten(text string) string {
	if rounded.MatchString(text) || decimals.MatchString(text) {
		return ": a spreadsheet has rewritten the number"
	}
	return ""
}

// mayBeRewritten is said of a text that is respelled.
const mayBeRewritten = ": a spreadsheet may have rewritten it"

// respelled says whether a spreadsheet may have made one text of another.
func respelled(own, said string) bool {
	return own != said && (foldNumber(own) == foldNumber(said) || rewritten(said) != "" || dated.MatchString(said))
}

// foldNumber makes texts equal that a spreadsheet, which takes them for numbers, saves as the same.
func foldNumber(text string) string {
	text = strings.TrimSpace(text)
	if !number.MatchString(text) {
		return text
	}
	whole, fraction, _ := strings.Cut(strings.ReplaceAll(text, ",", "."), ".")
	return and(cmp.Or(strings.TrimLeft(whole, "0"), "0"), ".", strings.TrimRight(fraction, "0"))
}
