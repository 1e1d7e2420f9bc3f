package guest

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// repairURL mends a URL without a scheme, or with blanks that it cannot have.
func repairURL(s string) (better, how string) {
	if urlProblem(s) == nil {
		return s, ""
	}
	r := repairing{value: s}
	r.by(bare(r.value), tookInvisible)
	r.by(withoutBlanksAtScheme(r.value), "took out blanks")
	r.by(withBlanksEncoded(r.value), "wrote blanks as %20")
	if !strings.Contains(r.value, "://") {
		r.by(withScheme(r.value), "added https://")
	}
	return r.result()
}

// withScheme is a URL that only lacks its scheme, with https, or "" where that
// might be something else: a file's name, a number, a date, "n.a.".
func withScheme(s string) string {
	s = strings.TrimPrefix(s, "//")
	host, _ := cutHost(s)
	name := strings.TrimSuffix(host, ".")
	dot := strings.LastIndexByte(name, '.')
	if dot < 0 || !isURLHost(host) || !isIPv4(host) && !isLikelyTopLevel(name[dot+1:]) || urlPartsProblem("https://"+s) != nil {
		return ""
	}
	return "https://" + s
}

// isLikelyTopLevel reports whether a name that ends so is one of the Internet's:
// top levels have two letters or more, and no files are called after them.
func isLikelyTopLevel(s string) bool {
	if len(s) > len("xn--") && strings.EqualFold(s[:len("xn--")], "xn--") {
		return true
	}
	isLetter := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsMark(r) }
	return utf8.RuneCountInString(s) >= 2 && strings.TrimFunc(s, isLetter) == "" && !slices.Contains(fileEndings, strings.ToLower(s))
}

// fileEndings are no top levels.
var fileEndings = []string{
	"bmp", "csv", "doc", "docx", "gif", "htm", "html", "jpeg", "jpg", "pdf", "php", "png", "ppt", "pptx", "svg", "tif", "tiff", "txt", "webp", "xls", "xlsx",
}

// withoutBlanksAtScheme takes out the blanks beside "://".
func withoutBlanksAtScheme(s string) string {
	colon := strings.IndexByte(s, ':')
	if colon < 0 {
		return s
	}
	scheme := strings.TrimRightFunc(s[:colon], unicode.IsSpace)
	rest, found := strings.CutPrefix(strings.TrimLeftFunc(s[colon+1:], unicode.IsSpace), "//")
	if !found || !knownScheme(scheme) {
		return s
	}
	return scheme + "://" + strings.TrimLeftFunc(rest, unicode.IsSpace)
}

// withBlanksEncoded writes the blanks after the host of a URL as browsers do
// (URL Standard, path percent-encode set), unless they might end the URL: what
// follows could be another one, or a remark.
func withBlanksEncoded(s string) string {
	_, rest, found := strings.Cut(s, "://")
	_, tail := cutHost(afterUserInfo(rest))
	if !found || !strings.Contains(tail, " ") {
		return s
	}
	before, after, _ := strings.Cut(tail, " ")
	if strings.ContainsAny(before[max(0, len(before)-1):], ".,;:-|") || strings.ContainsAny(after, "(),;:@|<>\"") || strings.Contains(after, "www.") ||
		strings.Contains(after, "/") && strings.Contains(after, ".") {
		return s
	}
	return strings.ReplaceAll(s, " ", "%20")
}
