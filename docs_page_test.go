package main

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// docsPage is a page of the documentation, taken apart.
type docsPage struct {
	path   string
	blocks []docsBlock
	prose  []docsLine // what stands outside of the blocks
}

// docsBlock is a fenced block.
type docsBlock struct {
	lang  string // sh, console and crontab are run, text is not
	line  int    // of the page, where it begins
	lines []docsLine
}

type docsLine struct {
	number int
	text   string
}

// docsCommand is a line that a reader may type.
type docsCommand struct {
	line int
	text string // without the comment
	code int    // with which it must end
	want []string
}

func readDocsPage(t *testing.T, path string) docsPage {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	page := docsPage{path: path}
	var open *docsBlock
	for i, text := range strings.Split(string(content), "\n") {
		line := docsLine{i + 1, text}
		lang, fence := strings.CutPrefix(text, "```")
		switch {
		case fence && open == nil:
			open = &docsBlock{lang: lang, line: line.number}
		case fence:
			page.blocks = append(page.blocks, *open)
			open = nil
		case open != nil:
			open.lines = append(open.lines, line)
		default:
			page.prose = append(page.prose, line)
		}
	}
	if open != nil {
		t.Fatalf("%s:%d: this block has no end", path, open.line)
	}
	return page
}

// rewrite puts into the page what was seen where it shows something else.
func (p docsPage) rewrite(seen []docsCommand) error {
	if len(seen) == 0 {
		return nil
	}
	content, err := os.ReadFile(p.path)
	if err != nil {
		return err
	}
	lines := strings.Split(string(content), "\n")
	for _, c := range slices.Backward(seen) { // so that the lines before keep their numbers
		end := c.line
		for !strings.HasPrefix(lines[end], "```") && !strings.HasPrefix(lines[end], "$ ") {
			end++
		}
		for i, line := range c.want {
			c.want[i] = strings.TrimRight(strings.ReplaceAll(line, "@127.0.0.1", ""), " ")
		}
		lines = slices.Replace(lines, c.line, end, c.want...)
	}
	return os.WriteFile(p.path, []byte(strings.Join(lines, "\n")), 0o644)
}

// commands returns what a block tells to type, and in a console block what must
// be seen then.
func (b docsBlock) commands() (all []docsCommand, err error) {
	code := 0 // that a line of a crontab ends with, as the comment above it says
	for _, line := range b.lines {
		text := strings.TrimRight(line.text, " ")
		switch b.lang {
		case "sh":
			all = append(all, newDocsCommand(line.number, text))
		case "console":
			if typed, ok := strings.CutPrefix(text, "$ "); ok {
				all = append(all, newDocsCommand(line.number, typed))
			} else if len(all) == 0 {
				return nil, fmt.Errorf("line %d: a console block begins with a line that is typed: $ …", line.number)
			} else {
				last := &all[len(all)-1]
				last.want = append(last.want, text)
			}
		case "crontab":
			if strings.HasPrefix(text, "#") {
				code = exitCodeIn(text)
				continue
			}
			c := docsCommand{line: line.number, text: text}
			if !crontabSetting.MatchString(text) {
				c.code, code = code, 0
			}
			all = append(all, c)
		}
	}
	for i := range all {
		all[i].want = trimBlankLines(all[i].want)
	}
	return all, nil
}

// A comment begins with a # after a blank. It may say with which exit code the
// command ends, as in "# exit code 7: two rows are wrong".
func newDocsCommand(line int, text string) docsCommand {
	comment := ""
	if i := strings.Index(" "+text, " # "); i >= 0 {
		text, comment = strings.TrimRight(text[:max(i-1, 0)], " "), text[i:]
	}
	return docsCommand{line: line, text: text, code: exitCodeIn(comment)}
}

func exitCodeIn(comment string) int {
	m := regexp.MustCompile(`\bexit code (\d+)`).FindStringSubmatch(comment)
	if m == nil {
		return 0
	}
	code, _ := strconv.Atoi(m[1])
	return code
}

var (
	crontabSetting = regexp.MustCompile(`^([A-Z_]+)=(.*)$`)
	crontabJob     = regexp.MustCompile(`^(?:@(?:hourly|daily|weekly|monthly)|[\d*/,-]+(?:\s+[\d*/,-]+){4})\s+(.+)$`)
)

