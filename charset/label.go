package charset

import "strings"

// suggestion names the charsets whose names are like a label, and some that are
// common.
func suggestion(plain string) string {
	const common = "common ones are utf-8, utf-16, windows-1252 (Western Europe), windows-1250 (Central Europe), windows-1251 (Cyrillic), macintosh, shift_jis, gb18030"
	var like, near []string
	for _, name := range names() {
		if number := digits(plain); number != "" && number == digits(name) {
			like = append(like, name)
		}
		if edits(plain, name) <= 2 {
			near = append(near, name)
		}
	}
	switch {
	case plain == "ansi": // as Windows calls it
		like = []string{"windows-1252"}
	case len(like) == 0:
		like = near
	}
	if len(like) == 0 {
		return ": " + common
	}
	return ": did you mean " + strings.Join(like[:min(3, len(like))], " or ") + "? (" + common + ")"
}

// names returns the names of all charsets that can be read.
func names() []string {
	return []string{
		"utf-8", "utf-16le", "utf-16be",
		"windows-1250", "windows-1251", "windows-1252", "windows-1253", "windows-1254", "windows-1255", "windows-1256",
		"windows-1257", "windows-1258", "windows-874", "macintosh", "x-mac-cyrillic", "ibm437", "ibm850", "ibm852", "ibm866",
		"iso-8859-2", "iso-8859-3", "iso-8859-4", "iso-8859-5", "iso-8859-6", "iso-8859-7", "iso-8859-8", "iso-8859-8-i",
		"iso-8859-10", "iso-8859-13", "iso-8859-14", "iso-8859-15", "iso-8859-16", "koi8-r", "koi8-u",
		"gbk", "gb18030", "big5", "euc-jp", "iso-2022-jp", "shift_jis", "euc-kr",
	}
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// edits counts the insertions, deletions and replacements that turn a into b
// (the Levenshtein distance).
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
