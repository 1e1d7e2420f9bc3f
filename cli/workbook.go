package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"

	"guestlist/workbook"
)

// readWorkbook keeps a sheet of an Excel workbook as CSV, and reads that.
func (in *input) readWorkbook(ctx context.Context, src source, sheet string) error {
	f, err := keptFile()
	if err != nil {
		return fmt.Errorf("read %s: %w", in.shown(), err)
	}
	from := in.kept
	in.kept, in.mark, in.csv.Sheet, in.csv.Delimiter = f, true, true, ','
	if from != nil {
		defer from.Close()
	}
	size, err := src.Seek(0, io.SeekEnd)
	if err != nil {
		return fmt.Errorf("read %s: %w", in.shown(), err)
	}
	w := bufio.NewWriter(f)
	info, err := workbook.Convert(ctx, src, size, sheet, w)
	if err = errors.Join(err, w.Flush()); err != nil {
		return in.unusable(err)
	}
	in.notices = describeWorkbook(info)
	return nil
}

// describeWorkbook words what a person should know about how a workbook is read.
func describeWorkbook(w workbook.Info) []string {
	var lines []string
	if len(w.Others) > 0 {
		lines = append(lines, fmt.Sprintf("read is the sheet %q; for another name it with --sheet: %s", w.Sheet, someOf(w.Others, some)))
	}
	if w.Hidden > 0 {
		lines = append(lines, fmt.Sprintf("left out, as the sheet hides them: %s (unhide what is to be imported)", rows(w.Hidden)))
	}
	if len(w.HiddenColumns) > 0 {
		lines = append(lines, fmt.Sprintf("read though hidden in the sheet: %s %s", plural(len(w.HiddenColumns), "column"), someOf(w.HiddenColumns, some)))
	}
	if w.Errors.Count > 0 {
		lines = append(lines, fmt.Sprintf("%d %s with an error such as #N/A, the first is %s, taken as the sheet shows it",
			w.Errors.Count, plural(w.Errors.Count, "cell"), w.Errors.First))
	}
	if w.Merged.Count > 0 {
		lines = append(lines, fmt.Sprintf("%d merged %s over several rows, the first is %s: only the first row of each has the value",
			w.Merged.Count, plural(w.Merged.Count, "cell"), w.Merged.First))
	}
	if w.Uncalculated.Count > 0 {
		lines = append(lines, fmt.Sprintf("%d %s without a value in the file, the first is %s, taken for empty: open the workbook in Excel and save it",
			w.Uncalculated.Count, plural(w.Uncalculated.Count, "formula"), w.Uncalculated.First))
	}
	return lines
}
