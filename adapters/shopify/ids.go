package shopify

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// gidPrefix begins every global id: gid://shopify/<type>/<number>.
const gidPrefix = "gid://shopify/"

// The types of global ids that we send or accept.
const (
	typeItem     = "InventoryItem"
	typeLocation = "Location"
	typeLevel    = "InventoryLevel"
	typeOrder    = "Order"
	typeVariant  = "ProductVariant"
	typeLine     = "LineItem"
	typeRefund   = "Refund"
	typeRefunded = "RefundLineItem"
)

// labelRunes is how much of a merchant's label (a name) is kept, in runes.
const labelRunes = 255

// checkNumeric accepts the canonical decimal form of a positive int64, which is what Shopify's ids are.
func checkNumeric(id string) error {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil || n <= 0 || strconv.FormatInt(n, 10) != id {
		return fmt.Errorf("%.40q is not a numeric id", id)
	}
	return nil
}

func gid(kind, number string) string { return gidPrefix + kind + "/" + number }

// numberOf strips the prefix of a global id of the kind expected.
func numberOf(kind, id string) (string, error) {
	number, found := strings.CutPrefix(id, gidPrefix+kind+"/")
	if !found || checkNumeric(number) != nil {
		return "", fmt.Errorf("%.80q is not the id of a %s", id, kind)
	}
	return number, nil
}

// compareNumbers orders canonical decimal ids by value.
func compareNumbers(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}

// label makes a merchant's text fit for terminals and databases: no control characters (U+0000 is refused by Postgres),
// at most labelRunes.
func label(text string) string {
	runes := []rune(printable(text))
	return string(runes[:min(len(runes), labelRunes)])
}

// printable drops control characters and nothing else: for SKUs, which must not be cut.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}
