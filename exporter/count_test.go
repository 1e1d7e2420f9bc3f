package exporter

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"guestlist/guest"
	"guestlist/sandbox"
)

func gzipped(t *testing.T, content string) string {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := io.WriteString(w, content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestCount(t *testing.T) {
	all := strings.Join(guest.RecordColumns(false), ",") + "\n"
	for _, tc := range []struct {
		name, file string
		want       int
	}{
		{"nothing", "", 0},
		{"a header alone", all, 0},
		{"a header without a line end", "id,email", 0},
		{"two guests", "id,email\n1,a@b.com\n2,b@b.com\n", 2},
		{"without the last line end", "id,email\n1,a@b.com\n2,b@b.com", 2},
		{"one column, without the email", "first_name\nAnn\n\"\"\nBob\n", 3},
		{"a line break in quotes", "id,first_name\n1,\"a\nb\r\n\n\"\"c\"\"\"\n2,\n", 2},
		{"with links", "email,link\na@b.com,https://x\n", 1},
		{"written anew by a spreadsheet", "\ufeffid,email\r\n1,a@b.com\r\n2,b@b.com\r\n", 2},
		{"JSON lines", `{"id":1,"email":"a@b.com"}` + "\n" + `{"id":2}` + "\n", 2},
		{"JSON lines without the last line end", `{"id":1,"email":"a@b.com"}` + "\n" + `{"id":2}`, 2},
		{"JSON lines longer than any buffer", `{"email":"` + strings.Repeat("x", 200<<10) + `"}` + "\n{}\n", 2},
		{"a JSON line that fills the buffer but for its end", `{"email":"` + strings.Repeat("x", 64<<10-12) + `"}` + "\n{}\n", 2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for how, src := range map[string]io.Reader{
				"whole": strings.NewReader(tc.file), "byte by byte": iotest.OneByteReader(strings.NewReader(tc.file)),
				"compressed": strings.NewReader(gzipped(t, tc.file)),
			} {
				if n, err := Count(t.Context(), src); err != nil || n != tc.want {
					t.Errorf("%s: %d, %v; want %d", how, n, err, tc.want)
				}
			}
		})
	}
}

func TestCountRefuses(t *testing.T) {
	for _, tc := range []struct {
		name, file string
		foreign    bool
	}{
		{"another CSV", "name,street\nAnn,Main\n", true},
		{"an export with a column of somebody's own", "id,email,notes\n1,a@b.com,x\n", true},
		{"another delimiter", "id;email\n1;a@b.com\n", true},
		{"a column that stands there twice", "id,id\n1,2\n", true},
		{"text", "Dear all,\nhello\n", true},
		{"a blank line first", "\nid,email\n1,a@b.com\n", true},
		{"a quote first", "\"\nid\n", true},
		{"a workbook", "PK\x03\x04\x00\x00", true},
		{"one long line", strings.Repeat("id,", 1<<20), true},
		{"JSON lines of something else", `{"level":"info"}` + "\n", true},
		{"JSON over several lines", "{\n  \"email\": \"a@b.com\"\n}\n", true},
		{"a JSON line that is cut off", `{"email":"a@b.com"}` + "\n" + `{"email":"b@`, true},
		{"a JSON line that is none", `{"email":"a@b.com"}` + "\n[1]\n", true},
		{"an empty JSON line", `{"email":"a@b.com"}` + "\n\n", true},
		{"a JSON array", `[{"email":"a@b.com"}]`, true},
		{"a row that is cut off", "id,email\n1,a@b.com\n2", false},
		{"a cell too many", "id,email\n1,a@b.com,x\n", false},
		{"a quote that is never closed", "id,email\n1,\"a@b.com\n2,b@b.com\n", false},
		{"compressed and cut off", gzipped(t, "id,email\n1,a@b.com\n")[:30], false},
		{"compressed and cut off at once", "\x1f\x8b\x08", false},
		{"compressed and changed", strings.Replace(gzipped(t, "id,email\n1,a@b.com\n"), "a@b", "a@c", 1) + "x", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			n, err := Count(t.Context(), strings.NewReader(tc.file))
			if err == nil || errors.Is(err, ErrForeign) != tc.foreign {
				t.Errorf("%d, %v; want an error, foreign: %v", n, err, tc.foreign)
			}
		})
	}
}

func TestCountEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	enough := errors.New("interrupted")
	cancel(enough)
	if _, err := Count(ctx, strings.NewReader("id\n1\n")); !errors.Is(err, enough) {
		t.Errorf("error is %v, want %v", err, enough)
	}
}

// endless gives out the same text again and again.
type endless struct {
	text string
	at   int
}

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = e.text[e.at]
		e.at = (e.at + 1) % len(e.text)
	}
	return len(p), nil
}

// Nothing that stands in the file's place fills the memory.
func TestCountInBoundedMemory(t *testing.T) {
	const long = 32 << 20
	for _, tc := range []struct {
		name string
		file io.Reader
		ok   bool
	}{
		{"a quote that is never closed", io.MultiReader(strings.NewReader("id,email\n1,\""), &endless{text: "b@b.com\n"}), false},
		{"a line that never ends", &endless{text: "id,"}, false},
		{"a JSON line that is long", io.MultiReader(strings.NewReader(`{"email":"`), io.LimitReader(&endless{text: "x"}, long), strings.NewReader("\"}\n")), true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := Count(t.Context(), tc.file)
			runtime.ReadMemStats(&after)
			if (err == nil) != tc.ok {
				t.Errorf("error is %v", err)
			}
			if taken := after.TotalAlloc - before.TotalAlloc; taken > 16<<20 {
				t.Errorf("%d bytes were allocated", taken)
			}
		})
	}
}

// Whatever an export writes is counted as it says itself.
func TestCountAgreesWithTheExport(t *testing.T) {
	server := sandbox.New(sandbox.Options{})
	for _, g := range odd(500) {
		server.Put(g)
	}
	client := connect(t, server)
	for _, o := range []Options{
		{Format: CSV},
		{Format: CSV, EscapeFormulas: true, Links: true},
		{Format: CSV, Columns: []string{"first_name"}},
		{Format: JSONL},
	} {
		o.Client = client
		var out bytes.Buffer
		summary, err := New(o).Write(t.Context(), &out)
		if err != nil {
			t.Fatal(err)
		}
		if n, err := Count(t.Context(), &out); err != nil || n != summary.Guests || n != 500 {
			t.Errorf("%+v: %d, %v; the export says %d", o, n, err, summary.Guests)
		}
	}
}
