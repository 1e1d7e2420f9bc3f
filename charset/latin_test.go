package charset

import (
	"errors"
	"fmt"
	"math/rand"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
)

// The smallest file of a colleague in Kraków, and longer ones.
func TestDetectCentralEuropeanFiles(t *testing.T) {
	for _, tc := range []struct{ name, charset, text string }{
		{"four guests, one of them Paweł", "windows-1250", "Email;First Name;Last Name\na@e.pl;Paweł;Wójcik\nb@e.pl;Józef;Mróz\nc@e.pl;Anna;Góra\nd@e.pl;Ewa;Król"},
		{"all letters of Polish", "windows-1250", "a;Łukasz;Wiśniewski\nb;Żółć;Dąbrowska\nc;Świętosława;Źródło\n"},
		{"Ń before a consonant, as in most such names", "windows-1250", "a;Jan;Kamiński\nb;Ewa;Zielińska\n"},
		{"a byte that windows-1252 does not have", "windows-1250", "a;Vítězslav;Šťastný\n"},
		{"names of several countries in one file", "windows-1250", "a;Jiří;Dvořák\nb;Jörg;Müller\nc;Zoltán;Erdős\nd;Paweł;Żak\n"},
		{"one German among Turks", "windows-1254", "a;Ayşe;Yılmaz\nb;Jörg;Müller\nc;İbrahim;Şahin\n"},
		{"signs of MS-DOS for letters", "ibm850", "name\nJörg\n"},
		{"a Dane on a Mac, not an Estonian", "macintosh", "name\nSørensen\n"},
		{"Estonians on Windows, not Hungarians", "windows-1252", "name\nPõldmäe\nPõder\n"},
		{"ligature and euro of the younger Latin", "iso-8859-15", "name\nŒuvre 5€\n"},
		{"a name that is rarely written with its capital accent", "windows-1252", "a;Ève;Lefèvre\n"},
	} {
		file := encoded(t, tc.charset, tc.text)
		if found := detect(t, file); found.text(file) != tc.text {
			t.Errorf("%s: read as %s: %q", tc.name, found.Name(), found.Samples)
		}
	}
}

// From two rows to two hundred, every file must come out right.
func TestDetectAtAnySize(t *testing.T) {
	for _, tc := range []struct{ language, charset string }{
		{"Polish", "windows-1250"},
		{"Czech", "windows-1250"},
		{"Slovak", "windows-1250"},
		{"Hungarian", "windows-1250"},
		{"Romanian", "windows-1250"},
		{"Croatian", "windows-1250"},
		{"Turkish", "windows-1254"},
		{"Lithuanian", "windows-1257"},
		{"Latvian", "windows-1257"},
		{"Icelandic", "windows-1252"},
		{"Dutch", "windows-1252"},
		{"Italian", "windows-1252"},
		{"Portuguese", "windows-1252"},
		{"French", "windows-1252"},
		{"Danish", "windows-1252"},
	} {
		for _, size := range []int{2, 3, 5, 10, 50, 200} {
			r := rand.New(rand.NewSource(int64(size)))
			names := people(tc.language)
			var text strings.Builder
			text.WriteString("Email;Name\n")
			for i := range size {
				fmt.Fprintf(&text, "guest%d@acme.example.com;%s\n", i, names[r.Intn(len(names))])
			}
			file := encoded(t, tc.charset, text.String())
			if found := detect(t, file); found.text(file) != text.String() {
				t.Errorf("%s, %d rows: read as %s: %q", tc.language, size, found.Name(), found.Samples)
			}
		}
	}
}

// A letter where no name has it is another letter in another charset.
func TestMisplacedLetters(t *testing.T) {
	for _, word := range strings.Fields(
		"kamiñski mãdãlina erdõs dezsõ joăo kuèera èerný studnièka koviè nìmec dvoøák pøíhoda szûcs jïø ramunë petroviæ wiœniewski kêdziora " +
			"wêgrzyn jšrg sżren ýbrahim ayþe gontðarov ðarûnas daniėl") {
		if !anyMisplaced(word) {
			t.Errorf("%s looks right", word)
		}
	}
	for _, word := range strings.Fields(
		"peña niño joão simões cauã conceição hélène ève mosè giosuè nicolò forlì libertà gesù søren bjørn anaïs loïc noël zoë gëzim kjær lærke " +
			"cœur têtu brûlé kršić jože żaneta nový þór arnþór guðrún sigurðar eglė păun") {
		if anyMisplaced(word) {
			t.Errorf("%s looks wrong", word)
		}
	}
}

func anyMisplaced(word string) bool {
	letters := []rune(word)
	for i := range letters {
		if misplaced(letters, i) {
			return true
		}
	}
	return false
}

// Japanese mail programs write characters as ASCII bytes between escapes.
func TestDetectISO2022JP(t *testing.T) {
	rows := strings.Repeat("ann@acme.example.com,Ann\n", 20_000)
	for name, text := range map[string]string{
		"short": "email,name\na@b.example.com,三浦太郎\nc@d.example.com,\"佐藤\"\n", "far into the file": rows + "a@b.example.com,三浦太郎\n" + rows,
		"old line ends": "email,name\ra@b.example.com,三浦太郎\r",
	} {
		file := encoded(t, "iso-2022-jp", text)
		found := detect(t, file)
		if found.Name() != "iso-2022-jp" || found.text(file) != text || !strings.Contains(found.Notice(), `"三浦太郎"`) {
			t.Errorf("%s: found %s, %q", name, found.Name(), found.Notice())
		}
	}
	for _, file := range []string{"email\n\x1b[31mAnn\n", "Jörg\n\x1b$B;0\n", "\x1b$B;\n", "\x1b$B;0\x1b(B\n" + rows + "Jörg\n"} {
		if found := detect(t, file); found.Name() != "utf-8" {
			t.Errorf("%q: found %s", file, found.Name())
		}
	}
}

func TestDetectRefusesMainframes(t *testing.T) {
	for _, rows := range []int{1, 5, 100, 2_000} {
		for _, end := range []string{"\n", "\r\n", "\u0085"} {
			var text strings.Builder
			text.WriteString("Email,First Name" + end)
			for i := range rows {
				fmt.Fprintf(&text, "guest%d@acme.example.com,%s%s", i, []string{"Ann Smith", "Bob; Jones", "\"O'Neill\"", "José"}[i%4], end)
			}
			file, err := charmap.CodePage037.NewEncoder().String(text.String())
			if err != nil {
				t.Fatal(err)
			}
			if found, err := Detect(strings.NewReader(file)); !errors.Is(err, ErrNotText) {
				t.Errorf("%d rows, %q: found %s, %v", rows, end, found.Name(), err)
			}
		}
	}
}
