package guest

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestEmailTaken(t *testing.T) {
	for _, test := range []struct{ name, in string }{
		{"plain", "jane.doe@example.com"},
		{"capitals, digits, plus", "Jane.Doe+2@Example.CO.UK"},
		{"every atom character", "!#$%&'*+-/=?^_`{|}~@example.com"},
		{"hyphens at both ends before the @", "-jane-@example.com"},
		{"two colons in a row", "jane::doe@example.com"},
		{"letters of any script", "инфо@письмо.рф"},
		{"number, punctuation and accents of their own", "jane²–’e\u0301@example.com"},
		{"no-break space is part of a word", "ja\u00A0ne@example.com"},
		{"quoted string", `"jane @ <doe>; \" ..x"@example.com`},
		{"empty quoted string", `""@example.com`},
		{"tab or NUL right after the opening quote", "\"\tjane\"@example.com"},
		{"tab after a backslash in quotes", "\"jane\\\tdoe\"@example.com"},
		{"quote after what is no word", `+"jane"@example.com`},
		{"NUL outside quotes", "ja\x00ne@example.com"},
		{"space right before the @", "jane @example.com"},
		{"space before what is no word", "jane +x@example.com"},
		{"space before IPv6, which is no word", "jane IPv6@example.com"},
		{"escaped space", `jane\ doe@example.com`},
		{"backslashes before the @", `jane\\@example.com`},
		{"comment before the @", "jane(comment)@example.com"},
		{"comment in a comment", "jane(a(b)c)@example.com"},
		{"anything around a comment", "(a)jane<,>(b)@example.com"},
		{"parentheses that come out even", "jane(a)b)c(@example.com"},
		{"IPv6 before the @", "IPv6@example.com"},
		{"IPv6 within a word of the domain", "jane@myIPv6.com"},
		{"hyphen alone in third place", "jane@c--n.com"},
		{"first label of 63", "jane@" + strings.Repeat("a", 63) + ".com"},
		{"later label of 62", "jane@a." + strings.Repeat("a", 62) + ".com"},
		{"label of 63 in its ASCII form", "jane@" + strings.Repeat("ü", 57) + ".com"},
		{"domain of 253", "jane@" + strings.Repeat("a.", 126) + "c"},
		{"domain of 253 in its ASCII form", "jane@" + strings.Repeat("é.", 28) + strings.Repeat("a.", 14) + "c"},
		{"local part of any length", strings.Repeat("a", 300) + "@example.com"},
		{"ligature and full width in the domain", "jane@ﬁｓｈ.com"},
		{"accents of their own in the domain", "jane@exa\u0301mple.com"},
		{"ideographic full stop besides a dot", "jane@a。b.com"},
		{"punctuation in the domain", "jane@example.com»"},
		{"ASCII form in the domain", "jane@xn--mnchen-3ya.de"},
		{"ASCII form that holds a sharp s", "jane@XN--STRAE-OQA.de"},
		{"ASCII form that holds a symbol", "jane@xn--ls8h.la"},
		{"ASCII form in Cherokee", "jane@xn--f9dt7l.com"},
		{"reserved top level in capitals", "jane@acme.LOCAL"},
		{"top level with a digit", "jane@example.c0m"},
	} {
		if problem := emailProblem(test.in).String(); problem != "" {
			t.Errorf("%s: %q %s", test.name, test.in, problem)
		}
	}
}

