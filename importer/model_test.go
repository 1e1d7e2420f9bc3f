package importer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"guestlist/results"
	"guestlist/sandbox"
)

// TestImportAgainstModel draws sequences of what people, accidents and time do
// to an import, and compares each run that came to its end with what a model
// says of each person. The model knows what was sent and what the server holds,
// and nothing of how the importer decides.
//
// The importer draws its delays by itself and has several workers, so a sequence
// drawn again may take another course: what happened when a check failed first
// stands in the test's output, call by call.
func TestImportAgainstModel(t *testing.T) {
	folder := t.TempDir()
	var first sync.Once
	var tried figures
	defer func() { t.Logf("tried: %+v", tried) }()
	rapid.Check(t, func(rt *rapid.T) {
		s := drawScenario(rt)
		rapid.SyncTest(rt, func(rt *rapid.T) {
			w := newTrial(rt, s, folder, &tried)
			defer func() {
				if rt.Failed() {
					first.Do(func() { t.Logf("the first failure:\n%s", strings.Join(w.story, "\n")) })
				}
			}()
			for _, o := range s.operations {
				w.do(o)
			}
			w.do(operation{What: "run", Mode: Upsert})
			time.Sleep(lateness) // what the server does late, it has done
			w.checkServer()
		})
	})
}

const (
	persons = 6
	// lateness is how long the server may be at work on a create that got lost.
	lateness = 20 * time.Second
	// freshness is how long a run may rely on it that somebody is no guest.
	freshness = 10 * time.Minute
)

// person is what the model knows of one. All but the last three is forgotten
// when the results do not speak of the person any more.
type person struct {
	ours    bool           // this import made a guest of the person
	tried   bool           // a create left
	set     bool           // an update left
	setNow  bool           // in the present run
	put     bool           // somebody else made a guest of the person
	touched bool           // by somebody else
	cells   []string       // of members, that the file had
	said    results.Status // in the results that the next run goes on from, where that is final
	foreign map[int64]bool // ids of guests that are not this import's
	posts   []moment       // when creates left
	puts    []moment       // when somebody else made a guest
}

// moment is a time, and in which run it was; 0: between runs.
type moment struct {
	at  time.Time
	run int
}

// figures count what was tried, shrinking included.
type figures struct{ Runs, Ended, Killed, Signalled, Requests, Creates, Updates, Faults int }

// trial is everything: the server, the file, and the model.
type trial struct {
	t       *rapid.T
	s       scenario
	server  *sandbox.Sandbox
	folder  string
	rows    []entry
	persons [persons]person
	mode    Mode // of the run under way or the last one
	present int  // the run under way, counted from 1; 0: none
	tried   *figures
	story   []string
}

func newTrial(t *rapid.T, s scenario, parent string, tried *figures) *trial {
	w := &trial{t: t, s: s, server: sandbox.New(s.server), rows: slices.Clone(s.rows), tried: tried}
	var err error
	if w.folder, err = os.MkdirTemp(parent, ""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(w.folder) })
	for i := range w.persons {
		w.persons[i].foreign = map[int64]bool{}
	}
	for _, i := range s.guests {
		w.others(operation{What: "put", Entry: entry{Person: i}})
	}
	w.tell("%d workers, %+v, guests %v", s.workers, s.server, s.guests)
	return w
}

func (w *trial) tell(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	w.story = append(w.story, time.Now().Format("15:04:05.000 ")+line)
	w.t.Log(line)
}

func (w *trial) wrong(format string, args ...any) {
	w.tell("WRONG: "+format, args...)
	w.t.Errorf(format, args...)
}

