package guest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestFix(t *testing.T) {
	const stays = ""
	for _, tc := range []struct {
		name  string
		field Field
		value string
		want  string // stays: Fix leaves it alone
	}{
		{"a good address", Email, "jane@acme.com", stays},
		{"a name before the address", Email, "Jörg Müller <j@acme.de>", "j@acme.de"},
		{"a name in quotes, with a comma", Email, `"Müller, Jörg" <j@acme.de>`, "j@acme.de"},
		{"brackets alone", Email, "<j@acme.de>", "j@acme.de"},
		{"the address for a name", Email, `"J@acme.de" <j@acme.de>`, "j@acme.de"},
		{"another address for a name", Email, `"jane@acme.de" <j@acme.de>`, stays},
		{"the address in parentheses", Email, "Jane Doe (jane@acme.com)", "jane@acme.com"},
		{"the name in parentheses", Email, "jane@acme.com (Jane Doe)", "jane@acme.com"},
		{"square brackets, as in a reply", Email, "Jane Doe [mailto:jane@acme.com]", "jane@acme.com"},
		{"quotes alone", Email, `"jane@acme.com"`, "jane@acme.com"},
		{"a word before the address", Email, "jane doe@acme.com", stays},
		{"two addresses", Email, "jane@acme.com; joe@acme.com", stays},
		{"two addresses in brackets", Email, "<jane@acme.com, joe@acme.com>", stays},
		{"mailto", Email, "mailto:jane@acme.com", "jane@acme.com"},
		{"mailto in capitals, with a subject and an escape", Email, "MAILTO:jane%2Bx@acme.com?subject=a%20b", "jane+x@acme.com"},
		{"a question mark that belongs to the address", Email, "ja?ne@acme.com", stays},
		{"semicolon at the end", Email, "jane@acme.com;", "jane@acme.com"},
		{"dot at the end", Email, "jane@acme.com.", "jane@acme.com"},
		{"comma before", Email, ", jane@acme.com", "jane@acme.com"},
		{"dot before: something may be missing", Email, ".jane@acme.com", stays},
		{"blanks around the @", Email, "jane @\u00a0acme.com", "jane@acme.com"},
		{"a blank that the server would take", Email, "jane @acme.com", "jane@acme.com"},
		{"a blank before a dot", Email, "jane@acme .com", "jane@acme.com"},
		{"a blank after a dot: a sentence may begin", Email, "jane@acme. Thanks", stays},
		{"blanks in a quoted part", Email, `"jane . @ doe"@acme.com`, stays},
		{"blanks and two addresses", Email, "jane @acme.com joe @acme.com", stays},
		{"zero-width space", Email, "ja\u200bne@acme.com", "jane@acme.com"},
		{"byte order mark and brackets", Email, "<ja\ufeffne@acme.com>", "jane@acme.com"},
		{"a joiner in a name of another script", Email, "a@نامه\u200cای.com", stays},
		{"no address", Email, "jane", stays},
		{"a domain that never takes mail", Email, "<jane@acme.test>", stays},

		{"no scheme", CompanyURL, "www.acme.com", "https://www.acme.com"},
		{"no scheme but slashes", CompanyURL, "//acme.com/a", "https://acme.com/a"},
		{"no scheme, long", ContactURL, "www.linkedin.com/in/" + strings.Repeat("a", 200), "https://www.linkedin.com/in/" + strings.Repeat("a", 200)},
		{"not available", CompanyURL, "n.a.", stays},
		{"no answer", CompanyURL, "none.yet", stays},
		{"a person", CompanyURL, "Smith.Jones", stays},
		{"a country's top level", CompanyURL, "acme.de/a", "https://acme.de/a"},
		{"a common top level, in capitals", CompanyURL, "ACME.CLOUD", "https://ACME.CLOUD"},
		{"another top level after www", CompanyURL, "www.acme.plumbing", "https://www.acme.plumbing"},
		{"a file after www", ImageURL, "www.photo.jpg", stays},
		{"a top level in another script", CompanyURL, "пример.онлайн", "https://пример.онлайн"},
		{"a scheme without colon", CompanyURL, "https//acme.com", "https://acme.com"},
		{"a scheme with one slash", CompanyURL, "http:/acme.com/a", "http://acme.com/a"},
		{"a scheme with a letter too few", CompanyURL, "htps://acme.com", "https://acme.com"},
		{"a mistyped scheme and no host", CompanyURL, "http//", stays},
		{"a scheme that is another", CompanyURL, "foo://acme.com", stays},
		{"a date", CompanyURL, "31.12.2024", stays},
		{"a number", CompanyURL, "12.5", stays},
		{"an address of numbers", CompanyURL, "192.168.0.1/a", "https://192.168.0.1/a"},
		{"a file", ImageURL, "photo.JPG", stays},
		{"an email address for a URL", CompanyURL, "jane@acme.com", stays},
		{"words", CompanyURL, "Acme Inc.", stays},
		{"two hosts", CompanyURL, "acme.com acme.de", stays},
		{"blank after the scheme", CompanyURL, "https:// www.acme.com", "https://www.acme.com"},
		{"blank in the path", CompanyURL, "https://acme.com/our great team", "https://acme.com/our%20great%20team"},
		{"another URL after it", CompanyURL, "https://acme.com/a https://acme.de/b", stays},
		{"another host after it", CompanyURL, "https://acme.com/a www.acme.de", stays},
		{"a remark after it", CompanyURL, "https://acme.com/a (main site)", stays},
		{"a list", CompanyURL, "https://acme.com/a, b", stays},
		{"zero-width space in a URL", CompanyURL, "www.\u200bacme.com", "https://www.acme.com"},
		{"a URL with a mark that belongs there", CompanyURL, "https://пример.рф/東京", stays},

		{"old name of a zone", Timezone, "US/Eastern", "America/New_York"},
		{"older name of a city", Timezone, "Asia/Calcutta", "Asia/Kolkata"},
		{"zone of Windows", Timezone, "W. Europe Standard Time", "Europe/Berlin"},
		{"a link that leads abroad", Timezone, "Iceland", "Atlantic/Reykjavik"},
		{"capitals and blanks", Timezone, "america/new york", "America/New_York"},
		{"a city alone is a guess", Timezone, "Berlin", stays},
		{"letters that mean many places", Timezone, "EST", stays},
		{"an offset", Timezone, "Etc/GMT+5", stays},

		{"dots: the day first", ExternalDateCreation, "31.12.2024", "2024-12-31 00:00:00"},
		{"dots, both below 13", ExternalDateCreation, "3.4.2024 9:05", "2024-04-03 09:05:00"},
		{"dots and blanks", ExternalDateCreation, "3. 4. 2024", "2024-04-03 00:00:00"},
		{"dots, month 31", ExternalDateCreation, "12.31.2024", stays},
		{"slashes, only one can be the day", ExternalDateCreation, "12/31/2024", "2024-12-31 00:00:00"},
		{"slashes, the day first", ExternalDateCreation, "31/12/2024 14:30", "2024-12-31 14:30:00"},
		{"slashes, both the same", ExternalDateCreation, "5/5/2024", "2024-05-05 00:00:00"},
		{"slashes, two days", ExternalDateCreation, "03/04/2024", stays},
		{"hyphens, two days", ExternalDateCreation, "03-04-2024", stays},
		{"hyphens, one day", ExternalDateCreation, "31-12-2024", "2024-12-31 00:00:00"},
		{"year first", ExternalDateCreation, "2024/12/1", "2024-12-01 00:00:00"},
		{"year first, day second", ExternalDateCreation, "2024/31/12", stays},
		{"English month", ExternalDateCreation, "31-Dec-2024", "2024-12-31 00:00:00"},
		{"American", ExternalDateCreation, "December 1st, 2024, 3:05 PM", "2024-12-01 15:05:00"},
		{"German month", ExternalDateCreation, "1. März 2024", "2024-03-01 00:00:00"},
		{"Spanish month", ExternalDateCreation, "1 de diciembre de 2024", "2024-12-01 00:00:00"},
		{"midnight and noon", ExternalDateCreation, "12/31/2024 12:00:59 am", "2024-12-31 00:00:59"},
		{"noon", ExternalDateCreation, "12/31/2024 12:00 p.m.", "2024-12-31 12:00:00"},
		{"half past 13 pm", ExternalDateCreation, "12/31/2024 13:30 PM", stays},
		{"two digits for the year", ExternalDateCreation, "31.12.24", stays},
		{"a day that does not exist", ExternalDateCreation, "29.02.2023", stays},
		{"a number of a spreadsheet", ExternalDateCreation, "45657", stays},
		{"ISO 8601 elsewhere", ExternalDateCreation, "2025-01-01T01:30:00+02:00", "2024-12-31 23:30:00"},
		{"ISO 8601 with fraction and short offset", ExternalDateCreation, "2025-01-01T01:30:00.123-0330", "2025-01-01 05:00:00"},
		{"a day in a zone, without a time", ExternalDateCreation, "2025-01-01+02:00", stays},
		{"UTC said in words", ExternalDateCreation, "2025-01-01 01:30 UTC", "2025-01-01 01:30:00"},
		{"letters of a zone", ExternalDateCreation, "2025-01-01 01:30 CET", stays},
		{"a zone beyond all", ExternalDateCreation, "2025-01-01T01:30:00+15:00", stays},
		{"a zone that is no number", ExternalDateCreation, "2025-01-01T01:30:00+0::30", stays},
		{"hour 24", ExternalDateCreation, "31.12.2024 24:00", stays},

		{"a phone with blanks and parentheses", Phone1, "+49 (0) 30 123", stays},
		{"marks of direction around a phone", Phone1, "+49\u202a 30", "+49 30"},
		{"no-break spaces in a phone", Phone1, "+49\u00a030", "+49 30"},
		{"two blanks in a name", FirstName, "Anna  Maria", "Anna Maria"},
		{"a blank in a name", FirstName, "Anna Maria", stays},
		{"a wide space", FirstName, "山田\u3000太郎", stays},
		{"soft hyphen in a name", CompanyName, "Wert\u00adpapiere AG", "Wertpapiere AG"},
		{"line break in a name", CompanyName, "Acme\nInc", stays},
		{"Persian", FirstName, "می\u200cخواهم", stays},
		{"Hindi", FirstName, "क\u094d\u200dष", stays},
		{"family of one emoji", FirstName, "👩\u200d👩\u200d👧", stays},
		{"joiner after a Latin letter", FirstName, "An\u200dna", "Anna"},
		{"word break in Khmer", FirstName, "សុខ\u200bសាន្ត", stays},
		{"mark of direction among Hebrew", CompanyName, "אבג\u200e (A)", stays},
		{"mark of direction among Latin", CompanyName, "A\u200e B", "A B"},
		{"too long before and after", FirstName, strings.Repeat("x", 201) + "  y", stays},
		{"not UTF-8", FirstName, "a  b\xff", stays},
		{"not UTF-8 in a URL", CompanyURL, "www.acme.com/\xff", stays},

		{"an apostrophe of a spreadsheet before a phone", Phone1, "'+49 171", "+49 171"},
		{"before a phone that begins with a digit", Phone2, "'0171", "0171"},
		{"two apostrophes before a phone", Phone1, "''0171", stays},
		{"before an address", Email, "'ann@acme.com", "ann@acme.com"},
		{"an apostrophe that may be the address", Email, "'@acme.com", stays},
		{"an address with an apostrophe of its own", Email, "'o'neill@acme.com", stays},
		{"an apostrophe that may be a name's", LastName, "'t Hart", stays},
		{"an apostrophe that stands for a letter", FirstName, "'Abd", stays},
		{"before a brand", CompanyName, "'47 Brand", stays},
		{"before a zone", Timezone, "'Europe/Berlin", "Europe/Berlin"},
		{"before a date", ExternalDateCreation, "'31.12.2024", "2024-12-31 00:00:00"},
		{"before a URL", CompanyURL, "'www.acme.com", "https://www.acme.com"},
		{"a formula around a phone", Phone1, `="0171123"`, "0171123"},
		{"a formula around a name with quotes", FirstName, `="Ann ""A"" Lee"`, `Ann "A" Lee`},
		{"a formula around a mistake", Email, `="mailto:ann@acme.com"`, "ann@acme.com"},
		{"a formula around an error", FirstName, `="#N/A"`, stays},
		{"a formula that joins texts", FirstName, `="Ann"&"Lee"`, stays},
		{"a formula without a text", FirstName, `=""`, stays},
		{"a bell in a name", FirstName, "An\x07na", "Anna"},
		{"a separator in a name", CompanyName, "Acme\x1dInc", "Acme Inc"},
		{"a line break of another program", CompanyName, "Acme\v Inc", "Acme Inc"},
		{"and no blank beside it", CompanyName, "Acme\vInc", "Acme Inc"},
		{"colours in a name", FirstName, "\x1b[31mAnn", stays},

		{"members with names", AssociatedMembers, "1001, <ann@acme.com>|mailto:bob@acme.com", "1001;ann@acme.com;bob@acme.com"},
		{"members, one of them nobody", AssociatedMembers, "<ann@acme.com>; Ann", stays},
		{"good members", AssociatedMembers, "1001, ann@acme.com", stays},
		{"another source", ExternalSyncSource, "Salesforce", stays},
	} {
		t.Run(tc.name, func(t *testing.T) {
			g := Guest{}
			g.Set(tc.field, tc.value)
			repairs := Fix(&g)
			want, repaired := tc.want, 1
			if tc.want == stays {
				want, repaired = tc.value, 0
			}
			if got := g.Get(tc.field); got != want || len(repairs) != repaired {
				t.Fatalf("%q became %q (%v), want %q", tc.value, got, repairs, want)
			}
			for _, r := range repairs {
				if r.Field != tc.field || r.Before != tc.value || r.After != want || r.How == "" {
					t.Errorf("the repair is %+v", r)
				}
			}
		})
	}
}

