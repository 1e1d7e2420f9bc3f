package results

import (
	"fmt"
	"os"
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

// task is that of the run that wrote the line, as far as the line tells.
func (l *Line) task() Task {
	switch l.Action {
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
	f, err := openRegular(path, os.O_RDONLY)
	if err != nil {
		return "", fmt.Errorf("look at the results: %w", err)
	}
	defer f.Close()
	lines, err := NewReader(f)
	for err == nil {
		var l Line
		if l, err = lines.Read(); err == nil && l.task() != "" {
			return l.task(), nil
		}
	}
	return "", nil
}
