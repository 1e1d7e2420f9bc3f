package importer

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"guestlist/guest"
	"guestlist/sandbox"
)

// rejectsOf imports a file and returns its rejects.
func rejectsOf(t *testing.T, file string, options guest.ReaderOptions, mark bool) string {
	t.Helper()
	b := newBench(t, sandbox.New(sandbox.Options{}))
	b.o.CSV, b.o.RejectsMark = options, mark
	b.mustRun(file)
	path := filepath.Join(t.TempDir(), "rejects.csv")
	if _, err := b.plan.WriteRejects(t.Context(), b.results, path); err != nil {
		t.Fatal(err)
	}
	written, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(written)
}

// What is refused, mended and loaded again as it is, however the input was
// written.
func TestRejectsLoadAgain(t *testing.T) {
	const rows = "Email|First Name\nann@acme|Jörg; \"the, bar\"\nbob@acme.example.com|Bob\ncat@acme|Cat\n"
	// in writes the rows with a delimiter.
	in := func(comma string) string {
		return strings.NewReplacer("|", comma, `Jörg; "the, bar"`, `"Jörg; ""the, bar"""`).Replace(rows)
	}
	for _, tc := range []struct {
		name, file string
		options    guest.ReaderOptions
		mark       bool
	}{
		{"comma", in(","), guest.ReaderOptions{}, false},
		{"semicolon", in(";"), guest.ReaderOptions{}, false},
		{"tab", in("\t"), guest.ReaderOptions{}, false},
		{"bar", in("|"), guest.ReaderOptions{}, false},
		{"said in the file", "sep=;\r\n" + in(";"), guest.ReaderOptions{}, false},
		{"another, said in the file", "sep=^\r\n" + in("^"), guest.ReaderOptions{}, false},
		{"another, said by a person", in("^"), guest.ReaderOptions{Delimiter: '^'}, false},
		{"lines above the header", "Our partners;\n;\n" + in(";"), guest.ReaderOptions{}, false},
		{"marked", in(";"), guest.ReaderOptions{}, true},
		{"marked, with another delimiter", "sep=^\n" + in("^"), guest.ReaderOptions{}, true},
		{"a header with other delimiters in it", strings.Replace(in(";"), "First Name", `First Name;"a,b,c,d|e|f"`, 1), guest.ReaderOptions{Columns: guest.ColumnOptions{IgnoreUnknown: true}}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			rejects := rejectsOf(t, tc.file, tc.options, tc.mark)
			if strings.HasPrefix(rejects, "\ufeff") != tc.mark {
				t.Errorf("the rejects begin with %.5q", rejects)
			}
			mended := strings.NewReplacer("ann@acme", "ann@acme.example.com", "cat@acme", "cat@acme.example.com").Replace(rejects)
			server := sandbox.New(sandbox.Options{})
			b := newBench(t, server)
			b.o.CSV.Columns = tc.options.Columns
			got := outcomes(b.mustRun(mended))
			want := []string{"1 ann@acme.example.com created create", "2 cat@acme.example.com created create"}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("(-want +got):\n%s\nthe rejects:\n%s", diff, rejects)
			}
			if g, _ := server.Guest("ann@acme.example.com"); g.Fields["first_name"] != `Jörg; "the, bar"` {
				t.Errorf("Ann's first name is %q", g.Fields["first_name"])
			}

			// What nobody mended is refused again, for the same reason.
			if again := rejectsOf(t, rejects, guest.ReaderOptions{Columns: tc.options.Columns}, tc.mark); again != rejects {
				t.Errorf("the rejects of the rejects are\n%s, not\n%s", again, rejects)
			}
		})
	}
}

// No cell of a sensitive column goes anywhere, wherever broken quoting puts it.
func TestRejectsWithoutSensitiveColumns(t *testing.T) {
	const file = "First Name,Email,Password,Last Name,IBAN\n" +
		"Ann,ann@acme,hunter1,Lee,hunter2\n" + // as a row should be
		"Bob,bob@acme,hunter3\n" + // too few cells
		"Cat,cat@acme.example.com,x,hunter4,Lee, Jr,hunter5\n" + // too many
		"Dan \"D\",dan@acme,hunter6,Lee,hunter7\n" + // broken
		"\"Eve\",eve@acme,\"hunter8\"x,Lee,hunter9\n" + // broken where it is sensitive
		"Fay,\"fay@acme, \"F\" and\nmore\",hunter10,Lee,hunter11\n" // broken, on two lines
	rejects := rejectsOf(t, file, guest.ReaderOptions{}, false)
	if strings.Contains(rejects, "hunter") {
		t.Errorf("the rejects hold what is sensitive:\n%s", rejects)
	}
	lines := strings.Split(strings.TrimSpace(rejects), "\n")
	if len(lines) != 8 || lines[0] != "First Name,Email,Last Name,guestlist_error" ||
		!strings.HasPrefix(lines[1], "Ann,ann@acme,Lee,") || !strings.HasPrefix(lines[2], "Bob,bob@acme,,") || !strings.HasPrefix(lines[3], ",,,") {
		t.Errorf("the rejects are\n%s", rejects)
	}
	for i, line := range lines[3:] {
		if want := fmt.Sprintf("its cells are left out here, as one may be sensitive: mend line %d of the original file", i+4); !strings.Contains(line, want) {
			t.Errorf("reject %d is %s, want in it: %s", i+3, line, want)
		}
	}
	// Loaded again nobody of those is created, nor passed over in silence.
	b := newBench(t, sandbox.New(sandbox.Options{}))
	if again := outcomes(b.mustRun(rejects)); len(again) != 7 || slices.ContainsFunc(again[2:], func(s string) bool { return !strings.Contains(s, "invalid none email: is missing") }) {
		t.Errorf("loaded again: %q", again)
	}
}

func TestRejectsOfAnEarlierRunAreSetAside(t *testing.T) {
	for _, tc := range []struct {
		name, file string
		aside      bool
	}{
		{"rejects", "email,guestlist_error\na,b\n", true},
		{"rejects that say their delimiter", "\ufeffsep=^\nemail^guestlist_error\na^b\n", true},
		{"a header of two lines", "\"e\nmail\",guestlist_error\na,b\n", true},
		{"another file", "email,name\nguestlist_error,b\n", false},
		{"an empty file", "", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "rejects.csv")
			if err := os.WriteFile(path, []byte(tc.file), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := SetRejectsAside(path); err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(path + ".old"); (err == nil) != tc.aside {
				t.Errorf("set aside: %v, want %v", err == nil, tc.aside)
			}
		})
	}
}
