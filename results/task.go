package results

import (
	"fmt"
	"os"
	"strings"
)

// Task is what a run does with the guests of its input: its command's name. The
// empty one is not known.
type Task string

// The tasks.
const (
	Importing Task = "import"
	Deleting  Task = "delete"
	Disabling Task = "disable"
	Enabling  Task = "enable"
)

// Task is that of the run that wrote the line, as far as the line tells.
func (l *Line) Task() Task {
	if l.Status == Valid {
		return Importing
	}
	write := l.Action
	if sent, ok := strings.CutPrefix(l.Error, sentPrefix); ok && l.Unsettled() {
		name, _, _ := strings.Cut(sent, " ")
		write = Action(name)
	}
	switch write {
	case Create, CreateAssociate, Associate:
		return Importing
	case Delete:
		return Deleting
	case Disable:
		return Disabling
	case Enable:
		return Enabling
	}
	return ""
}

// TaskOf tells what the run did that wrote a results file, finished or partial. It
// is empty where no line tells, as in a run that wrote nothing to the server: what
// such a file says holds for any. Where it cannot be
// read on, that is left to whoever goes on from it.
func TaskOf(path string) (Task, error) {
	l, err := firstLine(path, func(l *Line) bool { return l.Task() != "" })
	return l.Task(), err
}

// Spares tells whether a results file is of a delete that undid an import, and left
// somebody alone.
func Spares(path string) (bool, error) {
	spared := func(l *Line) bool { return l.Status == Unchanged && strings.HasPrefix(l.Error, LeftAlone) }
	l, err := firstLine(path, spared)
	return spared(&l), err
}

// firstLine returns the first line that is wanted, or an empty one.
func firstLine(path string, wanted func(*Line) bool) (Line, error) {
	f, err := openRegular(path, os.O_RDONLY)
	if err != nil {
		return Line{}, fmt.Errorf("look at the results: %w", err)
	}
	defer f.Close()
	lines, err := NewReader(f)
	for err == nil {
		var l Line
		if l, err = lines.Read(); err == nil && wanted(&l) {
			return l, nil
		}
	}
	return Line{}, nil
}