func TestFixSaysWhatItDid(t *testing.T) {
	g := Guest{
		Email: "mailto:jane@acme.com;", FirstName: "An\u200bna  Maria", CompanyURL: "www.acme.com", Timezone: "US/Eastern", ExternalDateCreation: "31.12.2024",
	}
	var got []string
	for _, r := range Fix(&g) {
		got = append(got, r.String())
	}
	want := []string{
		`fixed: email: took off mailto:, took off punctuation (was "mailto:jane@acme.com;")`,
		`fixed: first_name: took out invisible characters, made each run of blanks one blank (was "An\u200bna  Maria")`,
		`fixed: timezone: now America/New_York (was "US/Eastern")`,
		`fixed: company_url: added https:// (was "www.acme.com")`,
		`fixed: external_date_creation: now 2024-12-31 00:00:00 (was "31.12.2024")`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// What Fix would do is suggested where it is not asked for.
func TestProblemsSuggestTheRepair(t *testing.T) {
	for _, tc := range []struct{ name, value, want string }{
		{"a date with dots", "31.12.2024", "is not written like 2025-01-15 10:30:00 (did you mean 2024-12-31 00:00:00?)"},
		{"a date that may be two", "03/04/2024", "may be 3 April or 4 March (write it like 2025-01-15 10:30:00)"},
		{"no date", "soon", "is not written like 2025-01-15 10:30:00 (year-month-day hour:minute:second)"},
	} {
		problems := Validate(&Guest{Email: "ann@acme.com", ExternalDateCreation: tc.value})
		if len(problems) != 1 || problems[0].Text != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, problems, tc.want)
		}
	}
	for value, better := range map[string]string{
		"jane\u00a0@\u200bacme.com": "jane@acme.com", "mailto:jane@acme.com?subject=x": "jane@acme.com", "jane@acme.com (Jane)": "jane@acme.com",
	} {
		problems := Validate(&Guest{Email: value})
		if len(problems) != 1 || !strings.HasSuffix(problems[0].Text, "(did you mean "+better+"?)") {
			t.Errorf("%q: %q, want %s suggested", value, problems, better)
		}
	}
}

