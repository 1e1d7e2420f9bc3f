package profile

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"
)

// Error is what is wrong with a configuration file. It never repeats a value:
// people put secrets where they do not belong.
type Error struct {
	Path    string
	Line    int // of the file, from 1; 0: it is about no certain line
	Problem string

	// Unknown is a key that no profile has, and Known are those that it may have
	// been meant for. Both are empty where something else is wrong.
	Unknown string
	Known   []string
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.Path, e.Problem)
	}
	return fmt.Sprintf("%s, line %d: %s", e.Path, e.Line, e.Problem)
}

// decode reads the profiles by name.
func decode(content []byte) (map[string]Profile, *Error) {
	// Notepad's mark, which TOML does not know.
	content = bytes.TrimPrefix(content, []byte("\ufeff"))
	if !utf8.Valid(content) {
		return nil, &Error{Problem: "it is not UTF-8: save it as UTF-8 in your editor"}
	}
	tables := map[string]Profile{}
	err := toml.NewDecoder(bytes.NewReader(content)).DisallowUnknownFields().Decode(&tables)
	var (
		unknown *toml.StrictMissingError
		wrong   *toml.DecodeError
	)
	switch {
	case errors.As(err, &unknown):
		return nil, unknownKey(content, &unknown.Errors[0])
	case errors.As(err, &wrong):
		return nil, explain(content, wrong)
	case err != nil:
		return nil, &Error{Problem: plain(err)}
	}
	if _, nameless := tables[""]; nameless {
		return nil, &Error{Problem: `a profile has no name: write one between the brackets, such as [acme]`}
	}
	return tables, nil
}

// unknownKey words that a profile has something that none can have.
func unknownKey(content []byte, e *toml.DecodeError) *Error {
	line, _ := e.Position()
	name, key := e.Key()[0], e.Key()[len(e.Key())-1]
	if len(e.Key()) > 1 {
		key = e.Key()[1]
	}
	problem := &Error{Line: line}
	switch instead := fileInstead(key); {
	case isHeader(content, line):
		problem.Problem = fmt.Sprintf("a profile holds no tables; if the name has a dot, it stands in quotes: [%q]", shortened(strings.Join(e.Key(), ".")))
	case instead != "":
		problem.Problem = fmt.Sprintf("%s in the profile %s is a secret, and no secret stands in this file: put it into a file of its own, and name that with %s", shortened(key), shortened(name), instead)
	default:
		problem.Problem = fmt.Sprintf("the profile %s has an unknown key %q", shortened(name), shortened(key))
		problem.Unknown, problem.Known = key, keys()
	}
	return problem
}

// fileInstead returns the key that names a file, for one that would hold a secret;
// empty: it is none.
func fileInstead(key string) string {
	letters := strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.ToLower(key))
	switch strings.TrimPrefix(letters, "tallyfy") {
	case "token", "accesstoken", "apitoken", "bearertoken", "bearer", "apikey", "key", "password":
		return "token_file"
	case "clientsecret", "secret":
		return "client_secret_file"
	}
	return ""
}

// explain words what the decoder found wrong.
func explain(content []byte, e *toml.DecodeError) *Error {
	line, _ := e.Position()
	problem := &Error{Line: line, Problem: plain(e)}
	// A key is told only where it is what is wrong, or says where the value belongs.
	mistyped := strings.Contains(problem.Problem, "cannot decode") || strings.Contains(problem.Problem, "cannot store")
	switch key := e.Key(); {
	case mistyped && len(key) == 1 && isHeader(content, line):
		problem.Problem = fmt.Sprintf("write one pair of brackets around the name of a profile: [%s]", shortened(key[0]))
	case mistyped && len(key) == 1:
		problem.Problem = fmt.Sprintf("%s stands outside of a profile: put it below a line such as [acme]", shortened(key[0]))
	case mistyped && len(key) > 1:
		wanted := "a text in quotes"
		if key[1] == "workers" {
			wanted = "a whole number"
		}
		problem.Problem = fmt.Sprintf("%s in the profile %s wants %s", shortened(key[1]), shortened(key[0]), wanted)
	case strings.Contains(problem.Problem, "escape"):
		problem.Problem += `; in a path with backslashes write single quotes: 'C:\secrets\acme.token'`
	}
	return problem
}

// plain takes the library's name off.
func plain(err error) string { return strings.TrimPrefix(err.Error(), "toml: ") }

// isHeader tells whether a line, counted from 1, begins a table.
func isHeader(content []byte, line int) bool {
	lines := bytes.Split(content, []byte("\n"))
	return line >= 1 && line <= len(lines) && bytes.HasPrefix(bytes.TrimSpace(lines[line-1]), []byte("["))
}

// shortened cuts what is far too long for a name: it may be a secret in the wrong
// place.
func shortened(name string) string {
	const most = 24
	if letters := []rune(name); len(letters) > most {
		return string(letters[:most]) + "…"
	}
	return name
}
