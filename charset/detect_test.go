package charset

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
)

// people are names as they stand in files of guests, made up, by language.
func people(language string) []string {
	return map[string][]string{
		"German":     {"Jörg Müller", "Käthe Groß", "Björn Schröder", "Günther Jäger", "Sören Köhler", "Ursula Weiß", "Jürgen Böhm", "Änne Özdemir", "Übermut GmbH", "Bäckerei Süß & Söhne", "MÜLLER", "STRÖBELE KÄLTETECHNIK"},
		"French":     {"René Lefèvre", "François Gérard", "Hélène Bérubé", "Noël Côté", "Zoé Béranger", "Aimée Château", "Jérôme Guérin", "Anaïs Brûlé", "Société générale d’électricité", "Cœur de Lion", "Électricité du Midi", "L’Été"},
		"Spanish":    {"José Núñez", "María Peña", "Andrés Ibáñez", "Sofía Gómez", "Iñigo Martínez", "Jesús López", "Begoña Güell", "Compañía Eléctrica Nº 1", "Óscar Álvarez"},
		"Italian":    {"Nicolò Forlì", "Niccolò Libertà", "Città Caffè", "Così Perché", "José Però", "Società Agricola"},
		"Dutch":      {"Daniël Coenen", "Zoë Hoeven", "André Reünie", "Loïs Geerts", "Chloë Mariëlle"},
		"Portuguese": {"João Gonçalves", "São Assunção", "Conceição Simões", "António Araújo", "Inês Falcão", "Luís Magalhães", "Mônica Antônio", "JOÃO CONCEIÇÃO"},
		"Danish":     {"Søren Kjær", "Jørgen Bjørn", "Åse Nygård", "Mærsk Øster", "Lærke Sørensen", "Ærø Færge"},
		"Swedish":    {"Åsa Öberg", "Björn Sjögren", "Märta Håkansson", "Göran Ström", "Örebro Ångström AB"},
		"Icelandic":  {"Þórður Ægisson", "Guðrún Sigurðardóttir", "Jón Þór", "Sævar Örn"},
		"Finnish":    {"Päivi Mäkelä", "Jyrki Hämäläinen", "Šemeikka Äijö"},
		"Russian":    {"Иван Петров", "Мария Сидорова", "Ольга Кузнецова", "Дмитрий Попов", "Сергей Соколов"},
		"Greek":      {"Γιώργος Παπαδόπουλος", "Μαρία Νικολάου", "Δημήτρης Ιωάννου", "Ελένη Κωνσταντίνου", "Άννα Βασιλείου"},
		"Hebrew":     {"דוד כהן", "שרה לוי", "משה מזרחי"},
		"Arabic":     {"محمد علي", "فاطمة حسن", "أحمد محمود"},
		"Thai":       {"สมชาย ใจดี", "สมหญิง รักไทย", "บริษัท ตัวอย่าง จำกัด"},
		"Japanese":   {"山田太郎", "佐藤花子", "鈴木一郎", "タナカ ユキ", "株式会社サンプル"},
		"Chinese":    {"王小明", "李娜", "张伟", "刘洋", "上海科技有限公司"},
		"Taiwanese":  {"王小明", "陳怡君", "林志玲", "張惠妹", "台北股份有限公司"},
		"Korean":     {"김민수", "이영희", "박지성", "최은주", "주식회사 한국"},
		"Polish":     {"Łukasz Zieliński", "Małgorzata Wójcik", "Agnieszka Dąbrowska", "Paweł Żak", "Święty Kość"},
		"Czech":      {"Jiří Dvořák", "Tomáš Novák", "Žaneta Němcová", "Lukáš Černý", "Ondřej Růžička"},
		"Slovak":     {"Ľudmila Kováčová", "Štefan Baláž", "Ján Hudák", "Zuzana Tóthová Škultétyová", "Mária Žiaková", "Matúš Ďurica"},
		"Hungarian":  {"Győző Erdős", "Kovács Gergő", "Szűcs Ágnes", "Hegedűs Márta", "Nagy Dezső", "Őri Tünde"},
		"Romanian":   {"Ştefan Păun", "Mădălina Rădulescu", "Ioniţă Fănică", "Raluca Ţurcanu", "Cătălin Bălaşa"},
		"Croatian":   {"Đurđica Petrović", "Željko Kovačević", "Nikola Šarić", "Ivana Horvatić", "Hrvoje Jurčić"},
		"Slovenian":  {"Matjaž Kovačič", "Špela Zupančič", "Tomaž Hočevar", "Žiga Močnik"},
		"Lithuanian": {"Rūta Jankauskienė", "Šarūnas Žukauskas", "Eglė Kazlauskaitė", "Ąžuolas Vėjūnas", "Jurgita Čepaitytė"},
		"Latvian":    {"Jānis Bērziņš", "Līga Kalniņa", "Kristīne Ozoliņa", "Pēteris Krūmiņš", "Ģirts Āboliņš"},
		"Estonian":   {"Tõnu Põder", "Jüri Nõmm", "Ülle Pärn", "Kärt Mägi"},
		"Turkish":    {"Ayşe Yılmaz", "Mehmet Öztürk", "Gülşen Çağlar", "İbrahim Şahin"},
	}[language]
}

