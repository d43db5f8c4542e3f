package stock

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Quantity counts units in hundred-thousandths (1 unit = 100000), signed. Square sends up to five decimals
// (https://developer.squareup.com/reference/square/objects/InventoryCount); Shopify takes whole units.
type Quantity int64

// Unit is one whole unit.
const Unit Quantity = 100_000

// quantityDecimals is how many decimals a Quantity keeps.
const quantityDecimals = 5

// ErrQuantity is returned for text that is not a quantity: no digits, more than five significant decimals, out of range.
var ErrQuantity = errors.New("not a quantity")

// Units returns n whole units. It saturates at the range of a Quantity; platforms bound their counts far below that.
func Units(n int64) Quantity {
	if n > math.MaxInt64/int64(Unit) {
		return math.MaxInt64
	}
	if n < math.MinInt64/int64(Unit) {
		return math.MinInt64
	}
	return Quantity(n) * Unit
}

// ParseQuantity reads a decimal number such as "7", "-2.5" or "10.00000". Exponents, signs other than a leading minus,
// and a sixth decimal that is not zero are refused with ErrQuantity.
func ParseQuantity(text string) (Quantity, error) {
	digits, negative := strings.CutPrefix(text, "-")
	whole, fraction, hasPoint := strings.Cut(digits, ".")
	if whole == "" || hasPoint && fraction == "" || !allDigits(whole) || !allDigits(fraction) {
		return 0, fmt.Errorf("%w: %.40q", ErrQuantity, text)
	}
	if !hasPoint { // most are whole
		units, err := strconv.ParseInt(text, 10, 64)
		if q := Quantity(units) * Unit; err == nil && int64(q/Unit) == units {
			return q, nil
		}
		return 0, fmt.Errorf("%w: %.40q is out of range", ErrQuantity, text)
	}
	if rest := strings.TrimRight(fraction, "0"); len(rest) > quantityDecimals {
		return 0, fmt.Errorf("%w: %.40q has more than %d decimals", ErrQuantity, text, quantityDecimals)
	}
	fraction = (fraction + strings.Repeat("0", quantityDecimals))[:quantityDecimals]
	sign := ""
	if negative {
		sign = "-"
	}
	n, err := strconv.ParseInt(sign+whole+fraction, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%w: %.40q is out of range", ErrQuantity, text)
	}
	return Quantity(n), nil
}

func allDigits(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' }) < 0
}

// String prints the shortest decimal form: "7", "-2.5".
func (q Quantity) String() string {
	sign, magnitude := "", uint64(q)
	if q < 0 {
		sign, magnitude = "-", -uint64(q)
	}
	whole, fraction := magnitude/uint64(Unit), magnitude%uint64(Unit)
	if fraction == 0 {
		return sign + strconv.FormatUint(whole, 10)
	}
	decimals := strings.TrimRight(fmt.Sprintf("%05d", fraction), "0")
	return sign + strconv.FormatUint(whole, 10) + "." + decimals
}

// MarshalText prints the decimal form, so that JSON carries quantities as strings and never as floats.
func (q Quantity) MarshalText() ([]byte, error) { return []byte(q.String()), nil }

// UnmarshalText reads the decimal form.
func (q *Quantity) UnmarshalText(text []byte) error {
	parsed, err := ParseQuantity(string(text))
	if err != nil {
		return err
	}
	*q = parsed
	return nil
}

// FloorTo rounds down (towards minus infinity) to a multiple of step. A step of 0 or 1 changes nothing.
func (q Quantity) FloorTo(step Quantity) Quantity {
	if step <= 1 {
		return q
	}
	rest := q % step
	if rest < 0 {
		rest += step
	}
	return q - rest
}

// WholeUnits returns the units when q is a whole number of them.
func (q Quantity) WholeUnits() (units int64, whole bool) {
	return int64(q / Unit), q%Unit == 0
}

// Abs returns the magnitude of q.
func (q Quantity) Abs() Quantity {
	if q < 0 {
		return -q
	}
	return q
}

// Plus adds and reports whether the sum still fits, so that its magnitude does too.
func (q Quantity) Plus(r Quantity) (sum Quantity, fits bool) {
	sum = q + r
	return sum, (sum > q) == (r > 0) && sum != math.MinInt64
}