// do lets one thing happen. What does not fit, such as an edit of a row that is
// not there, is passed over.
func (w *trial) do(o operation) {
	w.tell("%s", o)
	n := len(w.rows)
	switch o.What {
	case "run":
		w.run(o)
		return
	case "wait":
		time.Sleep(o.Time)
		return
	case "put", "delete":
		w.others(o)
		return
	case "add":
		w.rows = slices.Insert(w.rows, o.To%(n+1), o.Entry)
	}
	if n > 0 {
		row := &w.rows[o.Row%n]
		switch o.What {
		case "remove":
			w.rows = slices.Delete(w.rows, o.Row%n, o.Row%n+1)
		case "move":
			moved := *row
			w.rows = slices.Insert(slices.Delete(w.rows, o.Row%n, o.Row%n+1), o.To%n, moved)
		case "name":
			row.Name = o.Entry.Name
		case "case":
			row.Upper = !row.Upper
		case "members":
			row.Members = o.Entry.Members
		case "bad":
			row.Bad = !row.Bad
		}
	}
	if !slices.Contains([]string{"name", "case", "bad"}, o.What) {
		// Nobody takes out or puts in rows and members faster. Else a run could finish
		// without somebody who has no row now and whom the server is still at work on,
		// and the next one, with the row again, would create them once more; or the
		// server could do an update late that the file has changed since.
		time.Sleep(lateness)
	}
}

// others is somebody else's doing.
func (w *trial) others(o operation) {
	p := &w.persons[o.Entry.Person]
	email := o.Entry.email()
	g, there := w.server.Guest(email)
	if there && !p.foreign[g.ID] {
		p.ours = true
	}
	switch {
	case o.What == "delete" && there:
		w.server.Delete(email)
	case o.What == "put" && !there:
		g = w.server.Put(sandbox.Guest{Email: email, AssociatedMembers: memberIDs[o.Entry.Members]})
		p.foreign[g.ID] = true
		p.put = true
		p.puts = append(p.puts, moment{time.Now(), w.present})
	default:
		return
	}
	p.touched = true
}

// forget is when nothing that the next run goes on from speaks of a person.
func (w *trial) forget(i int) {
	p := &w.persons[i]
	if g, there := w.server.Guest(entry{Person: i}.email()); there {
		p.foreign[g.ID] = true
	}
	w.persons[i] = person{foreign: p.foreign, posts: p.posts, puts: p.puts}
}

func (w *trial) file() string {
	var b strings.Builder
	b.WriteString("email,first_name,timezone,associated_members\n")
	for _, e := range w.rows {
		fmt.Fprintf(&b, "%s,%s,%s,%s\n", e.email(), e.Name, map[bool]string{true: "Nowhere"}[e.Bad], e.Members)
	}
	return b.String()
}

// onLeave sees a request before it leaves.
func (w *trial) onLeave(others []operation) func(n int, r *http.Request) {
	return func(n int, r *http.Request) {
		w.story = append(w.story, fmt.Sprintf("%s     request %d: %s %s", time.Now().Format("15:04:05.000"), n, r.Method, r.URL.Path))
		for _, o := range others {
			if o.At == n {
				w.others(o)
			}
		}
		for i := range w.persons {
			p := &w.persons[i]
			if r.Method == http.MethodGet || personIn(r) != (entry{Person: i}).email() {
				continue
			}
			if r.Method == http.MethodPost {
				p.tried = true
				p.posts = append(p.posts, moment{time.Now(), w.present})
				w.tried.Creates++
			} else {
				p.set, p.setNow = true, true
				w.tried.Updates++
			}
			if r.Method == http.MethodPost && w.mode == Update || r.Method == http.MethodPut && w.mode == Create && !p.tried {
				w.wrong("%s of person %d in mode %s", r.Method, i, w.mode)
			}
		}
	}
}