func TestEmailRefused(t *testing.T) {
	for _, test := range []struct{ name, in, want string }{
		{"no @", "jane.example.com", "has no @ (an address looks like jane@example.com)"},
		{"nothing before the @", "@example.com", "has nothing before the @"},
		{"nothing after the @", "jane@", "has nothing after the @"},
		{"two @", "jane@doe@example.com", "has a second @ (a row takes one address)"},
		{"line break", "jane\n@example.com", "has a line break inside"},
		{"control character", "jane\x07@example.com", `has a character that no email address may have: "\a"`},
		{"symbol", "jane€@example.com", `has a character that no email address may have: "€"`},
		{"invisible character", "ja\u200Bne@example.com", `has a character that no email address may have: "\u200b"`},
		{"unassigned character", "ja\u0378ne@example.com", "has a character that no email address may have"},
		{"letter newer than the server's tables", "ja\U00031350ne@example.com", "has a character that no email address may have"},
		{"dot at the start", ".jane@example.com", "begins with a dot"},
		{"dot at the end", "jane.@example.com", "has a dot before the @"},
		{"two dots", "jane..doe@example.com", "has two dots in a row"},
		{"name and address", "Jane Doe <jane@example.com>", "has a space before the @ (did you mean jane@example.com?)"},
		{"quoted name and address", `"Doe, Jane" <jane@example.com>`, "goes on after a closing quote where the @ must stand (did you mean jane@example.com?)"},
		{"angle brackets", "<jane@example.com>", `has "<" before the @ (did you mean jane@example.com?)`},
		{"link", "mailto:jane@example.com", `has ":" before the @ (did you mean jane@example.com?)`},
		{"semicolon at the end", "jane@example.com;", `has ";" after the @ (did you mean jane@example.com?)`},
		{"two addresses", "jane@example.com;john@example.com", `has ";" after the @ (a row takes one address)`},
		{"two spaces", "jane  doe@example.com", "has a space before the @"},
		{"tab between words", "jane\tdoe@example.com", "has a space before the @"},
		{"backslash before a word", `jane\doe@example.com`, "has a backslash before the @"},
		{"quote in a word", `jane"doe"@example.com`, "has a quote in the middle of a word"},
		{"word after quotes", `"jane".doe@example.com`, "goes on after a closing quote"},
		{"quote never closed", `"jane@example.com`, "has a quote that is never closed"},
		{"quote closed by an escaped quote only", `"jane\"@example.com`, "has a quote that is never closed"},
		{"even number of backslashes escapes all the same", `"jane\\"@example.com`, "has a quote that is never closed"},
		{"tab between quotes", "\"jane\tdoe\"@example.com", "has a control character between quotes"},
		{"NUL after quotes", "\"jane\"\x00@example.com", "goes on after a closing quote"},
		{"@ between quotes only", `"jane@example.com"`, "goes on after a closing quote where the @ must stand (did you mean jane@example.com?)"},
		{"comment never closed", "jane(@example.com", "has a parenthesis without its counterpart"},
		{"comment never opened", "jane)@example.com", "has a closing parenthesis that was never opened"},
		{"@ in a comment", "jane(a@b)@example.com", "has a parenthesis without its counterpart"},
		{"comment closed behind the @", "(jane@example.com)", "has a parenthesis without its counterpart (did you mean jane@example.com?)"},
		{"nothing after a comment", `("jane@")`, "has a parenthesis without its counterpart"},
		{"dot after a comment", "jane(a).@example.com", "has a dot before the @"},
		{"bracket after a comment", "jane(a)>@example.com", `has ">" before the @`},

		{"dot right after the @", "jane@.com", "has a dot at the start or end of its domain"},
		{"dot at the very end", "jane@example.com.", "has a dot at the start or end of its domain (did you mean jane@example.com?)"},
		{"two dots in the domain", "jane@example..com", "has two dots in a row"},
		{"hyphen right after the @", "jane@-example.com", "has a hyphen at the start or end"},
		{"hyphen before a dot", "jane@example-.com", "has a hyphen at the start or end"},
		{"hyphen after a dot", "jane@example.-com", "has a hyphen at the start or end"},
		{"hyphen at the very end", "jane@example.com-", "has a hyphen at the start or end"},
		{"underscore in the domain", "jane@my_example.com", `has "_" after the @`},
		{"inverted mark in the domain", "jane@exam¡ple.com", `has "¡" after the @`},
		{"slash after the domain", "jane@example.com/", `has "/" after the @`},
		{"space after the @", "jane@ example.com", "has a space after the @"},
		{"comment after the @", "jane@(home)example.com", `has "(" after the @`},
		{"IPv6 as a part of the domain", "jane@IPv6.com", `has "IPv6" after the @`},
		{"IPv6 between digits", "jane@1IPv66.com", `has "IPv6" after the @`},
		{"address literal", "jane@[127.0.0.1]", "has an address in brackets after the @"},
		{"no dot", "jane@localhost", "has no dot after the @"},
		{"full-width dot alone", "jane@example．com", "has no dot after the @"},
		{"dot and nothing visible", "jane@example.\uFE0F", "has no dot after the @"},
		{"reserved top level", "jane@acme.local", "ends in .local, which never receives mail from outside"},
		{"number for a top level", "jane@example.123", `has a domain that ends in a number ("123")`},
		{"full-width number for a top level", "jane@example.１", `has a domain that ends in a number ("1")`},
		{"first label of 64", "jane@" + strings.Repeat("a", 64) + ".com", "has 64 characters between two dots"},
		{"later label of 63", "jane@a." + strings.Repeat("a", 63) + ".com", "has 63 characters between two dots"},
		{"label of 64 in its ASCII form", "jane@" + strings.Repeat("ü", 58) + ".com", "has a domain that no DNS can hold"},
		{"domain of 254", "jane@" + strings.Repeat("a.", 126) + "co", "has a domain of 254 bytes (at most 253 are taken)"},
		{"domain of 254 in its ASCII form", "jane@" + strings.Repeat("é.", 28) + strings.Repeat("a.", 14) + "co", "has a domain of 254 bytes in DNS (at most 253 fit)"},
		{"hyphens in third and fourth place", "jane@ex--ample.com", "has a domain that no DNS can hold"},
		{"ASCII form of a control character", "jane@xn--a.com", "has a domain that no DNS can hold"},
		{"ASCII form with a surrogate", "jane@xn--a-rc4g.com", "has a domain that no DNS can hold"},
		{"ASCII form that is cut", "jane@xn--mnchen-3.de", "has a domain that no DNS can hold"},
		{"ASCII form of capitals", "jane@xn--mnchen-psa.de", "has a domain that no DNS can hold"},
		{"ASCII form in other letters", "jane@xn--münchen.de", "has a domain that no DNS can hold"},
		{"mark at the start of a label", "jane@\u0301example.com", "has a domain that no DNS can hold"},
		{"space that is no ASCII in the domain", "jane@exam\u00A0ple.com", "has a domain that no DNS can hold"},
		{"filler in the domain", "jane@exam\u3164ple.com", "has a domain that no DNS can hold"},
		{"number with a dot in the domain", "jane@exam⒈ple.com", "has a domain that no DNS can hold"},
		{"not UTF-8", "jane\xE9@example.com", notUTF8},
	} {
		got := emailProblem(test.in).String()
		if got == "" || !strings.HasPrefix(got, test.want) {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func TestEmailSuggestsNobodyElse(t *testing.T) {
	for _, in := range []string{
		"ja]ne@example.com", "jane;doe@example.com", "jane doe@example.com", "jane,doe@example.com", "jane@exam ple.com",
		"Jane <jane@example.com>, John <john@example.com>", "jane@example.com <john@example.com>",
	} {
		if problem := emailProblem(in).String(); problem == "" || strings.Contains(problem, "did you mean") {
			t.Errorf("%q: %q", in, problem)
		}
	}
}

// What stands before the @ is taken or refused whatever the domain.
func TestEmailLocalPartAndDomainAreApart(t *testing.T) {
	pieces := []string{
		"jane", "1", ".", "-", "+", "\\", "\"", " ", "\t", "\x00", "(", ")", "<", ",", ":", "IPv6", "é", "¡", "€", "_", "\u3000",
	}
	piece := rapid.SampledFrom(pieces)
	rapid.Check(t, func(t *rapid.T) {
		local := strings.Join(rapid.SliceOfN(piece, 1, 6).Draw(t, "local"), "")
		first, second := emailProblem(local+"@example.com").String(), emailProblem(local+"@xn--p1ai.пример.org").String()
		if (first == "") != (second == "") {
			t.Errorf("%q: %q, but %q with another domain", local, first, second)
		}
	})
}

func FuzzEmail(f *testing.F) {
	for _, s := range []string{
		"jane@example.com", `"a\"b"@x.org`, "a(b(c))@d.e", "jane@münchen.de", "a@xn--p1ai.com", "a@[::1]", "\xFF@a.b", "jane @b.c",
		"a@\U00020000\uFDFA.рф", "a@xn--99999999.com", "Jane <jane@x.org>",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		problem := emailProblem(s).String()
		if !utf8.ValidString(s) {
			if problem != notUTF8 {
				t.Errorf("%q: %q", s, problem)
			}
			return
		}
		if problem == "" {
			at := strings.LastIndexByte(s, '@')
			if at < 1 || !strings.Contains(s[at+1:], ".") || strings.ContainsAny(s, "\r\n") {
				t.Errorf("%q is taken", s)
			}
		}
		if better := addressWithin(s); better != "" && emailProblem(better).String() != "" {
			t.Errorf("%q suggested for %q", better, s)
		}
	})
}

func TestEmailOfGoodValueAllocatesNothing(t *testing.T) {
	for _, s := range []string{"jane.doe@example.com", `"Jane Doe"@example.com`, "jané@example.com"} {
		if n := testing.AllocsPerRun(100, func() { emailProblem(s) }); n != 0 {
			t.Errorf("%s: %v allocations", s, n)
		}
	}
}

func BenchmarkEmail(b *testing.B) {
	for _, s := range []string{"jane.doe@example.com", "jane@münchen.de"} {
		b.Run(s, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				emailProblem(s)
			}
		})
	}
}

