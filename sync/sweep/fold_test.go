package sweep

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPlaceholder(t *testing.T) {
	t.Parallel()
	for _, none := range []string{"", " ", "\u00a0", "-", "--", "\u2013", "_", ".", "n/a", "N/A", "N.A.", "#N/A", "0", "000", "none", "None ", "NULL", "tbd", "TBD", "TBA",
		"no SKU", "\u200b", "\u2409", "?", "\uff10", "unknown", "undefined", "x", "X", "xx", "XXX", " x ", "\uff38", "...", "??", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!",
		"#NUM!", "#NULL!", "#BEZUG!", "#\u00a1REF!", "#\u00bfNOMBRE?", "#NV", "#N/D", "####", "#GETTING_DATA", "Err:502", "True", "FALSE", "WAHR", "faux"} {
		require.True(t, Placeholder(none), "%q", none)
	}
	for _, sku := range []string{"Y", "1", "XL", "X1", "x-x", "10", "N", "NA-1", "NULL-1", "A-0", "00417", "\u00c9", "\u8336", "#1", "#10!", "#A", "HELLO!", "TRUE-1", "Err:A"} {
		require.False(t, Placeholder(sku), "%q", sku)
	}
}

func TestGTIN(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"036000291452": "00036000291452", "0036000291452": "00036000291452", "00036000291452": "00036000291452", "0-36000-29145-2": "00036000291452",
		"5400000002649": "05400000002649", "05400000002649": "05400000002649", "\uff14006381333931": "04006381333931",
		"96385074": "00000096385074", // a GTIN-8
		"04252614": "00042100005264", // a UPC-E that cannot be a GTIN-8
		"01234565": "00000001234565", // both: taken for the GTIN-8
		// another check digit, another length, no digits, nothing
		"4006381333932": "", "40063813339": "", "PEN-1": "", "": "", "00000000": "", "0000000000000": "",
	} {
		require.Equal(t, want, gtin(text), "%q", text)
	}
}

func TestSameSKU(t *testing.T) {
	t.Parallel()
	for a, b := range map[string]string{"PEN-1 ": "pen\u20111", "036000291452": "0036000291452", "417": "\uff14\uff11\uff17"} {
		require.True(t, SameSKU(a, b), "%q %q", a, b)
	}
	for a, b := range map[string]string{"00417": "417", "036000291452": "36000291452", "PEN-1": "PEN1", "1.10": "1.1"} {
		require.False(t, SameSKU(a, b), "%q %q", a, b)
	}
}

func TestFolds(t *testing.T) {
	t.Parallel()
	for want, texts := range map[string][]string{
		"pen-1":      {"PEN-1", " pen-1 ", "PEN\u20131", "PEN\u22121", "PEN\u00ad-1", "\ufeffPEN-1", "PEN-1\u200b", "PEN-\uff11", "\uff30EN-1"},
		"caf\u00e9":  {"CAF\u00c9", "CAFE\u0301"},
		"pen 2":      {"PEN\u00a02", "PEN  2", "PEN\u24092", "PEN\t2", " PEN 2"},
		"strasse-1":  {"STRASSE-1", "Stra\u00dfe-1"},
		"gift\u2764": {"GIFT\u2764\ufe0f", "gift\u2764"},
	} {
		for _, text := range texts {
			require.Equal(t, want, foldText(text), "%q", text)
		}
	}
	require.Equal(t, "a7b10", foldSeparators(foldZeros(foldText("A-007/B.010"))))
	require.Equal(t, "12345", foldZeros("12345.0"))
	require.Equal(t, "12345.5", foldZeros("12345.5"))
	require.Equal(t, "400638E12", roundedNumber("4.00638E+12"))
	require.Equal(t, "400638E12", roundedNumber("4006381333931"))
	require.Equal(t, "450000E13", roundedNumber("4,5e+13"))
	require.Empty(t, roundedNumber("12345"))
	require.Empty(t, roundedNumber("PEN-1"))
	require.Equal(t, foldTitle("Enamel mug, 350 ml, Regular"), foldTitle("Enamel Mug 350ml - Default Title"))
}
