package sqlite

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

// nanos is a time as the schema keeps it, or compares as: what no clock shows compares as the end it lies beyond.
func nanos(t time.Time) int64 {
	switch {
	case t.Unix() < 0:
		return 0
	case t.Unix() >= math.MaxInt64/int64(time.Second):
		return math.MaxInt64
	}
	return t.UnixNano()
}

// stamp is nanos for a time that is stored.
func stamp(t time.Time) (int64, error) { return nanos(t), ledger.CheckTime(t) }

// moment reads a time back.
func moment(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}

// encode is value as JSON. Structs keep their field order and maps are sorted, so equal values give equal bytes.
func encode(value any) (string, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		return "", fmt.Errorf("encoding %T: %w", value, err)
	}
	return string(bytes.TrimSuffix(b.Bytes(), []byte("\n"))), nil
}

// encodeIf is value as JSON, or NULL where there is none.
func encodeIf(present bool, value any) (any, error) {
	if !present {
		return nil, nil
	}
	return encode(value)
}

// decode reads JSON into value.
func decode(text string, value any) error {
	if err := json.Unmarshal([]byte(text), value); err != nil {
		return fmt.Errorf("decoding %T: %w", value, err)
	}
	return nil
}

// decodeIf reads JSON into value, and leaves it as it is where the column is NULL.
func decodeIf(text sql.NullString, value any) error {
	if !text.Valid {
		return nil
	}
	return decode(text.String, value)
}

// quantityOf is a joined balance; an account without a row holds nothing.
func quantityOf(n sql.NullInt64) stock.Quantity { return stock.Quantity(n.Int64) }

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
