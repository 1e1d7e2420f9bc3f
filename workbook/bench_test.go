package workbook_test

import (
	"bytes"
	"fmt"
	"io"
	"testing"

	"github.com/xuri/excelize/v2"

	"guestlist/workbook"
)

// BenchmarkConvert reads a sheet of 15 columns, with the texts shared as Excel shares them.
func BenchmarkConvert(b *testing.B) {
	const people = 5000
	f := excelize.NewFile()
	date, err := f.NewStyle(&excelize.Style{NumFmt: 14})
	if err != nil {
		b.Fatal(err)
	}
	for i := range people {
		row := []any{fmt.Sprintf("guest%d@example.com", i), fmt.Sprintf("First%d", i%900), fmt.Sprintf("Last%d", i), 4915100000000 + i, fmt.Sprintf("+49 30 %d", i)}
		for column := len(row); column < 14; column++ {
			row = append(row, fmt.Sprintf("column %d of %d", column, i%50))
		}
		row = append(row, 45000+i%1000)
		cell := fmt.Sprintf("O%d", i+1)
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row); err != nil {
			b.Fatal(err)
		}
		if err := f.SetCellStyle("Sheet1", cell, cell, date); err != nil {
			b.Fatal(err)
		}
	}
	var content bytes.Buffer
	if err := f.Write(&content); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := workbook.Convert(b.Context(), bytes.NewReader(content.Bytes()), int64(content.Len()), "", io.Discard); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(people)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
