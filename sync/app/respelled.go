package app

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// What spreadsheets make of texts that look like something else: rounded is a long number as they show and save it, decimals one that
// got decimals, dated a text that they took for a date.
var (
	rounded  = regexp.MustCompile(`^[0-9]([.,][0-9]+)?[eE]\+?[0-9]+$`)
	decimals = regexp.MustCompile(`^[0-9]+[.,]0+$`)
	dated    = regexp.MustCompile(`^([0-9]{1,2}[./][0-9]{1,2}[./][0-9]{2,4}|[0-9]{4}-[0-9]{2}-[0-9]{2})$`)
	inMonth  = regexp.MustCompile(`^(?:[0-9]{1,2}[-. /]{1,2}(\pL{3,10})\.?(?:[-. /]{1,2}[0-9]{2,4})?|(\pL{3,10})\.?[-. /]{1,2}[0-9]{2,4})$`)
	number   = regexp.MustCompile(`^[0-9]+([.,][0-9]+)?$`)
)

// months are their names in English, German, French, Spanish, Italian and Dutch, without accents; spreadsheets cut them short, and some
// languages to what the name does not begin with.
var months = strings.Fields(`january february march april may june july august september october november december
	januar februar marz mrz mai juni juli oktober dezember
	janvier fevrier mars avril juin juillet aout septembre octobre novembre decembre
	enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
	gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre
	januari februari maart mrt mei augustus`)

// unaccented drops the accents that months are written with.
var unaccented = strings.NewReplacer("ä", "a", "é", "e", "û", "u")

// datedByMonth says that a text is a date with a month by name.
func datedByMonth(text string) bool {
	found := inMonth.FindStringSubmatch(text)
	if found == nil {
		return false
	}
	month := unaccented.Replace(strings.ToLower(cmp.Or(found[1], found[2])))
	return slices.ContainsFunc(months, func(name string) bool { return strings.HasPrefix(name, month) })
}

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
	return own != said && (foldNumber(own) == foldNumber(said) || rewritten(said) != "" || dated.MatchString(said) || datedByMonth(said))
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