// A group of rows shares a cause, so no cause may speak of a value.
func TestCausesAreFew(t *testing.T) {
	for _, pair := range []struct {
		field    Field
		one, two string
	}{
		{CompanyURL, "www.acme.com", "acme.org/a"},
		{CompanyURL, "https://acme.com/|", "https://acme.org/^"},
		{Timezone, "Berlin", "Nowhere"},
		{ExternalDateCreation, "03/04/2024", "5/6/2024"},
		{FirstName, strings.Repeat("x", 201), strings.Repeat("y", 300)},
		{AssociatedMembers, "Ann", "Bob; 1.5"},
		{CompanyURL, "http:/acme.com", "htps://acme.org"},
		{LastName, "A\x00a", "B\x07b"},
		{Email, "ann@@acme.com", "bob@b@acme.com"},
		{Email, "ann@acme.test", "ann@acme.local"},
	} {
		good := Guest{Email: "ann@acme.com"}
		one, two := good, good
		one.Set(pair.field, pair.one)
		two.Set(pair.field, pair.two)
		if a, b := append(Validate(&one), Doubts(&one)...), append(Validate(&two), Doubts(&two)...); len(a) != 1 || len(b) != 1 || a[0].Cause != b[0].Cause || a[0].Text == b[0].Text && pair.field != Email {
			t.Errorf("%q and %q: %+v and %+v", pair.one, pair.two, a, b)
		}
	}
	causes := map[string]bool{}
	rapid.Check(t, func(t *rapid.T) {
		g := drawnGuest(t)
		for _, p := range append(Validate(&g), Doubts(&g)...) {
			causes[p.Cause] = true
			if p.Cause == "" || p.Text == "" || strings.HasSuffix(p.Hint, ")") || !strings.HasSuffix(p.Text, p.Hint) && !strings.HasSuffix(p.Text, p.Hint+")") {
				t.Errorf("the problem is %+v", p)
			}
			if p.Better != "" && !strings.HasPrefix(p.Hint, atMost) && !strings.HasPrefix(p.Hint, didYouMean+strings.TrimSuffix(clip(p.Better, 100), "…")) {
				t.Errorf("Fix makes %q of it, and suggested is: %s", p.Better, p.Text)
			}
		}
	})
	if len(causes) > 80 {
		t.Errorf("%d causes: %v", len(causes), causes)
	}
}

