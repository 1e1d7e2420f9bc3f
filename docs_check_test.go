package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"guestlist/guest"
)

// Readers copy what they see. Nothing stands there as a command that was not run,
// and no flag that does not exist.
func TestDocsShowNothingUntried(t *testing.T) {
	t.Parallel()
	pages := docsPages(t)
	flags := programFlags(t)
	ran := map[string]bool{}
	for _, page := range pages {
		for _, block := range page.blocks {
			switch block.lang {
			case "sh", "console", "crontab":
				commands, _ := block.commands()
				for _, c := range commands {
					for _, call := range programCalls(c.text) {
						ran[call] = true
					}
				}
			case "text":
				for _, line := range block.lines {
					if calls := programCalls(line.text); len(calls) > 0 {
						t.Errorf("%s:%d: %s is not run", page.path, line.number, calls[0])
					}
				}
			default:
				t.Errorf("%s:%d: a block marked %q is neither run nor known as one that is not", page.path, block.line, block.lang)
			}
		}
	}
	for _, page := range pages {
		for _, line := range page.prose {
			for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(line.text, -1) {
				if err := checkInline(m[1], ran, flags); err != nil {
					t.Errorf("%s:%d: `%s` %v", page.path, line.number, m[1], err)
				}
			}
		}
	}
}

// checkInline checks what stands as code within a sentence: a command of the program,
// alone or with --help, or with gaps such as FILE, or word for word one that is
// run; or a flag.
func checkInline(code string, ran map[string]bool, flags map[string][]string) error {
	words := strings.Fields(code)
	if strings.HasPrefix(code, "--") {
		for _, known := range flags {
			if slices.Contains(known, flagName(words[0])) {
				return nil
			}
		}
		return errors.New("is no flag of the program")
	}
	if words[0] != "guestlist" || len(words) == 1 {
		return nil
	}
	known, ok := flags[words[1]]
	if !ok && !strings.HasPrefix(words[1], "-") {
		return errors.New("is no command of the program")
	}
	gap := false
	for _, word := range words[2:] {
		if strings.HasPrefix(word, "--") && !slices.Contains(known, flagName(word)) {
			return fmt.Errorf("has a flag that the command does not have: %s", word)
		}
		gap = gap || word == strings.ToUpper(word) && !strings.HasPrefix(word, "-") || strings.Contains(word, "…")
	}
	if len(words) > 2 && words[2] != "--help" && !gap && !ran[code] {
		return errors.New("is not run on any page")
	}
	return nil
}

func flagName(word string) string {
	name, _, _ := strings.Cut(word, "=")
	return strings.TrimRight(name, ".,")
}

// programFlags returns the flags of each command, as its help tells them.
func programFlags(t *testing.T) map[string][]string {
	t.Helper()
	help := func(args ...string) string {
		out, err := exec.Command("guestlist", append(args, "--help")...).CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return string(out)
	}
	flags := map[string][]string{}
	_, list, _ := strings.Cut(help(), "Commands:\n")
	list, _, _ = strings.Cut(list, "\n\n")
	for line := range strings.Lines(list) {
		command, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		for _, m := range regexp.MustCompile(`(?m)^ +(?:-\w, )?(--[a-z-]+)`).FindAllStringSubmatch(help(command), -1) {
			flags[command] = append(flags[command], m[1])
		}
	}
	if !slices.Contains(flags["import"], "--resume") || !slices.Contains(flags["export"], "--quiet") {
		t.Fatalf("the flags were not understood: %v", flags)
	}
	return flags
}

