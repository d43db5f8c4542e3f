package shopify

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	// quantityAtMost bounds what a count or a line may say, in units: Shopify's own bound for an adjusted quantity is
	// 2,000,000,000, and a Quantity holds 46,000 times as much.
	quantityAtMost = 2_000_000_000
	// yearAtLeast and yearAtMost bound a time; beyond year 9999 JSON cannot carry it on.
	yearAtLeast, yearAtMost = 2000, 2999
)

// reader reads one JSON value off the token stream. Its errors say what was expected, never what was there.
type reader func(*json.Decoder) error

// members hands each allowlisted member of an object to its reader; the names are exact.
type members map[string]reader

// readBody reads one JSON document as an object. encoding/json would take the last of two equal keys, and "ID" for "id":
// both are refused here, for one of the two is not what Shopify meant.
func readBody(body []byte, known members) error {
	switch {
	case !utf8.Valid(body):
		return errors.New("not UTF-8")
	case !json.Valid(body):
		return errors.New("not one JSON document")
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	return known.read(dec)
}

func (m members) read(dec *json.Decoder) error {
	if tok, err := dec.Token(); err != nil || tok != json.Delim('{') {
		return errors.New("not an object")
	}
	seen := make(map[string]bool, len(m))
	for dec.More() {
		tok, err := dec.Token()
		key, isText := tok.(string)
		if err != nil || !isText {
			return errors.New("not an object")
		}
		read, ok := m[key]
		if !ok {
			if name, alike := m.alike(key); alike {
				return fmt.Errorf("%s: a second spelling", name)
			}
			if err := skip(dec); err != nil {
				return err
			}
			continue
		}
		if seen[key] {
			return fmt.Errorf("%s: twice", key)
		}
		seen[key] = true
		if err := read(dec); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
	}
	_, err := dec.Token()
	return err
}

// alike finds the allowlisted name that differs from a key by letter case only.
func (m members) alike(key string) (string, bool) {
	for name := range m {
		if strings.EqualFold(name, key) {
			return name, true
		}
	}
	return "", false
}

// each reads an array; null is an empty one. present says that it was an array.
func each(present *bool, element reader) reader {
	return func(dec *json.Decoder) error {
		tok, err := dec.Token()
		if err == nil && tok == nil {
			return nil
		}
		if err != nil || tok != json.Delim('[') {
			return errors.New("not an array")
		}
		*present = true
		for dec.More() {
			if err := element(dec); err != nil {
				return err
			}
		}
		_, err = dec.Token()
		return err
	}
}

// skip passes over one value without keeping it. It does not recurse, however deep the value is.
func skip(dec *json.Decoder) error {
	for depth := 0; ; {
		tok, err := dec.Token()
		if err != nil {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return err
		}
		switch tok {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth == 0 {
			return nil
		}
	}
}

// anID reads a numeric id as text, without a float in between: ids pass 2^53. null leaves it empty.
func anID(into *string) reader {
	return func(dec *json.Decoder) error {
		tok, err := dec.Token()
		if err == nil && tok == nil {
			return nil
		}
		number, isNumber := tok.(json.Number)
		if err != nil || !isNumber || checkNumeric(number.String()) != nil {
			return errors.New("not a numeric id")
		}
		*into = number.String()
		return nil
	}
}

// count reads a whole number within the platform's bounds. null leaves nil: a null count is unknown, never zero.
func count(into **int64) reader {
	return func(dec *json.Decoder) error {
		tok, err := dec.Token()
		if err == nil && tok == nil {
			return nil
		}
		number, isNumber := tok.(json.Number)
		if err != nil || !isNumber {
			return errors.New("not a number")
		}
		n, err := strconv.ParseInt(number.String(), 10, 64)
		// -0 is a number that no counter shows.
		if err != nil || strconv.FormatInt(n, 10) != number.String() || n > quantityAtMost || n < -quantityAtMost {
			return errors.New("not a whole number within bounds")
		}
		*into = &n
		return nil
	}
}

// text reads a string; null leaves it empty.
func flag(into **bool) reader {
	return func(dec *json.Decoder) error {
		tok, err := dec.Token()
		value, isBool := tok.(bool)
		switch {
		case err != nil || tok != nil && !isBool:
			return errors.New("neither true nor false")
		case isBool:
			*into = &value
		}
		return nil
	}
}

func text(into *string) reader {
	return func(dec *json.Decoder) error {
		tok, err := dec.Token()
		if err == nil && tok == nil {
			return nil
		}
		value, isText := tok.(string)
		if err != nil || !isText {
			return errors.New("not a text")
		}
		*into = value
		return nil
	}
}

// instant reads a time with an offset, as UTC; null leaves it zero.
func instant(into *time.Time) reader {
	return func(dec *json.Decoder) error {
		var value string
		if err := text(&value)(dec); err != nil {
			return err
		}
		if value == "" {
			return nil
		}
		at, err := time.Parse(time.RFC3339, value)
		if at = at.UTC(); err != nil || at.Year() < yearAtLeast || at.Year() > yearAtMost {
			return errors.New("not a time")
		}
		*into = at
		return nil
	}
}
