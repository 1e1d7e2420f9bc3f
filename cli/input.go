package cli

import (
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
	fix     bool     // mend what can be mended safely
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
	in.csv, in.fix = o.csv, o.fix
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

// reader reads the rows of the input, from the first.
func (in *input) reader() (*guest.Reader, io.Closer, error) {
	src, err := in.open()
	if err != nil {
		return nil, nil, err
	}
	r, err := guest.NewReader(src, in.csv)
	if err != nil {
		return nil, nil, errors.Join(err, src.Close())
	}
	return r, src, nil
}

// next reads the next row as an import takes it.
func (in *input) next(r *guest.Reader) (guest.Row, error) {
	row, err := r.Read()
	if err == nil && in.fix {
		guest.Fix(&row.Guest)
	}
	return row, err
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
