package charset

import (
	"cmp"
	"slices"
	"strings"

	"github.com/wlynxg/chardet"
)

const (
	// enough is the share of words that must look written in windows-1252 for no
	// other script to be thought of: most files are in it.
	enough = 0.75

	// foreign is the share that another charset must reach. It is told by
	// nearly all words or not at all.
	foreign = 0.95

	// half and mixed are the shares of words in UTF-8 from which on a text is
	// UTF-8 that is damaged, or mixed with another charset: the first whatever
	// else fits, the second where nothing does. Chance does not make that many.
	half  = 0.5
	mixed = 0.1

	// doubt is how much more the reading that comes next may cost, if it is worth a
	// look.
	doubt = 6

	// several words that do not look written are no coincidence.
	several = 8
)

// guess returns the charset in which the bytes that were seen make most sense,
// and which may be meant instead. An error that is ErrNotText says
// that they make sense in none.
func (s *survey) guess() (Found, error) {
	latin := s.readings()
	var written, fitting []Charset // some words of the file may not be known to those that are only written
	for _, c := range s.likely() {
		if s.words(c).share() >= foreign {
			written = append(written, c)
			if s.defined(c) {
				fitting = append(fitting, c)
			}
		}
	}
	// Hints decide between scripts. Within one, words and signs do.
	slices.SortStableFunc(fitting, func(a, b Charset) int {
		if !isGreek(a) || !isGreek(b) {
			return 0
		}
		ours, theirs := s.words(a), s.words(b)
		return cmp.Or(cmp.Compare(theirs.share(), ours.share()), cmp.Compare(ours.signs, theirs.signs))
	})
	western := named("windows-1252")[0]
	best := Found{Charset: latin[0].Charset, Why: Default}
	switch {
	case s.words(western).share() < enough && len(fitting) > 0 && !isLatin(fitting[0]):
		best = Found{Charset: fitting[0], Why: Guessed}
	case latin[0].share() >= enough:
		best.Why = Guessed
	case s.defined(western) && latin[0].all < several: // as for a cell or two with odd signs
	case len(written) > 0:
		return Found{}, unclearError{written[0].Name()}
	case s.words(western).share() >= enough:
		return Found{}, unclearError{western.Name()}
	case latin[0].share() < half:
		return Found{}, ErrNotText
	}
	return s.suggest(best, latin, slices.Concat(fitting, written)), nil
}

// suggest adds to what was found which charset may be meant instead, and cells
// that show it. Of those of Latin letters, it is one in which the words look
// written too.
func (s *survey) suggest(best Found, latin []reading, others []Charset) Found {
	var alike, near []Charset
	for _, r := range latin {
		if r.share() < foreign {
			continue
		}
		alike = append(alike, r.Charset)
		if isLatin(best.Charset) && r.cost <= latin[0].cost+doubt {
			near = append(near, r.Charset)
		}
	}
	for _, c := range slices.Concat(alike, others, named("windows-1252", "windows-1250", "macintosh")) {
		if c == best.Charset || !s.differ(c, best.Charset) {
			continue
		}
		best.Instead = c.Name()
		best.Samples, best.Others = s.samples(best.Charset, c)
		if !slices.Contains(near, c) {
			best.Others = nil
		}
		return best
	}
	best.Samples, _ = s.samples(best.Charset, best.Charset)
	return best
}

// isGreek tells the charsets apart that share the Greek script, so that words and
// letters are comparable.
func isGreek(c Charset) bool { return c.name == "windows-1253" || c.name == "iso-8859-7" }

// likely returns charsets that a text may be in, likely ones first: those that
// the statistics of languages speak for, then those that these do not know or
// are weak in.
func (s *survey) likely() []Charset {
	var all []Charset
	add := func(names ...string) {
		for _, c := range named(names...) {
			if !slices.Contains(all, c) {
				all = append(all, c)
			}
		}
	}
	for _, hint := range chardet.DetectAll([]byte(strings.Join(s.cells, "\n"))) {
		add(labels(hint.Charset)...)
	}
	for _, latin := range latinCharsets() {
		add(latin.name)
	}
	add("windows-1256", "windows-1255")
	add(multibyteNames()...)
	return all
}

// labels returns the charsets that chardet may mean by a name: it does not tell
// those of Windows from their elder sisters, and has names of its own.
func labels(hint string) []string {
	switch hint = strings.ToLower(hint); hint {
	case "gb2312", "hz-gb-2312":
		return []string{"gb18030"}
	case "cp949", "johab", "ks_c_5601-1987":
		return []string{"euc-kr"}
	case "cp932":
		return []string{"shift_jis"}
	case "iso-8859-7", "windows-1253":
		return []string{"windows-1253", "iso-8859-7"}
	case "iso-8859-1", "iso-8859-9", "iso-8859-15", "windows-1252", "windows-1254", "iso-8859-2", "windows-1250", "windows-1257", "ibm850", "ibm852", "macintosh":
		return nil // they differ in few letters, and its word for one says nothing
	}
	return []string{hint}
}

func named(names ...string) (all []Charset) {
	for _, name := range names {
		if c, err := Named(name); err == nil && c.enc != nil {
			all = append(all, c)
		}
	}
	return all
}

// defined tells whether everything that was seen means something in c.
func (s *survey) defined(c Charset) bool {
	for _, m := range s.multi {
		if m.Charset == c {
			return m.fits
		}
	}
	for b, seen := range s.high {
		if seen && meaningless([]byte(c.text(string([]byte{byte(b)})))) {
			return false
		}
	}
	return true
}

// words counts the words of the sample as they are in c.
func (s *survey) words(c Charset) words {
	var w words
	for _, cell := range s.cells {
		w.count(c.text(cell))
	}
	return w
}

// differ tells whether the sample is not the same in two charsets.
func (s *survey) differ(a, b Charset) bool {
	return slices.ContainsFunc(s.cells, func(cell string) bool { return a.text(cell) != b.text(cell) })
}

// text decodes a cell.
func (c Charset) text(cell string) string {
	if c.enc == nil {
		return cell
	}
	text, err := c.enc.NewDecoder().String(cell)
	if err != nil {
		return cell
	}
	return text
}
