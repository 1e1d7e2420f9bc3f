package charset

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The cost of a reading is how much it would surprise who knows the languages, in
// bits, roughly: a reading that costs one less is twice as likely.
const (
	letterCost  = 2  // of the commonest letters of a language; of others up to twice that
	oddCost     = 7  // of a letter that the language does not have, or not in that place
	wrongCost   = 10 // of what nobody writes: a letter of no language, a sign in a word
	signCost    = 2  // of a sign that people do write, such as a dash
	foreignCost = 4  // of a word in another language than most
)

// region is where in Europe people have a charset to themselves.
type region int

const (
	western region = iota
	central
	turkish
	baltic
)

// latinCharset is one of Latin letters, which are told apart by what a text
// would be in them.
type latinCharset struct {
	name   string
	region region
	cost   int // of files being seldom in it
}

func latinCharsets() []latinCharset {
	return []latinCharset{
		{"windows-1252", western, 0},
		{"windows-1250", central, 4},
		{"windows-1254", turkish, 4},
		{"windows-1257", baltic, 4},
		{"macintosh", western, 6},
		{"ibm850", western, 6},
		{"iso-8859-2", central, 6},
		{"iso-8859-15", western, 7},
		{"ibm852", central, 6},
	}
}

func isLatin(c Charset) bool {
	return slices.ContainsFunc(latinCharsets(), func(l latinCharset) bool { return l.name == c.name })
}

// language is one that is written in Latin letters.
type language struct {
	name     string
	region   region
	letters  string // those that are not ASCII, the commonest in names first
	anywhere string // those that stand where other languages do not have them
}

func languages() []language {
	return []language{
		{"German", western, "öüäß", ""},
		{"French", western, "éèëïôçêîâàùûœÿ", ""},
		{"Spanish", western, "áíóéñúüç", ""},
		{"Italian", western, "àòèìùéó", ""},
		{"Dutch", western, "ëéïöüèçó", ""},
		{"Portuguese", western, "ãçáéíóêúâôõà", ""},
		{"Swedish and Finnish", western, "äöåéü", ""},
		{"Danish and Norwegian", western, "øåæéöäü", ""},
		{"Icelandic", western, "íóðöáúþýæé", ""},
		{"Albanian", western, "ëç", ""},
		{"Estonian", baltic, "äõüöšž", "õ"},
		{"Polish", central, "łśńóęążźć", ""},
		{"Czech", central, "áščíéřžýěůúňťďó", ""},
		{"Slovak", central, "ášíčéžýľúťňďóôäŕĺ", ""},
		{"Hungarian", central, "áéóőöíüűú", ""},
		{"Romanian", central, "ăţâşîțș", ""},
		{"Croatian, Serbian, Slovenian", central, "ćšžčđ", ""},
		{"Turkish", turkish, "üışçğöâî", ""},
		{"Lithuanian", baltic, "ėšūžčąęįų", ""},
		{"Latvian", baltic, "īāšņēūķžļģč", ""},
	}
}

// reading is what the words of a text would be in a charset of Latin letters.
type reading struct {
	Charset
	words
	cost int
}

// readings returns the readings of the sample in which everything that was seen
// means something, the likeliest first.
func (s *survey) readings() []reading {
	costs := newLetterCosts()
	var all []reading
	for _, latin := range latinCharsets() {
		c, err := Named(latin.name)
		if err != nil || !s.defined(c) {
			continue
		}
		t := text{languages: languages(), costs: costs}
		t.by = make([]int, len(t.languages))
		for _, cell := range s.cells {
			t.add(c.text(cell))
		}
		all = append(all, reading{c, s.words(c), latin.cost + t.cost(latin.region)})
	}
	slices.SortStableFunc(all, func(a, b reading) int { return cmp.Compare(a.cost, b.cost) })
	return all
}

// letterCosts has the cost of each letter in each language.
type letterCosts map[rune][]int

func newLetterCosts() letterCosts {
	all := letterCosts{}
	for i, language := range languages() {
		for rank, r := range []rune(language.letters) {
			if all[r] == nil {
				all[r] = slices.Repeat([]int{oddCost}, len(languages()))
			}
			all[r][i] = min(letterCost+rank/4, 2*letterCost)
		}
	}
	return all
}

// text sums up what the words of a text cost.
type text struct {
	languages []language
	costs     letterCosts
	any       int   // in whatever language
	by        []int // besides, if that language is the one of most words
}

// cost returns what the text costs in a charset of a region.
func (t *text) cost(r region) int {
	least := math.MaxInt
	for i, cost := range t.by {
		if t.languages[i].region != r {
			cost += wrongCost
		}
		least = min(least, cost)
	}
	return t.any + least
}

// add adds the words of a cell.
func (t *text) add(cell string) {
	for word := range strings.FieldsFuncSeq(cell, parts) {
		if !asciiOnly(word) {
			t.addWord([]rune(word))
		}
	}
	// A space that does not break stands before a colon and the like; in "M rquez"
	// and "Kalov·" such bytes are letters in another charset.
	before := rune(0)
	for i, r := range cell {
		if r == '\u00a0' || r == '·' {
			next, _ := utf8.DecodeRuneInString(cell[i+utf8.RuneLen(r):])
			t.any += signCost
			if before == 0 || unicode.IsLetter(before) && (unicode.IsLower(next) || r == '·' && next == utf8.RuneError) {
				t.any += oddCost
			}
		}
		before = r
	}
}

