package sweep

import "strings"

// gtin brings an article number of 8, 12, 13 or 14 digits, and a UPC-E, to the form of 14 digits; "" when it is none: of another
// length, or with another check digit. Eight digits that can be a GTIN-8 are taken for one; only what cannot is read as UPC-E.
func gtin(text string) string {
	digits := foldSeparators(foldText(text))
	if !isDigits(digits) {
		return ""
	}
	switch len(digits) {
	case 8, 12, 13, 14:
	default:
		return ""
	}
	if padded := strings.Repeat("0", 14-len(digits)) + digits; checked(padded) {
		return padded
	}
	if len(digits) == 8 {
		if padded := "00" + upcA(digits); len(padded) == 14 && checked(padded) {
			return padded
		}
	}
	return ""
}

// checked says whether the last of 14 digits is the check digit of the others.
func checked(digits string) bool {
	sum := 0
	for i := range len(digits) {
		weight := 3
		if i%2 == 1 {
			weight = 1
		}
		sum += weight * int(digits[i]-'0')
	}
	return sum%10 == 0 && strings.Trim(digits, "0") != ""
}

// upcA writes eight digits of a UPC-E out; "" when they are none.
func upcA(e string) string {
	if e[0] != '0' && e[0] != '1' {
		return ""
	}
	system, body, check := e[:1], e[1:7], e[7:]
	switch last := body[5]; last {
	case '0', '1', '2':
		return system + body[:2] + body[5:] + "0000" + body[2:5] + check
	case '3':
		return system + body[:3] + "00000" + body[3:5] + check
	case '4':
		return system + body[:4] + "00000" + body[4:5] + check
	default:
		return system + body[:5] + "0000" + body[5:] + check
	}
}
