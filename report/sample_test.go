package report

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"guestlist/results"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// save writes lines as a results file with this name.
func save(t *testing.T, name string, lines ...results.Line) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	w, err := results.NewWriter(path)
	if err != nil {
		t.Fatal(err)
	}
	for i, l := range lines {
		l.Row, l.Line = i+1, i+2
		if err := w.Write(l); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	return path
}

// made returns the page about a file.
func made(t *testing.T, path string, o Options) string {
	t.Helper()
	run, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	var page strings.Builder
	if err := run.Write(&page, o); err != nil {
		t.Fatal(err)
	}
	return page.String()
}

func created(email string, at time.Time) results.Line {
	return results.Line{Email: email, Status: results.Created, Action: results.Create, HTTPStatus: 201, GuestID: "7", Attempts: 1, FinishedAt: at, Org: "acme"}
}

func refused(email string, status results.Status, problem string) results.Line {
	return results.Line{Email: email, Status: status, Action: results.None, Error: problem, FinishedAt: noon, Org: "acme"}
}

// twoDays is an import of 1,870 guests at 30 an hour, with a night in which the
// computer slept, and some rows of every other kind.
func twoDays() []results.Line {
	var lines []results.Line
	at := noon
	for n := range 1870 {
		email := fmt.Sprintf("guest.%d@contractor%d.example.com", n, n%37)
		if n%30 == 0 && n > 0 {
			at = at.Add(time.Hour - 9*time.Second)
		}
		if n == 900 {
			at = at.Add(7 * time.Hour)
		}
		at = at.Add(time.Duration(150+n*37%300) * time.Millisecond)
		l := created(email, at)
		if n%7 == 0 {
			l.Action, l.Attempts = results.CreateAssociate, 2
		}
		if n%90 == 0 {
			l.Attempts++
		}
		lines = append(lines, l)
		switch {
		case n%60 == 5:
			lines = append(lines, refused(email, results.Invalid, fmt.Sprintf("company_url: has no scheme (did you mean https://www.agency%d.example.com?)", n)))
		case n%60 == 15:
			lines = append(lines, refused(email, results.Unchanged, "differs: first_name, company_name (the API cannot change it)"))
		case n%60 == 25:
			lines = append(lines, refused(email, results.Invalid, fmt.Sprintf(`timezone: "Berlin%d" is not a time zone the server knows (did you mean Europe/Berlin?); first_name: has %d characters (at most 200 are taken)`, n, n+201)))
		case n%120 == 35:
			lines = append(lines, refused(email, results.Duplicate, fmt.Sprintf("email: stands on row %d already", n)))
		case n%400 == 45:
			failed := refused(email, results.Failed, "create guest "+email+": the domain is blocked by the organization (HTTP 422)")
			failed.Action, failed.Attempts, failed.HTTPStatus, failed.FinishedAt = results.Create, 1, 422, at
			lines = append(lines, failed)
		}
	}
	return lines
}

// journal writes lines as the partial results of a run that has not finished.
func journal(t *testing.T, lines ...results.Line) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "people.results.csv.partial")
	j, err := results.Start(path, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lines {
		if err := j.Append(l); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
