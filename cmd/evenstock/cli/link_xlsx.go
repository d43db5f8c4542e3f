package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"

	"github.com/xuri/excelize/v2"
)

const (
	linkSheet = "links"
	// textFormat is the number of the built-in format for texts: what is typed into such a cell stays as it is typed.
	textFormat = 49
	// unzippedMax bounds what a workbook may grow to.
	unzippedMax = 512 << 20
)

// writeWorkbook writes a link file as a workbook, every cell as a text, so that a spreadsheet leaves SKUs and ids whole.
func writeWorkbook(w io.Writer, records [][]string) (err error) {
	book := excelize.NewFile()
	defer func() {
		if closeErr := book.Close(); err == nil {
			err = closeErr
		}
	}()
	if err := book.SetSheetName(book.GetSheetName(0), linkSheet); err != nil {
		return fmt.Errorf("writing links: %w", err)
	}
	style, err := book.NewStyle(&excelize.Style{NumFmt: textFormat})
	if err != nil {
		return fmt.Errorf("writing links: %w", err)
	}
	sheet, err := book.NewStreamWriter(linkSheet)
	if err != nil {
		return fmt.Errorf("writing links: %w", err)
	}
	// Widths and styles stand before the first row.
	if err := sheet.SetColStyle(1, len(records[0]), style); err != nil {
		return fmt.Errorf("writing links: %w", err)
	}
	if err := sheet.SetColWidth(1, len(records[0]), 28); err != nil {
		return fmt.Errorf("writing links: %w", err)
	}
	for i, record := range records {
		cells := make([]any, len(record))
		for j, text := range record {
			cells[j] = excelize.Cell{StyleID: style, Value: text}
		}
		if err := sheet.SetRow("A"+strconv.Itoa(i+1), cells); err != nil {
			return fmt.Errorf("writing links: row %d: %w", i+1, err)
		}
	}
	if err := sheet.Flush(); err != nil {
		return fmt.Errorf("writing links: %w", err)
	}
	if _, err := book.WriteTo(w); err != nil {
		return fmt.Errorf("writing links: %w", err)
	}
	return nil
}

// workbookRecords reads the first sheet of a workbook that has anything, with the values as they are stored.
func workbookRecords(body []byte) ([]record, error) {
	book, err := excelize.OpenReader(bytes.NewReader(body), excelize.Options{RawCellValue: true, UnzipSizeLimit: unzippedMax})
	if err != nil {
		return nil, ErrUsage("reading the link file as a workbook: %w: save it as .xlsx or as CSV", err)
	}
	defer func() { _ = book.Close() }() // it was only read
	for _, sheet := range book.GetSheetList() {
		records, err := sheetRecords(book, sheet)
		if err != nil || len(records) > 0 {
			return records, err
		}
	}
	return nil, nil
}

func sheetRecords(book *excelize.File, sheet string) (records []record, err error) {
	rows, err := book.Rows(sheet)
	if err != nil {
		return nil, ErrUsage("reading the sheet %q of the link file: %w", sheet, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for number := 1; rows.Next(); number++ {
		hidden := rows.GetRowOpts().Hidden
		cells, err := rows.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return nil, ErrUsage("reading row %d of the sheet %q of the link file: %w", number, sheet, err)
		}
		for i, cell := range cells {
			if cells[i], err = cellText(book, sheet, number, i+1, cell); err != nil {
				return nil, err
			}
		}
		if r := (record{row: number, cells: cells, hidden: hidden}); !r.blank() {
			records = append(records, r)
		}
	}
	return records, nil
}

// stored is how a workbook stores a long number.
var stored = regexp.MustCompile(`^[0-9](\.[0-9]+)?E\+?[0-9]+$`)

// exactMax is the largest number of which a workbook keeps every digit.
const exactMax = 1e15

// spoken are the values of cells that hold yes or no, as a spreadsheet shows them.
var spoken = map[string]string{"0": "FALSE", "1": "TRUE"}

// cellText writes the value of a cell as a person sees it: a long number is written out, if the workbook has all its digits, and yes or
// no are words, so that they do not pass for a number. Texts, and what stands where a formula failed, stay as they are.
func cellText(book *excelize.File, sheet string, row, column int, cell string) (string, error) {
	long := stored.MatchString(cell)
	if !long && spoken[cell] == "" {
		return cell, nil
	}
	name, err := excelize.CoordinatesToCellName(column, row)
	if err != nil {
		return cell, fmt.Errorf("reading the link file: %w", err)
	}
	kind, err := book.GetCellType(sheet, name)
	switch {
	case err != nil:
		return cell, fmt.Errorf("reading the link file: %w", err)
	case kind == excelize.CellTypeBool:
		return spoken[cell], nil
	case !long || kind != excelize.CellTypeUnset && kind != excelize.CellTypeNumber:
		return cell, nil
	}
	value, err := strconv.ParseFloat(cell, 64)
	if err != nil || value >= exactMax || value != float64(int64(value)) {
		return cell, nil
	}
	return strconv.FormatInt(int64(value), 10), nil
}