// An address of the usual form takes a shorter way, which must lead to the same
// place.
func TestEmailOfUsualFormPassesInFull(t *testing.T) {
	words := rapid.SampledFrom([]string{"a", strings.Repeat("n", 63), "7", "IPv6", "B", "xn", "local", "z9", "é", ""})
	between := rapid.SampledFrom([]string{".", "-", "_", "+", "--", " "})
	part := rapid.Custom(func(t *rapid.T) string {
		s := words.Draw(t, "word")
		for range rapid.IntRange(0, 3).Draw(t, "more") {
			s += between.Draw(t, "between") + words.Draw(t, "word")
		}
		return s
	})
	rapid.Check(t, func(t *rapid.T) {
		address := part.Draw(t, "local") + "@a.com"
		if rapid.Bool().Draw(t, "domain") {
			address = "a@" + part.Draw(t, "domain") + rapid.SampledFrom([]string{".com", ".7", ".local", ".", ""}).Draw(t, "end")
		}
		if problem := addressProblemInFull(address).String(); problem != "" && isUsualAddress(address) {
			t.Fatalf("%q %s", address, problem)
		}
	})
	for _, address := range []string{"jane.doe@example.com", "Jane.Doe+2@mail-2.example.co.uk"} {
		if !isUsualAddress(address) {
			t.Errorf("%s takes the longer way", address)
		}
	}
}
