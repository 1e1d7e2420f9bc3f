package importer

import (
	"fmt"
	"strings"
	"time"

	"pgregory.net/rapid"

	"guestlist/sandbox"
)

// scenario is one test: how it begins and what happens.
type scenario struct {
	workers    int
	server     sandbox.Options
	guests     []int // persons who are there from the beginning
	rows       []entry
	operations []operation
}

// entry is a row of the input.
type entry struct {
	Person  int
	Upper   bool
	Name    string
	Members string
	Bad     bool // not valid
}

func (e entry) email() string {
	email := fmt.Sprintf("person%d@acme.example.com", e.Person)
	if e.Upper {
		email = strings.ToUpper(email)
	}
	return email
}

// operation is one thing that happens.
type operation struct {
	What string // run, wait, put, delete, or an edit: add, remove, move, name, case, members, bad
	// of a run
	Halt   halt
	Anew   bool
	Mode   Mode
	Others []operation // put or delete, while it runs, before the request At leaves
	At     int
	// of the others
	Time    time.Duration
	Row, To int
	Entry   entry
}

func (o operation) String() string {
	switch o.What {
	case "run":
		s := fmt.Sprintf("run %s, %s, anew %v", o.Halt, o.Mode, o.Anew)
		for _, other := range o.Others {
			s += fmt.Sprintf(", at request %d: %s", other.At, other)
		}
		return s
	case "wait":
		return "wait " + o.Time.String()
	case "put", "delete":
		return fmt.Sprintf("somebody else: %s person %d", o.What, o.Entry.Person)
	}
	return fmt.Sprintf("edit: %s, row %d, to %d, %+v", o.What, o.Row, o.To, o.Entry)
}

var memberCells = []string{"", "1001", "member.two@acme.com;1003"}

// memberIDs says who the cells mean.
var memberIDs = map[string][]int64{"1001": {1001}, "member.two@acme.com;1003": {1002, 1003}}

func drawEntry(t *rapid.T) entry {
	return entry{
		Person: rapid.IntRange(0, persons-1).Draw(t, "person"), Upper: rapid.Bool().Draw(t, "upper"),
		Name: rapid.SampledFrom([]string{"", "A", "B"}).Draw(t, "name"), Members: rapid.SampledFrom(memberCells).Draw(t, "members"),
		Bad: rapid.IntRange(0, 5).Draw(t, "bad") == 5,
	}
}

func drawOther(t *rapid.T) operation {
	return operation{
		What:  rapid.SampledFrom([]string{"put", "delete"}).Draw(t, "what others do"),
		Entry: drawEntry(t), At: rapid.IntRange(1, 15).Draw(t, "at request"),
	}
}

func drawOperation(t *rapid.T) operation {
	o := operation{What: rapid.SampledFrom([]string{
		"run", "run", "run", "run", "run", "run", "wait", "others", "add", "remove", "move", "name", "case", "members", "bad",
	}).Draw(t, "what")}
	switch o.What {
	case "run":
		o.Mode = rapid.SampledFrom([]Mode{Upsert, Upsert, Upsert, Upsert, Upsert, Upsert, Create, Update}).Draw(t, "mode")
		o.Halt, o.Anew = drawHalt(t), rapid.IntRange(0, 7).Draw(t, "anew") == 7
		if o.Halt.Signal {
			o.Anew = false // it may leave no partial file: then the finished one before counts again
		}
		if rapid.Bool().Draw(t, "others interfere") {
			o.Others = rapid.SliceOfN(rapid.Custom(drawOther), 1, 3).Draw(t, "others")
		}
	case "wait":
		o.Time = time.Duration(rapid.IntRange(0, 1800).Draw(t, "seconds")) * time.Second
	case "others":
		o = drawOther(t)
	default:
		o.Row, o.To, o.Entry = rapid.IntRange(0, 9).Draw(t, "row"), rapid.IntRange(0, 9).Draw(t, "to"), drawEntry(t)
	}
	return o
}

func drawHalt(t *rapid.T) halt {
	var h halt
	switch rapid.SampledFrom([]string{"end", "request", "answer", "time", "step"}).Draw(t, "halt") {
	case "end":
		return h
	case "request":
		h.Request = rapid.IntRange(1, 15).Draw(t, "n")
		h.Late = time.Duration(rapid.IntRange(0, 14).Draw(t, "late")) * time.Second
	case "answer":
		h.Answer = rapid.IntRange(1, 15).Draw(t, "n")
	case "time":
		h.Time = time.Duration(rapid.IntRange(1, 30).Draw(t, "n")) * rapid.SampledFrom([]time.Duration{37 * time.Millisecond, 1003 * time.Millisecond}).Draw(t, "unit")
	case "step":
		h.Step = rapid.SampledFrom(steps).Draw(t, "step")
	}
	if h.Signal = rapid.IntRange(0, 3).Draw(t, "signal") == 3; !h.Signal {
		h.Lines, h.Torn = rapid.SampledFrom([]int{0, 0, 1, 3}).Draw(t, "lines lost"), rapid.Bool().Draw(t, "torn")
	}
	return h
}

// drawFaults draws two in most cases, and none in some.
func drawFaults(t *rapid.T) []sandbox.Fault {
	n := rapid.SampledFrom([]int{0, 1, 2, 2}).Draw(t, "faults")
	return rapid.SliceOfN(rapid.Custom(drawFault), n, n).Draw(t, "which")
}

func drawFault(t *rapid.T) sandbox.Fault {
	return sandbox.Fault{
		Kind:       rapid.SampledFrom(sandbox.Faults()).Draw(t, "kind"),
		Percent:    rapid.SampledFrom([]float64{10, 5, 1}).Draw(t, "percent"),
		Class:      rapid.SampledFrom([]string{"create", "write", ""}).Draw(t, "class"),
		RetryAfter: rapid.SampledFrom([]time.Duration{time.Second, time.Second, 15 * time.Minute}).Draw(t, "retry after"),
		Late:       time.Duration(rapid.IntRange(1, 14).Draw(t, "late")) * time.Second,
	}
}

func drawScenario(t *rapid.T) scenario {
	return scenario{
		workers: rapid.SampledFrom([]int{1, 3}).Draw(t, "workers"),
		server: sandbox.Options{
			Faults:     drawFaults(t),
			Latency:    rapid.SampledFrom([]time.Duration{10 * time.Millisecond, time.Second, 4 * time.Second}).Draw(t, "latency"),
			Limits:     rapid.SampledFrom([][]sandbox.Limit{nil, {{Class: "invite", Calls: 1, Window: 15 * time.Minute}}}).Draw(t, "limits"),
			PerPageMax: rapid.SampledFrom([]int{0, 2}).Draw(t, "page"),
			Legacy:     rapid.IntRange(0, 3).Draw(t, "legacy") == 3,
			Seed:       rapid.Uint64Range(0, 1000).Draw(t, "seed"),
		},
		guests:     rapid.SliceOfNDistinct(rapid.IntRange(0, persons-1), 0, 3, rapid.ID).Draw(t, "guests"),
		rows:       rapid.SliceOfN(rapid.Custom(drawEntry), 2, 6).Draw(t, "rows"),
		operations: rapid.SliceOfN(rapid.Custom(drawOperation), 1, 12).Draw(t, "operations"),
	}
}