// Links lead somewhere, and make has what the pages tell to make.
func TestDocsLinks(t *testing.T) {
	t.Parallel()
	makefile, err := os.ReadFile("Makefile")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range docsPages(t) {
		for _, line := range page.prose {
			for _, m := range regexp.MustCompile(`\]\(([^)#]*)(?:#([^)]*))?\)`).FindAllStringSubmatch(line.text, -1) {
				if strings.HasPrefix(m[1], "https://") {
					continue
				}
				target := page.path
				if m[1] != "" {
					target = filepath.Join(filepath.Dir(page.path), m[1])
				}
				if _, err := os.Stat(target); err != nil {
					t.Errorf("%s:%d: %v", page.path, line.number, err)
				} else if m[2] != "" && !slices.Contains(anchors(readDocsPage(t, target)), m[2]) {
					t.Errorf("%s:%d: %s has no heading %q", page.path, line.number, target, m[2])
				}
			}
		}
		for _, block := range page.blocks {
			for _, line := range block.lines {
				words := strings.Fields(line.text)
				if block.lang == "text" && len(words) > 1 && words[0] == "make" && !strings.Contains(string(makefile), "\n"+words[1]+":") {
					t.Errorf("%s:%d: there is nothing to make that is called %s", page.path, line.number, words[1])
				}
			}
		}
	}
}

// anchors returns what the headings of a page are linked by.
func anchors(page docsPage) (all []string) {
	for _, line := range page.prose {
		if title := strings.TrimLeft(line.text, "#"); title != line.text {
			title = strings.ToLower(strings.TrimSpace(title))
			title = regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(title, "")
			all = append(all, strings.ReplaceAll(title, " ", "-"))
		}
	}
	return all
}

// The reference says which headers are recognized for which field.
func TestDocsHeaders(t *testing.T) {
	t.Parallel()
	beside := map[string]string{"email": "", "first_name": "email,last_name,", "last_name": "email,first_name,", "phone_2": "email,phone,"}
	tried := 0
	for _, line := range readDocsPage(t, "docs/columns.md").prose {
		cells := strings.Split(line.text, " | ")
		if len(cells) != 3 || !strings.HasPrefix(line.text, "| `") {
			continue
		}
		var fields []guest.Field
		for f := range guest.NumFields {
			if strings.Contains(cells[0], "`"+f.String()+"`") {
				fields = append(fields, f)
			}
		}
		for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(cells[2], -1) {
			others, ok := beside[fields[0].String()]
			if !ok {
				others = "email,"
			}
			r, err := guest.NewReader(strings.NewReader(others+m[1]+"\n"), guest.ReaderOptions{})
			if err != nil {
				t.Errorf("docs/columns.md:%d: %s: %v", line.number, m[1], err)
				continue
			}
			h := r.Header()
			if f, ok := h.Field(len(h.Cells) - 1); !ok || !slices.Contains(fields, f) {
				t.Errorf("docs/columns.md:%d: %s is not taken for %s", line.number, m[1], cells[0])
			}
			tried++
		}
	}
	if tried < 30 {
		t.Errorf("only %d headers were found", tried)
	}
}

// What a table says about "words on the screen" is on a screen.
func TestDocsWords(t *testing.T) {
	t.Parallel()
	pages := docsPages(t)
	var screens strings.Builder
	for _, page := range pages {
		for _, block := range page.blocks {
			commands, _ := block.commands()
			for _, c := range commands {
				screens.WriteString(strings.Join(c.want, "\n") + "\n")
			}
		}
	}
	tried := 0
	for _, page := range pages {
		in := false
		for _, line := range page.prose {
			in = strings.HasPrefix(line.text, "| words on the screen |") || in && strings.HasPrefix(line.text, "|")
			if !in {
				continue
			}
			words, _, _ := strings.Cut(strings.TrimPrefix(line.text, "|"), "|")
			for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(words, -1) {
				pattern := strings.ReplaceAll(regexp.QuoteMeta(m[1]), "…", ".*")
				if !regexp.MustCompile(pattern).MatchString(screens.String()) {
					t.Errorf("%s:%d: no command shows %q", page.path, line.number, m[1])
				}
				tried++
			}
		}
	}
	if tried < 10 {
		t.Errorf("only %d words were found", tried)
	}
}