func TestFixDoesNoHarm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before := drawnGuest(t)
		after := before
		repairs := Fix(&after)
		wrong := map[Field]bool{}
		for _, p := range append(Validate(&before), Doubts(&before)...) {
			wrong[p.Field] = true
		}
		mended := map[Field]bool{}
		for _, r := range repairs {
			mended[r.Field] = true
			if text := onlyMeaning(r.Before); !wrong[r.Field] && onlyMeaning(r.After) != text && "'"+onlyMeaning(r.After) != text {
				t.Errorf("%s was valid as %q and became %q", r.Field, r.Before, r.After)
			}
		}
		for f := range NumFields {
			if !mended[f] && before.Get(f) != after.Get(f) {
				t.Errorf("%s became %q in silence", f, after.Get(f))
			}
		}
		for _, p := range Validate(&after) {
			if mended[p.Field] || !wrong[p.Field] {
				t.Errorf("%s is not valid after it was mended: %q became %q", p.Field, before.Get(p.Field), after.Get(p.Field))
			}
		}
		if again := Fix(&after); len(again) > 0 {
			t.Errorf("mended twice: %+v", again)
		}
	})
}

// onlyMeaning takes out of a text all that Fix may take out of a valid one.
func onlyMeaning(s string) string {
	return strings.Map(func(r rune) rune {
		if isBlank(r) || takesNoRoom(r) || r < ' ' {
			return -1
		}
		return r
	}, s)
}

