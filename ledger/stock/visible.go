package stock

import (
	"strings"
	"unicode"
)

// Visible makes the control characters of a label visible, as the Unicode pictures of them, and what is no UTF-8 the replacement
// character. Terminals and databases cannot take them as they are; dropped, they would make two labels equal that are not.
func Visible(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r < ' ':
			return '\u2400' + r
		case r == 0x7f:
			return '\u2421'
		case unicode.IsControl(r):
			return unicode.ReplacementChar
		}
		return r
	}, strings.ToValidUTF8(text, string(unicode.ReplacementChar)))
}
