package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"guestlist/charset"
	"guestlist/guest"
	"guestlist/workbook"
)

// input is the file of a command. It is read in several passes, so standard
// input, and the sheet of a workbook as CSV, are kept in a private file first.
type input struct {
	name    string          // as the user gave it
	kept    *os.File        // what is read instead of the file; nil: the file itself
	charset charset.Charset // of what is read
	csv     guest.ReaderOptions
	notices []string // of what a person should know about how it is read
	mark    bool     // its rejects are for a program that wants a byte order mark
}

// openInput opens a file and finds out how it is written. A file that cannot be
// used is a *guest.InputError.
func (a *app) openInput(ctx context.Context, name string, o fileOptions) (*input, error) {
	in, err := a.findInput(ctx, name)
	if err != nil {
		return nil, err
	}
	in.csv = o.csv
	if err := in.read(ctx, o); err != nil {
		return nil, errors.Join(err, in.close())
	}
	return in, nil
}

func (a *app) findInput(ctx context.Context, name string) (*input, error) {
	if name == "-" {
		return a.keepInput(ctx)
	}
	info, err := os.Stat(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil, hinted{fmt.Errorf("read the input: there is no file %s", name), "check the file's name and folder" + filesLike(name)}
	}
	if err != nil {
		return nil, fmt.Errorf("read the input: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, hinted{
			fmt.Errorf("read the input: %s is not a regular file, and it has to be read more than once", name),
			"name a CSV file, or pipe it in and name it -",
		}
	}
	return &input{name: name}, nil
}

// filesLike names the files that may be meant by the name of one that is not
// there.
func filesLike(name string) string {
	folder, err := os.ReadDir(filepath.Dir(name))
	if err != nil {
		return ""
	}
	var files []string
	for _, file := range folder {
		switch filepath.Ext(file.Name()) {
		case ".csv", ".xlsx", ".tsv", ".txt":
			files = append(files, file.Name())
		}
	}
	if near := nearest(filepath.Base(name), files); near != "" {
		return ": is it " + filepath.Join(filepath.Dir(name), near) + "?"
	}
	return ""
}

// read finds out what kind of file the input is, and how it is written.
func (in *input) read(ctx context.Context, o fileOptions) error {
	src, err := in.raw()
	if err != nil {
		return fmt.Errorf("read the input: %w", err)
	}
	defer src.Close()
	head := make([]byte, 512)
	n, err := src.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read the input: %w", err)
	}
	if workbook.Is(head[:n]) {
		if err := o.forWorkbook(in.shown()); err != nil {
			return err
		}
		return in.readWorkbook(ctx, src, o.sheet)
	}
	if what, _ := workbook.Kind(head[:n]); what != "" {
		return in.refuse(ctx, src)
	}
	if err := o.forText(in.shown()); err != nil {
		return err
	}
	return in.readText(src, o.named)
}

// refuse says what a file is that is neither text nor a workbook.
func (in *input) refuse(ctx context.Context, src source) error {
	size, err := src.Seek(0, io.SeekEnd)
	if err != nil {
		return fmt.Errorf("read %s: %w", in.shown(), err)
	}
	_, err = workbook.Convert(ctx, src, size, "", io.Discard)
	return in.unusable(err)
}

// readText finds out the charset of a text.
func (in *input) readText(src io.Reader, named *charset.Charset) error {
	var found charset.Found
	var err error
	if named != nil {
		found, err = named.Check(src)
		in.charset, in.mark = *named, named.Name() != charset.Charset{}.Name()
	} else {
		found, err = charset.Detect(src)
		in.charset, in.mark = found.Charset, found.Why != charset.Valid
	}
	if err != nil {
		return in.unusable(err)
	}
	if notice := found.Notice(); notice != "" {
		in.notices = append(in.notices, notice)
	}
	return nil
}

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

// unusable makes what is wrong with the file itself an error of the input.
func (in *input) unusable(err error) error {
	var (
		book *workbook.Unusable
		text *charset.MismatchError
	)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &book):
		return &guest.InputError{Problems: []string{in.shown() + " " + book.Problem}}
	case errors.As(err, &text), errors.Is(err, charset.ErrNotText), errors.Is(err, charset.ErrUTF32):
		return &guest.InputError{Problems: []string{in.shown() + ": " + err.Error()}}
	}
	return fmt.Errorf("read %s: %w", in.shown(), err)
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
		lines = append(lines, fmt.Sprintf("read though the sheet hides it: %s %s", plural(len(w.HiddenColumns), "column"), someOf(w.HiddenColumns, some)))
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

// source is a file that is read from any place.
type source interface {
	io.ReaderAt
	io.ReadSeekCloser
}

// raw opens what is read, as it is written.
func (in *input) raw() (source, error) {
	if in.kept == nil {
		return os.Open(in.name)
	}
	info, err := in.kept.Stat()
	if err != nil {
		return nil, err
	}
	return keptSource{io.NewSectionReader(in.kept, 0, info.Size())}, nil
}

// keptSource is a file that stays open.
type keptSource struct{ *io.SectionReader }

func (keptSource) Close() error { return nil }

// open opens the input as UTF-8 text, at its beginning.
func (in *input) open() (io.ReadCloser, error) {
	src, err := in.raw()
	if err != nil {
		return nil, err
	}
	return decoded{in.charset.Decode(src), src}, nil
}

// decoded is a text in UTF-8 over the file that holds it.
type decoded struct {
	io.Reader
	io.Closer
}

// shown is the input's name for a person.
func (in *input) shown() string {
	if in.name == "-" {
		return "standard input"
	}
	return in.name
}
