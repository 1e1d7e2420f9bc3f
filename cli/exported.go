package cli

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"guestlist/changes"
	"guestlist/charset"
	"guestlist/guest"
	"guestlist/workbook"
)

// exported is an export that is read from any place of it. What is compressed, or
// not in UTF-8, is kept in a private file first.
type exported struct {
	*input
	text source
	size int64
	was  fs.FileInfo // of the file when it was opened; nil: it is our own copy
}

// openExport opens an export. A file that is none is a *guest.InputError.
func (a *app) openExport(ctx context.Context, name string) (_ *exported, err error) {
	in, err := a.findInput(ctx, name)
	if err != nil {
		return nil, err
	}
	e := &exported{input: in}
	defer func() {
		if err != nil {
			err = errors.Join(err, e.close())
		}
	}()
	head, err := e.begin()
	if err == nil && bytes.HasPrefix(head, []byte("\x1f\x8b")) {
		if err = e.unpack(ctx); err == nil {
			head, err = e.begin()
		}
	}
	if err != nil {
		return nil, err
	}
	if err := e.check(ctx, head); err != nil {
		return nil, err
	}
	return e, e.decode(ctx)
}

// begin opens what is to be read, and returns its beginning.
func (e *exported) begin() (head []byte, err error) {
	text, err := e.raw()
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", e.shown(), err)
	}
	e.text, e.was = text, nil
	if f, ok := text.(*os.File); ok {
		e.was, err = f.Stat()
	}
	if err == nil {
		e.size, err = e.text.Seek(0, io.SeekEnd)
	}
	head = make([]byte, 512)
	n := 0
	if err == nil {
		n, err = e.text.ReadAt(head, 0)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read %s: %w", e.shown(), err)
	}
	return head[:n], nil
}

// check refuses what is no CSV text.
func (e *exported) check(ctx context.Context, head []byte) error {
	refused := func(problem string) error {
		return &guest.InputError{Problems: []string{e.shown() + " " + problem}}
	}
	what, _ := workbook.Kind(head)
	switch {
	case bytes.HasPrefix(head, []byte("{")):
		return refused("is JSON, as export --format jsonl writes it, and diff compares CSV: export without --format")
	case workbook.Is(head):
		return refused("is an Excel workbook, and diff compares CSV: save it as \"CSV UTF-8\", or compare the file that export has written")
	case what != "":
		return e.refuse(ctx, e.text)
	}
	return nil
}

// decode makes sure that the text is UTF-8.
func (e *exported) decode(ctx context.Context) error {
	found, err := charset.Detect(e.reading(ctx))
	if err != nil {
		return e.unusable(err)
	}
	// Of a charset that is only guessed, wrong letters would be told as changes.
	if found.Why != charset.Valid && found.Why != charset.Marked {
		return &guest.InputError{Problems: []string{e.shown() + " is not UTF-8 text, as exports are: save it as \"CSV UTF-8\", or compare the file that export has written"}}
	}
	if found.Name() == (charset.Charset{}).Name() {
		return nil
	}
	if err := e.keep(ctx, found.Decode(e.reading(ctx))); err != nil {
		return err
	}
	_, err = e.begin()
	return err
}

// reading reads the text from its beginning, until ctx ends.
func (e *exported) reading(ctx context.Context) io.Reader {
	return untilDone{ctx, io.NewSectionReader(e.text, 0, e.size)}
}

// untilDone is a reader that fails when its context ends.
type untilDone struct {
	ctx context.Context
	io.Reader
}

func (r untilDone) Read(p []byte) (int, error) {
	if r.ctx.Err() != nil {
		return 0, context.Cause(r.ctx)
	}
	return r.Reader.Read(p)
}

// unpack keeps what a compressed export holds.
func (e *exported) unpack(ctx context.Context) error {
	zip, err := gzip.NewReader(e.reading(ctx))
	if err == nil {
		err = e.keep(ctx, zip)
	}
	var corrupt flate.CorruptInputError
	if errors.As(err, &corrupt) || errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) || errors.Is(err, io.ErrUnexpectedEOF) {
		return &guest.InputError{Problems: []string{e.shown() + " cannot be unpacked: it is damaged, or was cut off: copy it again from where export has written it"}}
	}
	return err
}

// keep puts a text in the place of the one that is read.
func (e *exported) keep(ctx context.Context, text io.Reader) error {
	f, err := keptFile()
	if err != nil {
		return fmt.Errorf("keep %s: %w", e.shown(), err)
	}
	_, err = io.Copy(f, text)
	switch {
	case ctx.Err() != nil:
		err = context.Cause(ctx)
	case diskFull(err):
		err = hinted{
			fmt.Errorf("read %s: %w", e.shown(), err),
			"it is unpacked onto the disk first, since it has to be read more than once: name a folder with room in TMPDIR",
		}
	case err == nil:
		err = e.unchanged()
	default:
		err = fmt.Errorf("read %s: %w", e.shown(), err)
	}
	err = errors.Join(err, e.close())
	e.kept, e.text = f, nil
	return err
}

// unchanged fails when the file that is read is not as it was when it was opened.
func (e *exported) unchanged() error {
	f, ok := e.text.(*os.File)
	if !ok {
		return nil
	}
	is, err := f.Stat()
	if err != nil {
		return fmt.Errorf("read %s: %w", e.shown(), err)
	}
	if is.Size() != e.was.Size() || !is.ModTime().Equal(e.was.ModTime()) {
		return &changes.ChangedError{Name: e.shown()}
	}
	return nil
}

// file is the export as it is compared.
func (e *exported) file() changes.File {
	return changes.File{Name: e.shown(), Text: e.text, Size: e.size}
}

// settled returns what is wrong, which is that a file was changed if one was:
// whatever else is wrong comes of it.
func settled(err error, files ...*exported) error {
	for _, e := range files {
		if changed := e.unchanged(); changed != nil {
			return changed
		}
	}
	return err
}

// close removes what was kept of the export.
func (e *exported) close() error {
	var err error
	if e.text != nil {
		err = e.text.Close()
	}
	return errors.Join(err, e.input.close())
}
