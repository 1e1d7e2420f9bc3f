package samples

import (
	"bytes"
	"os"
	"testing"
)

// Editors, and git where it converts line ends, mend such files unasked; the
// samples would then show nothing any more.
func TestFilesAreStillAsTheirProgramsWriteThem(t *testing.T) {
	const bom, crlf, lf = "\ufeff", "\r\n", "\n"
	for _, file := range []struct{ name, start, lineEnd string }{
		{"contractors.csv", "email,", lf},
		{"migration-1000.csv", "email,", lf},
		{"excel-utf8.csv", bom + "Email,First Name,", crlf},
		{"semicolon.csv", bom + "email;first_name;", crlf},
	} {
		t.Run(file.name, func(t *testing.T) {
			data, err := os.ReadFile(file.name)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.HasPrefix(data, []byte(file.start)) {
				t.Errorf("begins with %q, want %q", data[:len(file.start)], file.start)
			}
			lines, withCR := bytes.Count(data, []byte(lf)), bytes.Count(data, []byte(crlf))
			if file.lineEnd == crlf && withCR != lines || file.lineEnd == lf && withCR != 0 {
				t.Errorf("%d of %d lines end in CRLF, want all to end in %q", withCR, lines, file.lineEnd)
			}
		})
	}
}