// run is one run of the program, to its end or not.
func (w *trial) run(o operation) {
	w.mode = o.Mode
	w.tried.Runs++
	w.present = w.tried.Runs
	defer func() { w.present = 0 }()
	p := &process{server: w.server, folder: w.folder, halt: o.Halt, onLeave: w.onLeave(o.Others), died: make(chan struct{})}
	before, _ := os.ReadFile(p.results())
	if _, err := os.Stat(p.partial()); errors.Is(err, os.ErrNotExist) && o.Anew {
		for i := range w.persons {
			w.forget(i)
		}
	}
	for i := range w.persons {
		w.persons[i].setNow = false
	}
	for _, e := range w.rows {
		if p := &w.persons[e.Person]; !slices.Contains(p.cells, e.Members) {
			p.cells = append(p.cells, e.Members)
		}
	}
	file := w.file()
	err := p.run(context.Background(), Options{
		Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(file)), nil },
		Mode: o.Mode, Org: "acme", Workers: w.s.workers, Attempts: 12,
	}, o.Anew)
	w.tell("ended with %v after %d requests", err, p.requests)
	w.tried.Requests += p.requests
	switch {
	case err == nil:
		w.tried.Ended++
	case errors.Is(err, errDead) && !o.Halt.Signal:
		w.tried.Killed++
		return
	case errors.Is(err, context.Canceled) && o.Halt.Signal:
		w.tried.Signalled++
		return
	case len(o.Others) > 0 && strings.Contains(err.Error(), "the list changed during each of"):
		return // it says so rather than rely on half a list
	default:
		w.wrong("the run ended with %v", err)
		return
	}
	if _, err := os.Stat(p.partial()); !errors.Is(err, os.ErrNotExist) {
		w.wrong("the partial file is still there: %v", err)
	}
	if old, _ := os.ReadFile(p.results() + ".old"); before != nil && !bytes.Equal(old, before) {
		w.wrong("the finished file of before is not kept as .old")
	}
	w.check(p.results(), len(o.Others) == 0)
}

// check compares finished results with the model. After a run during which
// others interfered the model only follows: what it does not know for sure a
// later run has to put right.
func (w *trial) check(path string, calm bool) {
	f, err := os.Open(path)
	if err != nil {
		w.wrong("%v", err)
		return
	}
	defer f.Close()
	r, err := results.NewReader(f)
	if err != nil {
		w.wrong("%v", err)
		return
	}
	var taken [persons]bool // an earlier row stands for the person
	for i, e := range w.rows {
		l, err := r.Read()
		if err != nil || l.Row != i+1 || l.Line != i+2 || l.Email != e.email() || l.Org != "acme" || l.FinishedAt.IsZero() {
			w.wrong("row %d: the results have %+v, %v", i+1, l, err)
			return
		}
		allowed := []results.Status{results.Duplicate}
		switch {
		case !taken[e.Person]:
			allowed = w.allowed(e)
		case e.Bad:
			allowed = []results.Status{results.Invalid}
		}
		w.tell("row %d %s: %s %s %s, allowed %v", i+1, l.Email, l.Status, l.Action, l.Error, allowed)
		if calm && !slices.Contains(allowed, l.Status) {
			w.wrong("row %d: %s, and the model says %v", i+1, l.Status, allowed)
		}
		if l.Status == results.Invalid || l.Status == results.Duplicate {
			continue
		}
		taken[e.Person] = true
		if calm {
			w.checkGuest(e, l)
		}
		w.persons[e.Person].said = ""
		switch {
		case l.Status == results.Created, l.Status == results.Updated:
			w.persons[e.Person].said = l.Status
		case l.Status == results.Failed && l.Action == results.None: // as there is no such guest
			w.forget(e.Person)
		}
	}
	if l, err := r.Read(); !errors.Is(err, io.EOF) {
		w.wrong("the results go on after the last row with %+v, %v", l, err)
	}
	for i := range w.persons {
		if !taken[i] {
			w.checkKept(i, path+".partial.old")
			w.forget(i)
		}
	}
}

