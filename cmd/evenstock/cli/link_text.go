package cli

import (
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// recordsOf takes a table apart, whatever it was saved as.
func recordsOf(body []byte) ([]record, error) {
	switch {
	case bytes.HasPrefix(body, []byte("PK\x03\x04")):
		return workbookRecords(body)
	case bytes.HasPrefix(body, []byte("\xd0\xcf\x11\xe0")):
		return nil, ErrUsage("the link file is an old Excel file (.xls): save it as .xlsx or as CSV")
	}
	text, err := decodeText(body)
	if err != nil {
		return nil, err
	}
	return textRecords(text)
}

// decodeText reads UTF-8, UTF-16 and, where it is neither, the letters of western Windows, in which spreadsheets save plain CSV.
func decodeText(body []byte) (string, error) {
	switch {
	case bytes.HasPrefix(body, []byte("\xef\xbb\xbf")):
		body = body[3:]
	case bytes.HasPrefix(body, []byte("\xff\xfe\x00\x00")):
		return "", ErrUsage("the link file is UTF-32: save it as CSV in UTF-8, or as .xlsx")
	case bytes.HasPrefix(body, []byte("\xff\xfe")):
		return fromUTF16(body[2:], binary.LittleEndian), nil
	case bytes.HasPrefix(body, []byte("\xfe\xff")):
		return fromUTF16(body[2:], binary.BigEndian), nil
	case len(body) > 3 && body[0] != 0 && body[1] == 0 && body[2] != 0 && body[3] == 0:
		return fromUTF16(body, binary.LittleEndian), nil
	case len(body) > 3 && body[0] == 0 && body[1] != 0 && body[2] == 0 && body[3] != 0:
		return fromUTF16(body, binary.BigEndian), nil
	}
	if bytes.IndexByte(body, 0) >= 0 {
		return "", ErrUsage("the link file is no text; it begins with %.20q: save it as CSV or .xlsx", body[:min(len(body), 20)])
	}
	if utf8.Valid(body) {
		return string(body), nil
	}
	text, err := charmap.Windows1252.NewDecoder().Bytes(body)
	if err != nil {
		return "", fmt.Errorf("reading the link file: %w", err)
	}
	return string(text), nil
}

func fromUTF16(body []byte, order binary.ByteOrder) string {
	units := make([]uint16, len(body)/2)
	for i := range units {
		units[i] = order.Uint16(body[2*i:])
	}
	return string(utf16.Decode(units))
}

// separators of a table, in the order in which they are tried where a file has none of them.
const separators = ",;\t|"

// textRecords takes a table apart by the separator that its first line has most of.
func textRecords(text string) ([]record, error) {
	if !strings.Contains(text, "\n") {
		text = strings.ReplaceAll(text, "\r", "\n") // as spreadsheets on Macs save what they call CSV (Macintosh)
	}
	separator, skipped := rune(separators[0]), 0
	if rest, named := strings.CutPrefix(text, "sep="); named && rest != "" {
		// Excel's own way to name the separator.
		line, after, _ := strings.Cut(rest, "\n")
		separator, text, skipped = []rune(line)[0], after, 1
	} else {
		first, _, _ := strings.Cut(strings.TrimLeft(text, "\r\n "+separators), "\n")
		for _, candidate := range separators {
			if strings.Count(first, string(candidate)) > strings.Count(first, string(separator)) {
				separator = candidate
			}
		}
	}
	in := csv.NewReader(strings.NewReader(text))
	in.Comma, in.FieldsPerRecord = separator, -1
	var records []record
	for {
		cells, err := in.Read()
		if errors.Is(err, io.EOF) {
			return records, nil
		}
		if err != nil {
			return nil, ErrUsage("reading the link file as a table with %q between its columns: %w", separator, err)
		}
		// A row of a spreadsheet may be several lines of the file.
		line, _ := in.FieldPos(0)
		records = append(records, record{row: line + skipped, cells: cells})
		skipped -= strings.Count(strings.Join(cells, ""), "\n")
	}
}
