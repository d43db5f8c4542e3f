package sweep

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// placeholders are what people and imports write where a SKU would be and there is none, folded. Beside them, what has neither letter nor
// digit ("-", "?"), zeros and "x" of any length are none. A single x may be a SKU, but nobody can tell it from one that fills a field,
// and two articles made one cost more than a link made by hand. Any other single letter or digit is a SKU.
var placeholders = map[string]bool{
	"n/a": true, "na": true, "n.a.": true, "#n/a": true, "none": true, "null": true, "nil": true, "tbd": true, "tba": true, "no sku": true,
	"no-sku": true, "nosku": true, "unknown": true, "undefined": true, "nan": true, "todo": true,
	// what spreadsheets show of a cell that holds yes or no, or has nothing to show
	"true": true, "false": true, "wahr": true, "falsch": true, "vrai": true, "faux": true, "verdadero": true, "falso": true, "vero": true,
	"waar": true, "onwaar": true, "#nv": true, "#n/d": true, "#nb": true, "#getting_data": true,
}

// failed is what a spreadsheet shows of a formula that cannot be computed, folded: "#ref!", "#name?", "#div/0!" in any language, "err:502".
var failed = regexp.MustCompile(`^(#[¡¿]?\pL[\pL\pN/_]*[!?]|err:[0-9]+)$`)

// Placeholder says that what stands where a SKU or barcode would be means that there is none.
func Placeholder(text string) bool {
	folded := foldText(text)
	if placeholders[folded] || failed.MatchString(folded) || strings.Trim(folded, "0") == "" || strings.Trim(folded, "x") == "" {
		return true
	}
	return strings.IndexFunc(folded, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }) < 0
}

// SameSKU says that two texts are one SKU for people: they differ only by letter case, spaces or characters that look alike, or are one
// GTIN in two lengths.
func SameSKU(a, b string) bool {
	number := gtin(a)
	return foldText(a) == foldText(b) || number != "" && number == gtin(b)
}

// foldText makes texts equal that are so for people: letter case, forms of one character (full-width digits, letters made of two
// characters), spaces of all kinds, dashes of all kinds, characters that nobody sees.
func foldText(text string) string {
	folded := cases.Fold().String(norm.NFKC.String(text))
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r) || r == '\u034f':
			return -1 // formats, joiners, soft hyphens, byte-order marks
		case unicode.Is(unicode.Pd, r) || r == '\u2212' || r == '\u00af':
			return '-'
		case r >= '\u2400' && r <= '\u2421':
			return ' ' // control characters, as stock.Visible shows them
		}
		return r
	}, folded)), " ")
}

// foldSeparators leaves letters and digits of a folded text.
func foldSeparators(folded string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) {
			return r
		}
		return -1
	}, folded)
}

// foldZeros drops what spreadsheets and tills add to numbers and take from them: zeros before a number, and decimals that are zero.
func foldZeros(folded string) string {
	if whole, fraction, found := strings.Cut(folded, "."); found && isDigits(whole) && fraction != "" && strings.Trim(fraction, "0") == "" {
		folded = whole
	}
	var b strings.Builder
	for i := 0; i < len(folded); {
		end := i
		for end < len(folded) && folded[end] >= '0' && folded[end] <= '9' {
			end++
		}
		switch digits := strings.TrimLeft(folded[i:end], "0"); {
		case end == i:
			b.WriteByte(folded[i])
			end++
		case digits == "":
			b.WriteByte('0')
		default:
			b.WriteString(digits)
		}
		i = end
	}
	return b.String()
}

func isDigits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}

// onlyVariants are what platforms call the one variant of an article that has no others.
var onlyVariants = []string{"default title", "regular"}

// foldTitle makes the names of one article equal: its words without what platforms call the only variant.
func foldTitle(name string) string {
	folded := foldText(name)
	for _, variant := range onlyVariants {
		folded = strings.TrimSuffix(folded, variant)
	}
	return foldSeparators(folded)
}
