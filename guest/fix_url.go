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
	mended, _ := withSchemeMended(r.value)
	r.by(mended, "mended the scheme")
	r.by(withBlanksEncoded(r.value), "wrote blanks as %20")
	if !strings.Contains(r.value, "://") {
		r.by(withScheme(r.value), "added https://")
	}
	return r.result()
}

// withScheme is a URL that only lacks its scheme, with https, or "" where that
// might be something else: a file's name, a number, a date, "n.a.", "Smith.Jones".
func withScheme(s string) string {
	s = strings.TrimPrefix(s, "//")
	host, _ := cutHost(s)
	name := strings.TrimSuffix(host, ".")
	if !isURLHost(host) || !isIPv4(host) && !isLikelyName(name) || urlPartsProblem("https://"+s) != nil {
		return ""
	}
	return "https://" + s
}

// isLikelyName reports whether a text is a name of the Internet's: it ends in a
// country's top level or a common one, or it begins with www. and what it ends in
// may be one, which has two letters or more, and no files are called after it.
func isLikelyName(name string) bool {
	name = strings.ToLower(name)
	dot := strings.LastIndexByte(name, '.')
	if dot < 0 {
		return false
	}
	top := name[dot+1:]
	if commonTopLevels[top] || len(top) > len(acePrefix) && strings.HasPrefix(top, acePrefix) {
		return true
	}
	isLetter := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsMark(r) }
	if utf8.RuneCountInString(top) < 2 || strings.TrimFunc(top, isLetter) != "" || slices.Contains(fileEndings, top) {
		return false
	}
	return countryTopLevels[top] || !isASCII(top) || strings.HasPrefix(name, "www.")
}

// countryTopLevels are those of countries (ISO 3166-1, by way of the tz database's iso3166.tab, 2025b), with uk and eu.
var countryTopLevels = setOf(`
ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bw by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu
cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo fr ga gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu
id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp
mq mr ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw sa sb sc sd se
sg sh si sk sl sm sn so sr ss st sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt
za zm zw
`)

// commonTopLevels are of those with more than two letters the ones that people
// meet, but for those that are likelier to be a word after a full stop.
var commonTopLevels = setOf(`
academy aero agency asia bank bayern berlin biz blog bzh capital cat cloud club coach com company consulting coop dev digital edu email energy eus
finance frl fund gal global gmbh gov group guru hamburg immo inc info int international io jobs koeln cologne legal llc london ltd media mil mobi
museum name net network nrw nyc online org paris pro ruhr saarland scot sarl shop site software solutions store studio swiss systems taxi team tech
tel tirol tokyo travel ventures wien wiki xyz app
`)

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

// withSchemeMended is a URL whose scheme was to be http or https and is not
// written so, as in "https//acme.com", "http:/acme.com" or "htp://acme.com", with
// its scheme as it was meant; better is "" where that is no URL either.
func withSchemeMended(s string) (better string, mistyped bool) {
	word := s[:len(s)-len(strings.TrimLeft(s, "htpsHTPS"))]
	rest := strings.TrimLeft(s[len(word):], `:;./\`)
	signs := s[len(word) : len(s)-len(rest)]
	switch scheme := strings.ToLower(word); {
	case scheme == "http", scheme == "https":
		if !slices.Contains(mistypedSigns, signs) {
			return "", false
		}
	case slices.Contains(mistypedSchemes, scheme):
		if signs != "://" && !slices.Contains(mistypedSigns, signs) {
			return "", false
		}
	default:
		return "", false
	}
	better = "http://"
	if strings.ContainsAny(word, "sS") {
		better = "https://"
	}
	if better += rest; urlPartsProblem(better) != nil {
		return "", true
	}
	return better, true
}

// mistypedSigns stand where "://" was meant.
var mistypedSigns = []string{":", ":/", "//", ":///", ":////", "/:/", "/://", ";/", ";//", ".//", "::/", "::", ":\\", `:\\`, ":.//", ":/."}

// mistypedSchemes stand where http or https was meant.
var mistypedSchemes = []string{"htp", "htps", "ttp", "ttps", "tp", "tps", "hhtp", "hhtps", "htpp", "htpps", "htttp", "htttps", "hpps", "hptt", "hptts", "httpp", "httpps", "httpss", "htts", "htpt", "thtp", "thtps"}