func charsetNamed(t testing.TB, label string) Charset {
	t.Helper()
	c, err := Named(label)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// encoded writes a text in a charset. Letters that it does not have are lost.
func encoded(t testing.TB, charset, text string) string {
	t.Helper()
	c := charsetNamed(t, charset)
	if c.enc == nil {
		return text
	}
	b, err := encoding.ReplaceUnsupported(c.enc.NewEncoder()).String(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func detect(t testing.TB, text string) Found {
	t.Helper()
	found, err := Detect(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// Small files of names, drawn from a fixed seed: how many of 30 come out in
// their charset. Western European ones in windows-1252 all must.
func TestDetectSmallFiles(t *testing.T) {
	const files = 30
	for _, tc := range []struct {
		language, charset string
		least             int
	}{
		{"German", "windows-1252", 30},
		{"French", "windows-1252", 30},
		{"Spanish", "windows-1252", 30},
		{"Italian", "windows-1252", 30},
		{"Dutch", "windows-1252", 30},
		{"Portuguese", "windows-1252", 30},
		{"Danish", "windows-1252", 30},
		{"Swedish", "windows-1252", 30},
		{"Icelandic", "windows-1252", 30},
		{"Finnish", "windows-1252", 30},
		{"German", "macintosh", 27},
		{"French", "macintosh", 30},
		{"Spanish", "macintosh", 27},
		{"Portuguese", "macintosh", 27},
		{"German", "ibm850", 27},
		{"French", "ibm850", 30},
		{"Spanish", "ibm850", 30},
		{"Danish", "ibm850", 30},
		{"Polish", "windows-1250", 30},
		{"Polish", "iso-8859-2", 27},
		{"Polish", "ibm852", 27},
		{"Czech", "windows-1250", 30},
		{"Czech", "iso-8859-2", 28},
		{"Slovak", "windows-1250", 30},
		{"Hungarian", "windows-1250", 30},
		{"Romanian", "windows-1250", 30},
		{"Croatian", "windows-1250", 30},
		{"Slovenian", "windows-1250", 29},
		{"Turkish", "windows-1254", 30},
		{"Lithuanian", "windows-1257", 30},
		{"Latvian", "windows-1257", 30},
		{"Estonian", "windows-1257", 28},
		{"Estonian", "windows-1252", 28},
		{"Danish", "macintosh", 28},
		{"Russian", "windows-1251", 30},
		{"Russian", "koi8-r", 30},
		{"Russian", "ibm866", 30},
		{"Russian", "iso-8859-5", 30},
		{"Russian", "x-mac-cyrillic", 30},
		{"Greek", "windows-1253", 30},
		{"Greek", "iso-8859-7", 30},
		{"Hebrew", "windows-1255", 30},
		{"Arabic", "windows-1256", 28},
		{"Thai", "windows-874", 30},
		{"Japanese", "shift_jis", 28},
		{"Japanese", "euc-jp", 28},
		{"Chinese", "gb18030", 26},
		{"Taiwanese", "big5", 28},
		{"Korean", "euc-kr", 25},
		{"Japanese", "utf-16le", 30},
		{"German", "utf-16be", 30},
		{"French", "utf-8", 30},
		{"Chinese", "utf-8", 30},
	} {
		t.Run(tc.language+" in "+tc.charset, func(t *testing.T) {
			right := 0
			for seed := range files {
				r := rand.New(rand.NewSource(int64(seed)))
				names := people(tc.language)
				var text strings.Builder
				text.WriteString("Email,Name\r\n")
				for i := range 1 + seed%20 {
					fmt.Fprintf(&text, "guest%d@acme.example.com,%s\r\n", i, names[r.Intn(len(names))])
				}
				file := encoded(t, tc.charset, text.String())
				found := detect(t, file)
				got, err := io.ReadAll(found.Decode(strings.NewReader(file)))
				if err != nil {
					t.Fatal(err)
				}
				if string(got) == charsetNamed(t, tc.charset).text(file) {
					right++
				} else if tc.least == files {
					t.Errorf("%s, samples %q", found.Name(), found.Samples)
				}
			}
			if right < tc.least {
				t.Errorf("%d of %d files are read rightly, want %d", right, files, tc.least)
			}
		})
	}
}

// A file of one cell with one sign in it tells next to nothing: it is the charset
// that such files are in.
func TestDetectOneCell(t *testing.T) {
	for _, cell := range []string{
		"Acme™", "5 €", "100 m²", "Nº 3", "1–2", "naïve…", "“Best” GmbH", "½ Zoll", "±5°", "Ÿ", "É", "ÅÄÖ", "Straße 3½", "Señor ¿Qué?", "L’Oréal",
		"O’Neill", "—", "•", "Smith’s", "A–B", "München – Berlin", "„Gut“", "ÖBB", "Škoda", "Žižek", "Œuvre", "Café®", "Société\u00a0:", "1.Étage",
		"Jörg (Bär)", "ØÅ", "São", "©2020 Firma", "Müllerstr.5", "œ", "Señ.", "A·B", "Meier–Müller", "à la carte", "Måløy", "ÆØÅ AS", "ÿ", "McÉlroy",
	} {
		found := detect(t, encoded(t, "windows-1252", "Email,Company\na@acme.example.com,"+cell+"\n"))
		if found.Name() != "windows-1252" || len(found.Samples) != 1 || found.Samples[0] != cell {
			t.Errorf("%q is read as %s: %q", cell, found.Name(), found.Samples)
		}
	}
}

// The notice names the charset that comes next, and how the cells are in that if
// it is nearly as likely.
func TestDetectSuggestsWhatElseItMayBe(t *testing.T) {
	for _, tc := range []struct{ text, charset, want string }{
		{
			"Skřivánek\nSilván", "windows-1250",
			`windows-1252, in which two of its cells are "Skøivánek" and "Silván": if they look wrong, name the right one with --encoding, such as --encoding windows-1250, in which they are "Skřivánek" and "Silván"`,
		},
		{
			"Jiří Dvořák\nOndřej Růžička", "windows-1250",
			`windows-1250, in which two of its cells are "Jiří Dvořák" and "Ondřej Růžička": if they look wrong, name the right one with --encoding, such as --encoding windows-1252`,
		},
		{
			"Salom\u00eb", "windows-1252",
			`windows-1257, in which one of its cells is "Salomė": if that looks wrong, name the right one with --encoding, such as --encoding windows-1252, in which it is "Salomë"`,
		},
		{
			"René Lefèvre", "windows-1252",
			`windows-1252, in which one of its cells is "René Lefèvre": if that looks wrong, name the right one with --encoding, such as --encoding windows-1250, in which it is "René Lefčvre"`,
		},
		{
			"Jörg Müller", "windows-1252",
			`windows-1252, in which one of its cells is "Jörg Müller": if that looks wrong, name the right one with --encoding, such as --encoding macintosh`,
		},
		{
			"Иван Петров\nСергей Соколов", "windows-1251",
			`windows-1251, in which two of its cells are "Иван Петров" and "Сергей Соколов": if they look wrong, name the right one with --encoding, such as --encoding windows-1252`,
		},
		{
			"Петр", "koi8-r",
			`koi8-r, in which one of its cells is "Петр": if that looks wrong, name the right one with --encoding, such as --encoding macintosh`,
		},
	} {
		found := detect(t, encoded(t, tc.charset, "name\n"+tc.text))
		if diff := cmp.Diff("the file is not UTF-8; read as "+tc.want, found.Notice()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.text, diff)
		}
	}
}

func TestDetectIsSureOf(t *testing.T) {
	utf16 := func(e unicode.Endianness, text string) string {
		s, err := unicode.UTF16(e, unicode.UseBOM).NewEncoder().String(text)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for _, tc := range []struct {
		name, file, want string
		why              Reason
	}{
		{"nothing", "", "utf-8", Valid},
		{"ASCII", "email\nann@acme.example.com\n", "utf-8", Valid},
		{"UTF-8", "email,name\na@b.example.com,Jörg\n", "utf-8", Valid},
		{"UTF-8, no line end, a letter cut by nothing", "é", "utf-8", Valid},
		{"UTF-8 with a mark", "\ufeffemail,Jörg\n", "utf-8", Marked},
		{"a mark alone", "\ufeff", "utf-8", Marked},
		{"UTF-16, little end first", utf16(unicode.LittleEndian, "email\r\nJörg"), "utf-16le", Marked},
		{"UTF-16, big end first", utf16(unicode.BigEndian, "email\r\nJörg"), "utf-16be", Marked},
		{"a NUL in a text", "email,name\nann@acme.example.com,A\x00nn\nbob@acme.example.com,Bob\n", "utf-8", Valid},
	} {
		found := detect(t, tc.file)
		if found.Name() != tc.want || found.Why != tc.why || found.Notice() != "" {
			t.Errorf("%s: found %s, %v, %q; want %s, %v", tc.name, found.Name(), found.Why, found.Notice(), tc.want, tc.why)
		}
	}
}

func TestDetectUTF16WithoutAMark(t *testing.T) {
	text := "email\tname\r\nann@acme.example.com\tJörg Müller\r\nbob@acme.example.com\t山田太郎\r\n"
	for _, name := range []string{"utf-16le", "utf-16be"} {
		for _, end := range []string{"", "\n"} { // half a character, as a careless tool leaves
			found := detect(t, encoded(t, name, text)+end)
			want := "the file is not UTF-8; read as " + name + `, in which two of its cells are "Jörg Müller" and "山田太郎": if they look wrong, name the right one with --encoding, such as --encoding utf-8`
			if found.Name() != name || found.Notice() != want {
				t.Errorf("%s: found %s, %q", name, found.Name(), found.Notice())
			}
		}
	}
}

func TestDetectRefusesWhatIsNotText(t *testing.T) {
	noise := make([]byte, 100_000)
	rand.New(rand.NewSource(1)).Read(noise)
	for _, tc := range []struct {
		name, file string
		want       error
	}{
		{"noise", string(noise), ErrNotText},
		{"noise without NULs", strings.ReplaceAll(string(noise), "\x00", ""), ErrNotText},
		{"NULs", strings.Repeat("\x00", 1000), ErrNotText},
		{"the beginning of an old workbook", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 16) + "\x3e\x00\x03\x00\xfe\xff\x09\x00", ErrNotText},
		{"a picture", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89", ErrNotText},
		{"UTF-32 with a mark, little end first", "\xff\xfe\x00\x00e\x00\x00\x00", ErrUTF32},
		{"UTF-32 with a mark, big end first", "\x00\x00\xfe\xff\x00\x00\x00e", ErrUTF32},
		{"UTF-32 without a mark", "e\x00\x00\x00m\x00\x00\x00a\x00\x00\x00", ErrNotText},
	} {
		if found, err := Detect(strings.NewReader(tc.file)); !errors.Is(err, tc.want) {
			t.Errorf("%s: found %s, error %v, want %v", tc.name, found.Name(), err, tc.want)
		}
	}
}

// A file that is UTF-8 but for some bytes must not be read as anything else: two
// wrong letters would be sent for each right one.
func TestDetectDamagedUTF8(t *testing.T) {
	good := "email,name\n" + strings.Repeat("a@b.example.com,Jörg Müller\n", 10)
	for _, tc := range []struct {
		name, file string
		want       int
	}{
		{"one row in windows-1252", good + "c@d.example.com,Ren\xe9\n" + good, 12},
		{"a letter cut in two", good + "c@d.example.com,Ren\xc3\n", 12},
		{"the file cut in a letter", good + "c@d.example.com,Ren\xc3", 12},
		{"with CRLF", strings.ReplaceAll(good, "\n", "\r\n") + "c@d.example.com,Ren\xe9\r\n", 12},
		{"with CR", strings.ReplaceAll(good, "\n", "\r") + "c@d.example.com,Ren\xe9\r", 12},
		{"with a mark", "\ufeff" + good + "c@d.example.com,Ren\xe9\n", 12},
		{"two files put together", good + encoded(t, "windows-1252", good), 13},
		{"more of it in windows-1252", "name\nJörg\n" + strings.Repeat("J\xf6rg\n", 8), 3},
		{"Chinese with a character cut", strings.Repeat("王小明\n", 10) + "王小\xe6\x98\n", 11},
		{"Chinese that would make other characters", "王李\n张刘\n陈\xe5\n赵\xe5\n", 3},
		{"alone in the last part that is read", strings.Repeat("Jörgen\n", chunkSize/8) + "J\xf6rg\n", chunkSize/8 + 1},
		{"far into the file", strings.Repeat("Jörg\n", 200_000) + "J\xf6rg\n", 200_001},
		{"far into the file, which was ASCII before", strings.Repeat("Ann\n", 200_000) + "Jörg Müller\nJ\xf6rg\n", 200_002},
	} {
		found := detect(t, tc.file)
		if found.Name() != "utf-8" || found.BadLine != tc.want || len(found.Samples) > 0 {
			t.Errorf("%s: found %s, line %d, want utf-8 and line %d", tc.name, found.Name(), found.BadLine, tc.want)
		}
		if want := fmt.Sprintf("line %d has bytes that are not", tc.want); !strings.Contains(found.Notice(), want) {
			t.Errorf("%s: the notice is %q", tc.name, found.Notice())
		}
	}
}

func TestDetectLateInALongFile(t *testing.T) {
	long := strings.Repeat("ann@acme.example.com,Ann,Lee\n", 100_000)
	for _, tc := range []struct{ name, file, want string }{
		{"é in UTF-8", long + "René\n", "utf-8"},
		{"é in windows-1252", long + "Ren\xe9\n", "windows-1252"},
		{"Cyrillic in windows-1251", long + encoded(t, "windows-1251", "Иван Петров\nМария Сидорова\n"), "windows-1251"},
		{"a letter across two parts", strings.Repeat("é", chunkSize) + "\n", "utf-8"},
		{"a letter across two parts, a byte later", "a" + strings.Repeat("é", chunkSize) + "\n", "utf-8"},
	} {
		if found := detect(t, tc.file); found.Name() != tc.want || found.BadLine > 0 {
			t.Errorf("%s: found %s, line %d", tc.name, found.Name(), found.BadLine)
		}
	}
}

// One byte that means nothing is enough against a charset. Where nothing else
// fits, it is a question and not a guess.
func TestDetectRefusesWhatDoesNotDecode(t *testing.T) {
	for _, tc := range []struct{ charset, cells string }{
		{"gb18030", "王小明,上海科技有限公司\n"}, {"shift_jis", "山田太郎,株式会社サンプル\n"}, {"windows-1253", "Γιώργος Παπαδόπουλος\n"},
	} {
		file := strings.Repeat(encoded(t, tc.charset, tc.cells), 2_500)
		if found := detect(t, file); found.Name() != tc.charset {
			t.Errorf("%s: found %s", tc.charset, found.Name())
		}
		long := strings.Repeat(strings.Trim(encoded(t, tc.charset, strings.ReplaceAll(tc.cells, ",", "")), "\n"), 500)
		for name, damaged := range map[string]string{
			"at the end": file + "\xff\n", "in the middle": file + "\xff\n" + file, "at the end of a long cell": long + "\xff\n" + file,
		} {
			found, err := Detect(strings.NewReader(damaged))
			if !errors.Is(err, ErrNotText) || !strings.Contains(err.Error(), "--encoding "+tc.charset+" tells the first line") {
				t.Errorf("%s, %s: found %s, %v", tc.charset, name, found.Name(), err)
			}
		}
	}
	// One undefined byte, and it is not windows-1252.
	for _, rows := range []int{1, 5, 10, 50} {
		file := encoded(t, "windows-1252", strings.Repeat("Jörg;Müller;Käthe\n", rows)) + "M\x81ller\n"
		if found, err := Detect(strings.NewReader(file)); !errors.Is(err, ErrNotText) || !strings.Contains(err.Error(), "most of it is windows-1252") {
			t.Errorf("%d rows: found %s, %v", rows, found.Name(), err)
		}
	}
}

// What is kept of a long file comes from all over it.
func TestSampleIsEven(t *testing.T) {
	var file strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&file, "%d \xe9\n", i)
	}
	s := newSurvey()
	if err := s.read(strings.NewReader(file.String())); err != nil {
		t.Fatal(err)
	}
	var in [4]int // quarters
	for _, cell := range s.cells {
		var i int
		if _, err := fmt.Sscan(cell, &i); err != nil {
			t.Fatal(err)
		}
		in[i/25_000]++
	}
	for _, n := range in {
		if n < len(s.cells)/6 {
			t.Errorf("the quarters of the file have %v cells in the sample", in)
		}
	}
	if s.sampled > maxSample {
		t.Errorf("the sample is %d bytes", s.sampled)
	}
}

func TestSamplesAreShortAndFromDifferentPlaces(t *testing.T) {
	var text strings.Builder
	for i := range 4_000 {
		fmt.Fprintf(&text, "Jörg,%s Müller %d,%s\n", strings.Repeat("long ", 20), i, strings.Repeat("very long é", 100))
	}
	text.WriteString("\"Zoë | René\";x\n")
	found := detect(t, encoded(t, "windows-1252", text.String()))
	if len(found.Samples) != 2 || found.Samples[0] == found.Samples[1] {
		t.Fatalf("samples are %q", found.Samples)
	}
	for _, sample := range found.Samples {
		if n := len([]rune(sample)); n > maxShown+2 || strings.ContainsAny(sample, ",;|\"") || asciiOnly(sample) {
			t.Errorf("sample %q", sample)
		}
	}
	if strings.Contains(found.Notice(), "\n") {
		t.Errorf("the notice is more than a line: %q", found.Notice())
	}
	if one := detect(t, "J\xf6rg\nJ\xf6rg\n").Notice(); !strings.Contains(one, `one of its cells is "Jörg":`) {
		t.Errorf("the notice about one cell is %q", one)
	}
	if control := detect(t, "J\xf6\x1b[31mrg\nM\xfcller-L\xfcdenscheidt, und noch so einer\n").Notice(); strings.Contains(control, "\x1b") {
		t.Errorf("a control character came through: %q", control)
	}
}

func TestDetectTakesBytesAsTheyCome(t *testing.T) {
	for _, file := range []string{
		"Jörg\nMüller\n", "J\xf6rg\nM\xfcller\n", encoded(t, "shift_jis", strings.Join(people("Japanese"), "\n")), "Jörg\nM\xfcller\nJörg",
		encoded(t, "utf-16le", "email\nJörg\n"), "\ufeffJörg\n", strings.Repeat("é,", chunkSize) + "\xff",
	} {
		want := detect(t, file)
		for name, src := range map[string]io.Reader{
			"byte by byte": iotest.OneByteReader(strings.NewReader(file)), "halves": iotest.HalfReader(strings.NewReader(file)),
			"data with EOF": iotest.DataErrReader(strings.NewReader(file)),
		} {
			got, err := Detect(src)
			if err != nil || got.Name() != want.Name() || got.Notice() != want.Notice() {
				t.Errorf("%s: %s, %q, %v; want %s, %q", name, got.Name(), got.Notice(), err, want.Name(), want.Notice())
			}
		}
	}
	broken := errors.New("the disk is gone")
	for _, src := range []io.Reader{iotest.ErrReader(broken), io.MultiReader(strings.NewReader("email\n"), iotest.ErrReader(broken))} {
		if _, err := Detect(src); !errors.Is(err, broken) {
			t.Errorf("error is %v, want the source's", err)
		}
	}
	if _, err := Detect(stuck{}); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("error is %v, want %v", err, io.ErrNoProgress)
	}
}

// stuck is a source that never says anything.
type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

func FuzzDetect(f *testing.F) {
	for _, seed := range []string{"", "email\n", "J\xf6rg", "Jörg\nJ\xf6rg", "\xff\xfee\x00", "e\x00m\x00", "\x83\x41\x83\x42", "\xef\xbb", "\x00"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		found, err := Detect(bytes.NewReader(file))
		again, errAgain := Detect(iotest.HalfReader(bytes.NewReader(file)))
		if !errors.Is(errAgain, err) || found.Notice() != again.Notice() {
			t.Fatalf("%q, %v, then %q, %v", found.Notice(), err, again.Notice(), errAgain)
		}
		if err != nil {
			return
		}
		if strings.ContainsAny(found.Notice(), "\n\r\x1b") || len(found.Samples) > 2 {
			t.Fatalf("notice %q", found.Notice())
		}
		text, err := io.ReadAll(found.Decode(bytes.NewReader(file)))
		if err != nil {
			t.Fatal(err)
		}
		bare := bytes.TrimPrefix(file, []byte("\ufeff"))
		if found.Name() == "utf-8" && !bytes.Equal(text, bare) {
			t.Fatalf("%q came out as %q", bare, text)
		}
	})
}

func BenchmarkDetect(b *testing.B) {
	for _, bc := range []struct{ name, row string }{
		{"ASCII", "jane.doe@acme.example.com,Jane,Doe,ACME Corporation,+1-212-555-0123\n"},
		{"UTF-8", "jane.doe@acme.example.com,Jörg,Müller,Łukasz Zieliński GmbH,+1-212-555-0123\n"},
		{"windows-1252", "jane.doe@acme.example.com,J\xf6rg,M\xfcller,ACME Corporation,+1-212-555-0123\n"},
		{"shift_jis", encoded(b, "shift_jis", "jane.doe@acme.example.com,山田太郎,佐藤花子,ACME Corporation,+1-212-555-0123\n")},
	} {
		b.Run(bc.name, func(b *testing.B) {
			file := []byte(strings.Repeat(bc.row, 100_000))
			b.SetBytes(int64(len(file)))
			for b.Loop() {
				if _, err := Detect(bytes.NewReader(file)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