// drawnGuest makes up a guest out of what stands in cells.
func drawnGuest(t *rapid.T) Guest {
	pieces := []string{
		"jane", "doe", "@", "acme.com", ".", "com", "www.", "https", "://", "/", "mailto:", "<", ">", "(", ")", "[", "]", `"`, "'", ",", ";", "?", "%20", " ", "  ",
		"\t", "\n", "\u00a0", "\u3000", "\u200b", "\u200c", "\u200d", "\u200e", "\ufeff", "\u00ad", "é", "東", "می", "क\u094d", "👩", "US/Eastern", "Berlin", "Europe/",
		"31", "12", "03", "2024", "-", ":", "T", "10:30:00", "+02:00", "Z", "PM", "Dez", "March", "salesforce", "1001", "|", "\x00", "\xff",
		"\x07", "\x1b", "\v", `="`, "#N/A", "####", "E+12", "+49", "http:/", "https//", "htp://", strings.Repeat("x", 199),
	}
	var g Guest
	for f := range NumFields {
		g.Set(f, Trim(strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 8).Draw(t, f.String()), "")))
	}
	return g
}

func TestFixOfAGoodGuestAllocatesNothing(t *testing.T) {
	g := Guest{
		Email: "ann@acme.com", FirstName: "Ann", LastName: "O'Neill Lee", CompanyName: "ACME", Phone1: "+49 (0)30 1", Timezone: "Europe/Berlin", Status: "active",
		CompanyURL: "https://acme.com", ExternalSyncSource: "salesforce", ExternalDateCreation: "2025-01-15 10:30:00",
	}
	if n := testing.AllocsPerRun(100, func() { Fix(&g); Validate(&g) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