func (t *text) addWord(word []rune) {
	lower := make([]rune, len(word))
	letters, plain := 0, 0 // plain ones are ASCII
	for i, r := range word {
		lower[i] = unicode.ToLower(r)
		if r == 'İ' {
			lower[i] = 'ı'
		}
		if unicode.IsLetter(r) {
			letters++
			if r < utf8.RuneSelf {
				plain++
			}
		}
	}
	if letters > 0 && !looksWritten(word) {
		t.any += wrongCost
	}
	in := make([]int, len(t.by))
	for i, r := range lower {
		switch costs := t.costs[r]; {
		case r < utf8.RuneSelf:
		case costs != nil:
			odd := plain > 0 && misplaced(lower, i)
			for k := range in {
				in[k] += costs[k]
				if odd && (i == len(word)-1 || !strings.ContainsRune(t.languages[k].anywhere, r)) {
					in[k] += oddCost
				}
			}
			if i == 0 && unicode.IsLower(word[0]) {
				t.any++ // names do not begin so
			}
			switch {
			case letters == 1: // as in "5Ä", which is "5€" in another charset
				t.any += signCost + 1
			case unicode.IsLower(word[i]) && i+1 < len(word) && unicode.IsUpper(word[i+1]): // "OíNeill" is "O’Neill"
				t.any += oddCost
			}
		case strings.ContainsRune("©®º°§½²", r) && i+1 < len(word) && unicode.IsLower(word[i+1]): // "©afaøík", "ºuvre"
			t.any += wrongCost
		case r == '‘' && i > 0 && i+1 < len(word) && unicode.IsLower(word[i+1]): // "L‘rke"
			t.any += oddCost
		case r == '’':
			t.any++
		case strings.ContainsRune("‘“”„–—…€™®©°ºª«»§•²½¿¡±", r):
			t.any += signCost
		default:
			t.any += wrongCost
		}
	}
	best := slices.Min(in) + foreignCost
	for k := range in {
		t.by[k] += min(in[k], best)
	}
}

const vowels = "aeiouyàáâãäåæèéêëìíîïòóôõöøùúûüýāăąēėęěīįıōőœūůűų"

// misplaced tells whether a letter stands where no language has it that is
// likely to be written so. Such letters tell that a byte is another letter in
// another charset, mostly a consonant for a vowel.
func misplaced(word []rune, i int) bool {
	at := func(i int) rune {
		if i < 0 || i >= len(word) || !unicode.IsLetter(word[i]) {
			return 0
		}
		return word[i]
	}
	before, after := at(i-1), at(i+1)
	vowel := func(r rune) bool { return strings.ContainsRune(vowels, r) }
	switch word[i] {
	case 'ð': // "Guðrún", "Sigurðar", not "Gontðarov" or "Ðarûnas"
		return before == 0 || !vowel(before) && !strings.ContainsRune("bfglr", before)
	case 'ñ': // "Peña", not "Kamiñski"
		return after != 0 && !vowel(after)
	case 'ã', 'õ': // "João", "Simões", "Cauã", not "Mãdãlina" or "Erdõs"
		return !strings.ContainsRune("oe", after) && (after != 0 || !vowel(before))
	case 'ă': // not "Joăo"
		return after == 'o' || after == 'e'
	case 'ê': // "Têtu", not "Kêdziora" or "Wêgrzyn"
		return after != 0 && strings.ContainsRune("bdgk", after)
	case 'è': // "Hélène", "Ève", "Mosè", not "Kuèera", "Studnièka", "Èerný" or "Koviè"
		return vowel(after) || after == 'k' || before == 0 && after != 'v' || after == 0 && (before == 'i' || before == 'a')
	case 'ì', 'ò', 'ù': // "Nicolò", not "Nìmec"
		return after != 0
	case 'ï': // "Anaïs"
		return !vowel(before)
	case 'ë': // "Noël" and, in Albanian, "Gëzim", not "Ramunë"
		return after == 0 && !vowel(before)
	case 'æ': // "Kjær", not "Petroviæ"
		return vowel(before) || vowel(after) || before != 0 && after == 0
	case 'ø': // "Bjørn", not "Dvoøák" or "Pøíhoda"
		return vowel(before) || strings.ContainsRune("áéíý", after)
	case 'û': // "Brûlé", not "Szûcs" or "Fûz"
		return after == 0 || strings.ContainsRune("cdjksvz", after)
	case 'ę': // "Dębski", not "Petrovię"
		return after == 0
	case 'ė': // "Eglė", not "Daniėl"
		return vowel(before)
	case 'œ': // "Cœur", not "Wiœniewski"
		return after != 'u'
	case 'š', 'ž', 'ż': // "Kršić", not "Jšrg" or "Sżren"
		return before != 0 && after != 0 && !vowel(before) && !vowel(after) && before != 'r' && before != 'l'
	case 'ý': // "Nový", not "Ýbrahim"
		return before == 0
	case 'þ': // "Þór" and "Arnþór", not "Ayþe"
		return before != 0 && !strings.ContainsRune("óoúur", after)
	}
	return false
}
