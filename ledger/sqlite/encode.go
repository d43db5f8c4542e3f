package sqlite

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/evenstock/evenstock/ledger"
)

// nanos is a time as the schema keeps it. The caller has checked the range with ledger.CheckTime, or the time is only
// compared.
func nanos(t time.Time) int64 {
	if t.IsZero() {
		return 0
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

// decodeIf reads JSON into a new value; nil where the column is NULL.
func decodeIf[T any](text sql.NullString) (*T, error) {
	if !text.Valid {
		return nil, nil
	}
	value := new(T)
	return value, decode(text.String, value)
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