// allowed is how the row that stands for a person may end: in one way, but
// where nobody can tell.
func (w *trial) allowed(e entry) []results.Status {
	p := &w.persons[e.Person]
	g, there := w.server.Guest(e.email())
	theirs := there && p.foreign[g.ID]
	if there && !theirs {
		p.ours = true
	}
	var allowed []results.Status
	switch {
	case p.said != "": // carried over
		return []results.Status{p.said}
	case p.ours && !theirs:
		allowed = []results.Status{results.Created}
	case p.tried && p.put:
		// A create left, and the guest who is there is somebody else's, as the server
		// did not do it or the guest was deleted again: who is found where a line
		// "sending" stands counts as created. Or both did it at the same moment: the
		// server answers as if it had made the guest.
		allowed = []results.Status{results.Created, results.Unchanged, results.Updated}
	case there && p.setNow:
		allowed = []results.Status{results.Updated}
	case p.set: // in a run that did not end, and perhaps did not note it
		allowed = []results.Status{results.Updated, results.Unchanged}
	case there:
		allowed = []results.Status{results.Unchanged}
	}
	if !there && w.mode == Update {
		allowed = append(allowed, results.Failed)
	}
	if e.Bad {
		// What is done and noted stays done though the row would be refused now.
		allowed = append(slices.DeleteFunc(allowed, func(s results.Status) bool { return s == results.Unchanged || s == results.Failed }), results.Invalid)
		if !p.ours && !p.set && !(p.tried && p.put) {
			allowed = []results.Status{results.Invalid}
		} else if e.Members != "" {
			allowed = append(allowed, results.Failed) // created, and not associated
		}
	}
	return allowed
}

// checkKept makes sure that a guest whom the import created is not forgotten for
// want of a row.
func (w *trial) checkKept(i int, path string) {
	email := entry{Person: i}.email()
	g, there := w.server.Guest(email)
	if !there || w.persons[i].foreign[g.ID] {
		return
	}
	kept, _ := filepath.Glob(path + "*")
	for _, name := range kept {
		if text, _ := os.ReadFile(name); bytes.Contains(bytes.ToLower(text), []byte(email)) {
			return
		}
	}
	w.wrong("person %d was created, has no row any more, and stands in none of %v", i, kept)
}

// checkGuest compares the line of a person with what the server has.
func (w *trial) checkGuest(e entry, l results.Line) {
	p := &w.persons[e.Person]
	g, there := w.server.Guest(e.email())
	carried := l.Status == results.Created || l.Status == results.Updated // then it may be that nobody looked again
	switch {
	case l.Status == results.Failed && l.Action == results.Create && e.Bad && there:
		return
	case l.Status == results.Failed:
		if there {
			w.wrong("row %d failed, and the guest is there", l.Row)
		}
		return
	case !there:
		if !carried || !p.touched {
			w.wrong("row %d is %s, and there is no such guest", l.Row, l.Status)
		}
		return
	case carried && (p.touched || len(p.cells) > 1):
		return
	}
	if !strings.HasSuffix(l.GuestID, fmt.Sprint(g.ID)) { // of the older shape: guest_code_1234
		w.wrong("row %d: guest_id is %s, want %d", l.Row, l.GuestID, g.ID)
	}
	want := memberIDs[e.Members]
	if carried && (l.Action == results.CreateAssociate) != (l.Status == results.Created && want != nil) {
		w.wrong("row %d: %s %s, with the members %q", l.Row, l.Status, l.Action, e.Members)
	}
	if w.mode == Create && !p.ours {
		return
	}
	if want != nil && !slices.Equal(g.AssociatedMembers, want) {
		w.wrong("row %d: the guest has the members %v, want %v", l.Row, g.AssociatedMembers, want)
	}
}

// checkServer looks for creates that should not have been sent.
func (w *trial) checkServer() {
	for _, call := range w.server.Log() {
		if call.Fault != "" {
			w.tried.Faults++
		}
	}
	for i := range w.persons {
		p := &w.persons[i]
		if slices.Contains(w.server.Twice(), entry{Person: i}.email()) && !p.sameMoment() {
			w.wrong("person %d was a guest already and was created again", i)
		}
	}
}

// sameMoment tells whether somebody else created the person while a create was
// under way, or had been looked for less than ten minutes ago: no client can
// rule that out.
func (p *person) sameMoment() bool {
	for _, post := range p.posts {
		for _, put := range p.puts {
			age := post.at.Sub(put.at)
			if -age >= 0 && -age < lateness || age >= 0 && age <= freshness && put.run == post.run {
				return true
			}
		}
	}
	return false
}
