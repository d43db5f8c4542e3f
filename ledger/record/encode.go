package record

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/evenstock/evenstock/ledger"
	"github.com/evenstock/evenstock/ledger/stock"
)

// Nanos is a time as the schema keeps it, or compares as: what no clock shows compares as the end it lies beyond.
func Nanos(t time.Time) int64 {
	switch {
	case t.Unix() < 0:
		return 0
	case t.Unix() >= math.MaxInt64/int64(time.Second):
		return math.MaxInt64
	}
	return t.UnixNano()
}

// Stamp is Nanos for a time that is stored.
func Stamp(t time.Time) (int64, error) { return Nanos(t), ledger.CheckTime(t) }

// Moment reads a time back.
func Moment(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}

// Encode is value as JSON. Structs keep their field order and maps are sorted, so equal values give equal bytes.
func Encode(value any) (string, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		return "", fmt.Errorf("encoding %T: %w", value, err)
	}
	return string(bytes.TrimSuffix(b.Bytes(), []byte("\n"))), nil
}

// EncodeIf is value as JSON, or NULL where there is none.
func EncodeIf(present bool, value any) (any, error) {
	if !present {
		return nil, nil
	}
	return Encode(value)
}

// encodeInto makes a column of value as JSON, or NULL where there is none.
func encodeInto(column *sql.NullString, present bool, value any) (err error) {
	if column.Valid = present; present {
		column.String, err = Encode(value)
	}
	return err
}

// orNull is a text that may be missing, as a value.
func orNull(text sql.NullString) any {
	if !text.Valid {
		return nil
	}
	return text.String
}

// Decode reads JSON into value.
func Decode(text string, value any) error {
	if err := json.Unmarshal([]byte(text), value); err != nil {
		return fmt.Errorf("decoding %T: %w", value, err)
	}
	return nil
}

// DecodeIf reads JSON into value, and leaves it as it is where the column is NULL.
func DecodeIf(text sql.NullString, value any) error {
	if !text.Valid {
		return nil
	}
	return Decode(text.String, value)
}

// QuantityOf is a joined balance; an account without a row holds nothing.
func QuantityOf(n sql.NullInt64) stock.Quantity { return stock.Quantity(n.Int64) }
