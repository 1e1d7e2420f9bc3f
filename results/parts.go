package results

import (
	"container/heap"
	"errors"
	"fmt"
	"io"
	"os"
)

// Parts is the results of all shards of an input, read in the order of its rows, in
// bounded memory. It is not safe for concurrent use.
type Parts struct {
	named bool // the names tell the shards
	links bool
	parts []*part
	next  partQueue
	last  *part // that had the last line; nil: none was read
	row   int   // of the last line
	org   string
	task  Task
	doing *part // the first whose task is known
}

// part is the results of one shard.
type part struct {
	path  string
	shard Shard
	file  *os.File
	lines *Reader
	head  Line // that comes next
}

// Mismatch says why files are not the parts of one whole, and what to do.
type Mismatch struct{ Problem, Advice string }

func (m *Mismatch) Error() string { return m.Problem }

func mismatch(advice, format string, args ...any) error {
	return &Mismatch{fmt.Sprintf(format, args...), advice}
}

// OpenParts opens the results of all shards of an input, in any order. As far as
// the names tell the shards, none may be missing and none there twice. A *Mismatch
// says what does not fit. The caller closes it.
func OpenParts(paths []string) (_ *Parts, err error) {
	shard, named, err := checkNames(paths)
	if err == nil && !shard.IsWhole() {
		err = missingShards(paths[0], shard.Count, func(i int) bool { return named[i] != "" })
	}
	if err != nil {
		return nil, err
	}
	p := &Parts{named: !shard.IsWhole()}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.Close())
		}
	}()
	for _, path := range paths {
		if err := p.open(path); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// open opens one more part, and reads its first line.
func (p *Parts) open(path string) error {
	shard, _ := ShardOf(path)
	file, err := openRegular(path, os.O_RDONLY)
	if err != nil {
		return fmt.Errorf("read the results: %w", err)
	}
	one := &part{path: path, shard: shard, file: file}
	p.parts = append(p.parts, one)
	if err := one.begin(); err != nil {
		return err
	}
	if first := p.parts[0]; first.lines.Links() != one.lines.Links() {
		return mismatch("run the shards with the same flags", "%s and %s have other columns: one has the forever links (--links)", first.path, path)
	}
	p.links = one.lines.Links()
	return p.advance(one)
}

// begin reads the header.
func (one *part) begin() (err error) {
	if one.lines, err = NewReader(one.file); err != nil {
		return mismatch("name the results of the shards: FILE.shard-0-of-4.results.csv and so on", "%s: %s", one.path, err)
	}
	// A line may look whole where a file was cut. What a spreadsheet has saved may
	// end as it likes.
	size, err := one.file.Seek(0, io.SeekEnd)
	if err != nil {
		return fmt.Errorf("read the results: %w", err)
	}
	whole, err := wholeLines(one.file)
	if err != nil {
		return fmt.Errorf("read the results: %w", err)
	}
	if one.lines.asWritten() && whole != size {
		return mismatch(mendAndRun, "%s ends in the middle of a line", one.path)
	}
	if one.lines, err = NewReader(io.NewSectionReader(one.file, 0, size)); err != nil {
		return fmt.Errorf("read %s: %w", one.path, err)
	}
	return nil
}

const (
	runAgain   = "run that shard again, with --resume"
	mendAndRun = "mend or remove that line, then " + runAgain // which could not read it either
)

// advance reads the next line of a part, and puts it where it comes in turn.
func (p *Parts) advance(one *part) error {
	err := one.read()
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err == nil {
		heap.Push(&p.next, one)
	}
	return err
}

// read reads the next line of the part, or io.EOF after the last.
func (one *part) read() error {
	before := one.head.Row
	line, err := one.lines.Read()
	if errors.Is(err, io.EOF) {
		return io.EOF
	}
	if err != nil {
		return mismatch(mendAndRun, "%s: %s", one.path, err)
	}
	switch {
	case line.Status == Sending:
		return mismatch(runAgain, "%s is of a run that did not finish", one.path)
	case line.Row == before && before > 0:
		return mismatch(runAgain, "%s has row %d twice", one.path, line.Row)
	case line.Row <= before:
		return mismatch("sort it by its column row", "%s is not in the order of the input: row %d comes after row %d", one.path, line.Row, before)
	case !one.shard.Has(line.Email, line.Row):
		return mismatch("all shards need the same file and the same flags; what was done stays done when one is run again",
			"row %d in %s does not belong into shard %s", line.Row, one.path, one.shard)
	}
	one.head = line
	return nil
}

// Read returns the next line, or io.EOF after the last. A *Mismatch says what is
// missing, or does not fit.
func (p *Parts) Read() (Line, error) {
	if len(p.next) == 0 {
		return Line{}, io.EOF
	}
	one := heap.Pop(&p.next).(*part)
	line := one.head
	if err := p.fits(one, &line); err != nil {
		return Line{}, err
	}
	p.last, p.row = one, line.Row
	return line, p.advance(one)
}

// fits makes sure that a line of a part follows on what was read.
func (p *Parts) fits(one *part, line *Line) error {
	switch {
	case line.Row == p.row:
		return mismatch("all shards need the same file; those that were run before it changed are to be run again, with --resume",
			"row %d is in both %s and %s", line.Row, p.last.path, one.path)
	case line.Row > p.row+1:
		if err := p.readOn(); err != nil {
			return err // which may be why
		}
		advice := "the file changed between two shards, or lines were removed: run all shards again, with --resume"
		if !p.named {
			advice = "name the results of all shards"
		}
		return mismatch(advice, "%s in none of the results", missingRows(p.row+1, line.Row-1))
	case p.last != nil && line.Org != p.org:
		return mismatch("merge the results of one organization", "%s is of the organization %q, and %s of %q", p.last.path, p.org, one.path, line.Org)
	}
	p.org = line.Org
	switch task := line.Task(); {
	case task == "":
	case p.task == "":
		p.task, p.doing = task, one
	case task != p.task:
		return mismatch("merge the results of one run", "%s is of a run that was to %s guests, and %s of one that was to %s them", p.doing.path, p.task, one.path, task)
	}
	return nil
}

// readOn reads all parts to their ends, and returns what is wrong with one in itself.
func (p *Parts) readOn() error {
	for _, one := range p.parts {
		for {
			err := one.read()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func missingRows(from, to int) string {
	if from == to {
		return fmt.Sprintf("row %d is", from)
	}
	return fmt.Sprintf("rows %d to %d are", from, to)
}

// Named tells whether the names tell the shards. Where they do not, nobody can tell
// whether the one with the last rows is there.
func (p *Parts) Named() bool { return p.named }

// Row returns the number of the row that was read last; zero: none was.
func (p *Parts) Row() int { return p.row }

// Len returns how many parts there are.
func (p *Parts) Len() int { return len(p.parts) }

// Write writes all that is left to be read, as one results file, and returns how
// many rows have each status.
func (p *Parts) Write(w io.Writer) (rows map[Status]int, err error) {
	rows = map[Status]int{}
	text := headerRow(p.links)
	for {
		if _, err := w.Write(text); err != nil {
			return rows, err
		}
		line, err := p.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
		rows[line.Status]++
		text = line.appendTo(text[:0], p.links)
	}
}

// Close closes the files.
func (p *Parts) Close() error {
	var err error
	for _, one := range p.parts {
		err = errors.Join(err, one.file.Close())
	}
	return err
}

// partQueue has the part first whose next row is.
type partQueue []*part

func (q partQueue) Len() int           { return len(q) }
func (q partQueue) Less(i, j int) bool { return q[i].head.Row < q[j].head.Row }
func (q partQueue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *partQueue) Push(x any)        { *q = append(*q, x.(*part)) }
func (q *partQueue) Pop() any {
	last := len(*q) - 1
	one := (*q)[last]
	*q = (*q)[:last]
	return one
}
