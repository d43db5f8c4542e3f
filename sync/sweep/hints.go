package sweep

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// HintKind is why two articles may be the same.
type HintKind string

// The kinds, the most certain first.
const (
	// HintSpelling: the SKUs look the same to people: case, spaces, dashes, characters that nobody sees, forms of one letter.
	HintSpelling HintKind = "spelling"
	// HintGTIN: the SKUs or the barcodes are one article number in two forms, such as UPC-A and EAN-13.
	HintGTIN HintKind = "article number"
	// HintSKUIsBarcode: the SKU of one is the barcode of the other.
	HintSKUIsBarcode HintKind = "SKU is the barcode"
	// HintSeparators: the SKUs differ by separators only.
	HintSeparators HintKind = "separators"
	// HintZeros: the SKUs differ by zeros that spreadsheets drop or add.
	HintZeros HintKind = "zeros"
	// HintRounded: one SKU is what a spreadsheet makes of the other.
	HintRounded HintKind = "rounded"
	// HintTitle: the names are the same.
	HintTitle HintKind = "title"
)

// Confidence is how likely a hint is right.
type Confidence string

// The degrees.
const (
	High   Confidence = "high"
	Medium Confidence = "medium"
	Low    Confidence = "low"
)

// Hint is two articles of two channels that may be the same. Only a person can say so.
type Hint struct {
	Kind       HintKind
	Confidence Confidence
	A, B       MatchedItem
}

// steps are the ways in which articles are compared, in order. key makes the texts of an article by which it meets others.
var steps = []struct {
	kind       HintKind
	confidence Confidence
	keys       func(MatchedItem) []string
}{
	{HintSpelling, High, func(m MatchedItem) []string { return []string{foldText(m.SKU)} }},
	{HintGTIN, High, func(m MatchedItem) []string { return []string{gtin(m.SKU)} }},
	{HintGTIN, High, func(m MatchedItem) []string { return []string{gtin(m.Barcode)} }},
	{HintSKUIsBarcode, High, func(m MatchedItem) []string {
		return []string{cmp.Or(gtin(m.SKU), foldText(m.SKU)), cmp.Or(gtin(m.Barcode), foldText(m.Barcode))}
	}},
	{HintSeparators, Medium, func(m MatchedItem) []string { return []string{foldSeparators(foldText(m.SKU))} }},
	{HintZeros, Medium, func(m MatchedItem) []string { return []string{foldSeparators(foldZeros(foldText(m.SKU)))} }},
	{HintRounded, Low, func(m MatchedItem) []string { return []string{roundedNumber(m.SKU)} }},
	{HintTitle, Low, func(m MatchedItem) []string { return []string{foldTitle(m.Name)} }},
}

// hintsMax is how many pairs of one key are told: where many articles meet, the key says little.
const hintsMax = 4

// hints points at articles that nothing exact brings together. Each pair is told once, by the most certain step.
func (s *suggester) hints() {
	hinted, told := map[ChannelItem]bool{}, map[[2]ChannelItem]bool{}
	for _, step := range steps {
		byKey := map[string][]MatchedItem{}
		for _, item := range s.items {
			if s.settled[item.name()] || hinted[item.name()] {
				continue
			}
			for _, key := range slices.Compact(step.keys(item)) {
				if key != "" && !Placeholder(key) {
					byKey[key] = append(byKey[key], item)
				}
			}
		}
		for _, key := range slices.Sorted(maps.Keys(byKey)) {
			for _, pair := range pairs(byKey[key]) {
				if told[[2]ChannelItem{pair[0].name(), pair[1].name()}] || step.kind == HintRounded && scientific(pair[0].SKU) == scientific(pair[1].SKU) {
					continue
				}
				told[[2]ChannelItem{pair[0].name(), pair[1].name()}] = true
				hint := Hint{step.kind, step.confidence, pair[0], pair[1]}
				if len(byKey[key]) > 2 && hint.Confidence == High {
					hint.Confidence = Medium
				}
				s.Hints = append(s.Hints, hint)
				hinted[pair[0].name()], hinted[pair[1].name()] = true, true
			}
		}
	}
	for name := range hinted {
		s.settled[name] = true
	}
}

// pairs are the pairs of items of two channels of which one is not linked.
func pairs(items []MatchedItem) [][2]MatchedItem {
	var found [][2]MatchedItem
	for i, a := range items {
		for _, b := range items[i+1:] {
			if a.Channel != b.Channel && !(a.Linked && b.Linked) && len(found) < hintsMax {
				found = append(found, [2]MatchedItem{a, b})
			}
		}
	}
	return found
}

// Spreadsheets show a long number with six digits.
const roundedDigits, roundedFrom = 6, 12

func scientific(sku string) bool { return strings.Contains(strings.ToUpper(foldText(sku)), "E+") }

// roundedNumber is a long number, or one in scientific notation, as its first six digits and its length.
func roundedNumber(sku string) string {
	text := strings.ToUpper(foldText(sku))
	mantissa, exponent, _ := strings.Cut(text, "E+")
	if !scientific(sku) {
		if !isDigits(text) || len(text) < roundedFrom || text[0] == '0' {
			return ""
		}
		value, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return ""
		}
		mantissa, exponent, _ = strings.Cut(strings.ToUpper(strconv.FormatFloat(value, 'E', roundedDigits-1, 64)), "E+")
	}
	digits := strings.Replace(strings.Replace(mantissa, ".", "", 1), ",", "", 1)
	length, err := strconv.Atoi(exponent)
	if err != nil || !isDigits(digits) || len(digits) > roundedDigits {
		return ""
	}
	return digits + strings.Repeat("0", roundedDigits-len(digits)) + "E" + strconv.Itoa(length)
}
