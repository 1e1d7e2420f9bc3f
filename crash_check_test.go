package main

import (
	"encoding/csv"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// check compares the results of a run that ended, and the server, with what must
// be.
func (c *crash) check() {
	c.rows += len(c.people) + 2
	if c.command == "delete" {
		c.deletes++
		c.checkRows([]string{"deleted"}, []string{"deleted"}, c.isGone)
		c.checkDeletes()
	} else {
		c.imports++
		c.checkRows([]string{"created"}, []string{"updated", "unchanged"}, c.isThere)
		c.checkCreates()
		c.checkKept()
	}
	c.checkFiles()
}

// isThere makes sure that somebody is a guest with the members of the file.
func (c *crash) isThere(p person) {
	there, ok := c.server.Guest(p.email)
	if !ok || p.members != "" && len(there.AssociatedMembers) != 1+strings.Count(p.members, ";") {
		c.lost++
		c.t.Errorf("%s: the server has %v, members %v, for %s", p.email, ok, there.AssociatedMembers, p.members)
	}
}

func (c *crash) isGone(p person) {
	if _, ok := c.server.Guest(p.email); ok {
		c.lost++
		c.t.Errorf("%s is still a guest", p.email)
	}
}

// checkRows compares the results with the file: how the rows of those must have
// ended who are new, and who were guests before.
func (c *crash) checkRows(fresh, before []string, check func(person)) {
	lines := c.readAll("people.results.csv")
	row := func(i int, email string, statuses ...string) {
		if i >= len(lines) || lines[i]["email"] != email || !slices.Contains(statuses, lines[i]["status"]) {
			c.lost++
			got := map[string]string(nil)
			if i < len(lines) {
				got = lines[i]
			}
			c.t.Errorf("row %d, %s: want %v, got %v", i+1, email, statuses, got)
		}
	}
	row(0, "nobody@", "invalid")
	for i, p := range c.people {
		folded := strings.ToLower(p.email)
		if c.before[folded] {
			row(i+1, p.email, before...)
		} else {
			row(i+1, p.email, fresh...)
		}
		check(p)
	}
	row(len(c.people)+1, c.people[0].email, "duplicate")
	if len(lines) != len(c.people)+2 {
		c.lost++
		c.t.Errorf("the results have %d lines for %d rows", len(lines), len(c.people)+2)
	}
	if rejects := c.readAll("people.rejects.csv"); len(rejects) != 2 {
		c.lost++
		c.t.Errorf("there are %d rejects, want 2", len(rejects))
	}
}

// checkDeletes makes sure that nobody was deleted twice, nor anybody else.
func (c *crash) checkDeletes() {
	c.twice = 0
	for email := range c.ever {
		if _, succeeded := c.server.Changes("delete", email); succeeded > 1 {
			c.twice++
			c.t.Errorf("%s was deleted %d times", email, succeeded)
		}
	}
	others := 0
	for _, g := range c.server.Guests() {
		if email := strings.ToLower(g.Email); !c.ever[email] && !c.before[email] {
			others++
		}
	}
	if others != 50 {
		c.t.Errorf("of 50 others %d are left", others)
	}
}

// checkCreates makes sure that nobody was created twice.
func (c *crash) checkCreates() {
	twice := c.server.Twice()
	c.twice = len(twice)
	for _, email := range twice {
		c.t.Errorf("created again: %s", email)
	}
	for email := range c.ever {
		if _, succeeded := c.server.Creates(email); succeeded > 1 {
			c.t.Errorf("%s was created %d times", email, succeeded)
		}
	}
}

// checkKept looks for those who were created and have no row any more.
func (c *crash) checkKept() {
	kept, err := filepath.Glob(filepath.Join(c.dir, "people.results.csv*"))
	if err != nil {
		c.t.Error(err)
	}
	var all strings.Builder
	for _, name := range kept {
		text, err := os.ReadFile(name)
		if err != nil {
			c.t.Error(err)
		}
		all.WriteString(strings.ToLower(string(text)))
	}
	for email := range c.ever {
		if _, there := c.server.Guest(email); there && !strings.Contains(all.String(), ","+email+",") {
			c.lost++
			c.t.Errorf("%s was created and stands nowhere", email)
		}
	}
}

// checkFiles looks for what should not be there.
func (c *crash) checkFiles() {
	expected := []string{"people.csv", "people.results.csv", "people.results.csv.old", "people.rejects.csv", "people.rejects.csv.old", "state"}
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		c.t.Error(err)
	}
	for _, e := range entries {
		if !slices.Contains(expected, e.Name()) && !strings.HasPrefix(e.Name(), "people.results.csv.partial.old") {
			c.t.Errorf("%s is left over", e.Name())
		}
	}
	left, err := os.ReadDir(filepath.Join(c.dir, "state"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		c.t.Error(err)
	}
	for _, file := range left {
		if name := file.Name(); !strings.HasSuffix(name, ".budgets.json") && !strings.HasSuffix(name, ".budgets.guard") {
			c.t.Errorf("%s is left over in the state", name)
		}
	}
}

// readAll reads a CSV file by column.
func (c *crash) readAll(name string) (lines []map[string]string) {
	f, err := os.Open(filepath.Join(c.dir, name))
	if err != nil {
		c.t.Error(err)
		return nil
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		c.t.Error(err)
		return nil
	}
	for _, cells := range rows[1:] {
		line := map[string]string{}
		for i, name := range rows[0] {
			line[name] = cells[i]
		}
		lines = append(lines, line)
	}
	return lines
}