func trimBlankLines(lines []string) []string {
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// programCalls returns the calls of the program that a line is made of, as in
// "cd guests && guestlist export -o guests.csv".
func programCalls(line string) (calls []string) {
	line = newDocsCommand(0, strings.TrimPrefix(line, "$ ")).text
	for _, part := range regexp.MustCompile(`&&|\|\||[|;&]`).Split(line, -1) {
		words := strings.Fields(part)
		for len(words) > 0 && crontabSetting.MatchString(words[0]) {
			words = words[1:]
		}
		if i := slices.Index(words, "guestlist"); i >= 0 && (i == 0 || crontabJob.MatchString(line)) {
			calls = append(calls, strings.Join(words[i:], " "))
		}
	}
	return calls
}

// docsNoise is what differs from run to run. What stands for it is only compared.
var docsNoise = []struct {
	pattern *regexp.Regexp
	stands  string
}{
	{regexp.MustCompile(`\x1b\[[0-9;?]*[A-Za-z]`), ""},
	{regexp.MustCompile(`@127\.0\.0\.1\b`), ""}, // behind an organization that only the sandbox has
	{regexp.MustCompile(`http://127\.0\.0\.1:\d+`), "https://ADDRESS"},
	{regexp.MustCompile(`https://go\.tallyfy\.com`), "https://ADDRESS"},
	{regexp.MustCompile(`\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?Z?)?`), "TIME"},
	{regexp.MustCompile(`\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d{1,2} [A-Z][a-z]{2} \d\d:\d\d\b`), "TIME"},
	{regexp.MustCompile(`\b\d\d:\d\d:\d\d\b`), "TIME"},
	{regexp.MustCompile(`\b\d+[dhm] \d+[hms]\b|\b\d+s\b`), "LONG"},
	{regexp.MustCompile(`,201,\d+,`), ",201,ID,"},
	{regexp.MustCompile(`\bprocess \d+:`), "process ID:"},
	{regexp.MustCompile(`\b\d+\.\d+(,?)$`), "SECONDS$1"},
}

// quiet takes out of a line what differs from run to run.
func quiet(line string) string {
	for _, noise := range docsNoise {
		line = noise.pattern.ReplaceAllString(line, noise.stands)
	}
	return strings.TrimRight(line, " ")
}

// seenAs tells whether what was seen is what a page shows. A line "…" stands for
// any number of lines, and " …" at the end of a line for the rest of it.
func seenAs(seen, shown []string) bool {
	switch {
	case len(shown) == 0:
		return len(seen) == 0
	case shown[0] == "…":
		for i := range len(seen) + 1 {
			if seenAs(seen[i:], shown[1:]) {
				return true
			}
		}
		return false
	}
	return len(seen) > 0 && lineSeenAs(quiet(seen[0]), quiet(shown[0])) && seenAs(seen[1:], shown[1:])
}

func lineSeenAs(seen, shown string) bool {
	begin, cut := strings.CutSuffix(shown, " …")
	return seen == shown || cut && strings.HasPrefix(seen, begin)
}

// leavesOut tells whether a page shows only a part of what a command prints.
func (c docsCommand) leavesOut() bool {
	return slices.ContainsFunc(c.want, func(line string) bool { return line == "…" || strings.HasSuffix(line, " …") })
}

func TestSeenAs(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, seen, shown string
		want              bool
	}{
		{"the same", "a\nb", "a\nb", true},
		{"another line", "a\nb", "a\nc", false},
		{"a line more", "a\nb", "a", false},
		{"a line less", "a", "a\nb", false},
		{"lines left out", "a\nb\nc\nd", "a\n…\nd", true},
		{"none left out", "a\nd", "a\n…\nd", true},
		{"the end left out", "a\nb\nc", "a\n…", true},
		{"another end", "a\nb\nc", "a\n…\nd", false},
		{"the end of a line left out", "the fields are email, status", "the fields are email …", true},
		{"another begin of a line", "the fields are email, status", "the columns are email …", false},
		{"another time", "done 18:15:33 (3m 0s)", "done Mon 23 Nov 14:00 (2d 14h)", true},
		{"another number", "3 created", "4 created", false},
		{"the sandbox's address", "3 rows for acme@127.0.0.1", "3 rows for acme", true},
	} {
		if got := seenAs(strings.Split(test.seen, "\n"), strings.Split(test.shown, "\n")); got != test.want {
			t.Errorf("%s: %t", test.name, got)
		}
	}
}
