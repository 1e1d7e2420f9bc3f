package workbook

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

func TestSharedTextsAreKeptWithinBounds(t *testing.T) {
	// Memory that is never touched costs nothing.
	for name, full := range map[string]*texts{
		"bytes": {all: make([]byte, maxShared)},
		"texts": {ends: make([]uint32, maxTexts)},
	} {
		if err := full.add("x"); err == nil {
			t.Errorf("one more of %s was taken", name)
		}
	}
}

func TestPartsAreUnpackedWithinBounds(t *testing.T) {
	read := func(limit int64) error {
		_, err := io.Copy(io.Discard, &part{src: &watchedReader{ctx: t.Context()}, inner: io.NopCloser(strings.NewReader("12345")), left: limit})
		return err
	}
	if err := read(5); err != nil {
		t.Errorf("five bytes of five: %v", err)
	}
	var unusable *Unusable
	if err := read(4); !errors.As(err, &unusable) {
		t.Errorf("five bytes of four: error is %v, want an Unusable", err)
	}
}

func TestRecordsAreKeptWithinBounds(t *testing.T) {
	out := newRecords(t.Output())
	out.size = maxOutput
	if err := out.write(1, []string{"x"}); err == nil {
		t.Error("one more row was taken")
	}
}

func TestAPanicOverAFormatIsSurvived(t *testing.T) {
	p := numberPrinter{file: &excelize.File{}, styles: map[string]int{}} // panics when it is used
	if text, ok := p.print("0.00", 1); ok {
		t.Errorf("a broken printer printed %q", text)
	}
	if text, ok := p.print("0.00", 1); !ok || text != "1.00" {
		t.Errorf("printed %q (%v) afterwards, want 1.00", text, ok)
	}
}
