package cli

import (
	"io"
	"os"
	"regexp"
	"strings"

	"github.com/rivo/uniseg"
	"golang.org/x/term"
)

// colour is how a piece of text stands out on a terminal.
type colour string

const (
	bold   colour = "1"
	dim    colour = "2"
	red    colour = "31"
	green  colour = "32"
	yellow colour = "33"
)

// style is how an output may look. Its zero value is plain text, as in a log.
type style struct {
	colours bool // see https://no-color.org
	symbols bool // characters that are not words
	width   int  // columns of the terminal; zero: not a terminal
}

// style finds out what standard error can show.
func (a *app) style() style {
	if a.inJSON() {
		return style{}
	}
	return a.styleOf(a.stderr)
}

// styleOf finds out what an output can show.
func (a *app) styleOf(w io.Writer) style {
	width := widthOf(w)
	able := width > 0 && a.getenv("TERM") != "dumb"
	colours := able && a.getenv("NO_COLOR") == "" && coloursOn(w)
	return style{colours: colours, symbols: able, width: width}
}

// paint makes a text stand out where that can be seen.
func (s style) paint(c colour, text string) string {
	if !s.colours || text == "" {
		return text
	}
	return "\x1b[" + string(c) + "m" + text + "\x1b[0m"
}

// symbol is a sign before a text, and nothing where signs are not shown.
func (s style) symbol(sign string) string {
	if !s.symbols {
		return ""
	}
	return sign + " "
}

// width returns the columns of the terminal where a person reads standard error, or
// zero.
func (a *app) width() int {
	if a.inJSON() {
		return 0
	}
	return widthOf(a.stderr)
}

// coloursOn tells whether a terminal shows colours.
func coloursOn(w io.Writer) bool {
	if out, ok := w.(standardOutput); ok {
		w = out.Writer
	}
	f, ok := w.(*os.File)
	return ok && showsColours(f)
}

func widthOf(w io.Writer) int {
	if out, ok := w.(standardOutput); ok {
		w = out.Writer
	}
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil || width <= 0 {
		return 80
	}
	return width
}

// asks tells whether there is somebody to ask: who sees a question, and can answer.
func (a *app) asks() bool { return a.width() > 0 && isTerminal(a.stdin) }

func isTerminal(r io.Reader) bool {
	f, ok := r.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// columns counts the columns that a text takes on a terminal: two for most of the
// characters of East Asia, none for an accent of its own.
func columns(text string) int { return uniseg.StringWidth(text) }

// fit cuts a text to so many columns at most, and says so with an ellipsis.
func fit(text string, most int) string {
	if columns(text) <= most {
		return text
	}
	kept, width := "", 0
	for rest, state := text, -1; rest != ""; {
		var cluster string
		var w int
		cluster, rest, w, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if width+w > most-1 {
			break
		}
		kept, width = kept+cluster, width+w
	}
	if most < 1 {
		return ""
	}
	return kept + "…"
}

// wrap breaks a line between words where it is wider than the terminal. A command
// stays whole, as it may be copied.
func (s style) wrap(line string) string {
	if s.width == 0 || strings.Contains(line, "guestlist ") || columns(unpainted(line)) <= s.width {
		return line
	}
	const indent = "  "
	var b strings.Builder
	room := s.width
	for i, word := range strings.Split(line, " ") {
		switch w := columns(unpainted(word)); {
		case i == 0:
			room -= w
		case w+1 <= room:
			b.WriteByte(' ')
			room -= w + 1
		default:
			b.WriteString("\n" + indent)
			room = s.width - len(indent) - w
		}
		b.WriteString(word)
	}
	return b.String()
}

// unpainted takes the colours off.
func unpainted(text string) string { return painted.ReplaceAllString(text, "") }

var painted = regexp.MustCompile(`\x1b\[[0-9;]*m`)
