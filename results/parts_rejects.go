package results

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"guestlist/guest"
)

// IsRejects tells whether a file is the rejects of a run.
func IsRejects(path string) (bool, error) {
	f, err := openRegular(path, os.O_RDONLY)
	if err != nil {
		return false, fmt.Errorf("look at the results: %w", err)
	}
	defer f.Close()
	_, comma, err := rejectsHeader(bufio.NewReader(f))
	return comma != 0, err
}

// rejectsHeader reads the header row of a rejects file, and what stands before it.
// The comma is what stands between the cells; zero: it is no rejects file.
func rejectsHeader(r *bufio.Reader) (header []byte, comma byte, err error) {
	for len(header) < guest.MaxRecord {
		line, err := r.ReadSlice('\n')
		if errors.Is(err, io.EOF) {
			return header, 0, nil
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return header, 0, err
		}
		header = append(header, line...)
		cells := bytes.TrimRight(header, "\r\n")
		if within := bytes.Count(header, []byte{'"'})%2 == 1; within || err != nil {
			continue // a cell of several lines
		}
		if before, found := bytes.CutSuffix(cells, []byte(guest.ErrorColumn)); found && len(before) > 0 && isComma(before[len(before)-1]) {
			return header, before[len(before)-1], nil
		}
		if !bytes.HasPrefix(bytes.TrimPrefix(header, []byte("\ufeff")), []byte("sep=")) || bytes.Count(header, []byte{'\n'}) > 1 {
			return header, 0, nil
		}
	}
	return header, 0, nil
}

// isComma tells whether a character may stand between cells.
func isComma(c byte) bool {
	word := '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_'
	return !word && c < utf8.RuneSelf && c != '"' && c != '\n' && c != '\r'
}

// Rejects is the rejects of all shards of an input that refused rows, read in the
// order of its rows. What comes next, the results that stand beside them tell: each
// reject ends with the reason that they give.
type Rejects struct {
	results *Parts
	path    string // of one
	header  []byte
	byShard map[int]*rejects
}

// rejects is the rejects of one shard.
type rejects struct {
	path  string
	file  *os.File
	lines *bufio.Reader
	comma byte
}

// OpenRejects opens the rejects of all shards that have some, in any order. The
// results of all shards must stand beside them. A *Mismatch says what does not fit.
// The caller closes it.
func OpenRejects(paths []string) (_ *Rejects, err error) {
	if _, _, err := checkNames(paths); err != nil {
		return nil, err
	}
	r := &Rejects{path: paths[0], byShard: map[int]*rejects{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.Close())
		}
	}()
	for _, path := range paths {
		if err := r.open(path); err != nil {
			return nil, err
		}
	}
	beside, err := resultsBeside(paths)
	if err != nil {
		return nil, err
	}
	r.results, err = OpenParts(beside)
	return r, err
}

func (r *Rejects) open(path string) error {
	shard, _ := ShardOf(path)
	if shard.IsWhole() || !strings.HasSuffix(path, ".rejects.csv") {
		return mismatch("name them as the run has called them: FILE.shard-0-of-4.rejects.csv", "the name of %s does not tell which shard's rejects it has", path)
	}
	f, err := openRegular(path, os.O_RDONLY)
	if err != nil {
		return fmt.Errorf("read the rejects: %w", err)
	}
	one := &rejects{path: path, file: f, lines: bufio.NewReaderSize(f, 64<<10)}
	r.byShard[shard.Index] = one
	header, comma, err := rejectsHeader(one.lines)
	switch {
	case err != nil:
		return fmt.Errorf("read the rejects %s: %w", path, err)
	case comma == 0:
		return mismatch("merge results with results, and rejects with rejects", "%s has no column %s: it is no rejects file", path, guest.ErrorColumn)
	case r.header != nil && !bytes.Equal(header, r.header):
		return mismatch("merge them before they are mended, or import each by itself", "the columns of %s are not those of the other rejects", path)
	}
	r.header, one.comma = header, comma
	return nil
}

// resultsBeside finds the results of all shards beside the rejects of some.
func resultsBeside(paths []string) ([]string, error) {
	var found []string
	shard, _ := ShardOf(paths[0])
	missing := missingShards(resultsOf(paths[0])[0], shard.Count, func(i int) bool {
		for _, path := range paths {
			for _, name := range resultsOf((Shard{i, shard.Count}).sibling(path)) {
				if _, err := os.Stat(name); err == nil {
					found = append(found, name)
					return true
				}
			}
		}
		return false
	})
	if m := (*Mismatch)(nil); errors.As(missing, &m) {
		return nil, mismatch("the results of all shards tell the order of the rejects: put them beside", "of the results beside %s, %s", paths[0], m.Problem)
	}
	return found, missing
}

// resultsOf returns what the results may be called whose rejects stand there. The
// rejects of standard input are called after its results.
func resultsOf(path string) [2]string {
	base := strings.TrimSuffix(path, ".rejects.csv")
	return [2]string{base + ".results.csv", base + ".csv"}
}

// Write writes all rejects as one file, and returns how many rows it has.
func (r *Rejects) Write(w io.Writer) (rows int, err error) {
	if _, err := w.Write(r.header); err != nil {
		return 0, err
	}
	for {
		line, err := r.results.Read()
		if errors.Is(err, io.EOF) {
			return rows, r.atEnd()
		}
		if err != nil {
			return rows, err
		}
		if !line.Status.Refused() {
			continue
		}
		shard := r.results.last.shard
		one := r.byShard[shard.Index]
		if one == nil {
			return rows, mismatch("name the rejects of all shards that have some", "shard %s refused rows, and its rejects are not there: %s",
				shard, filepath.Base(shard.sibling(r.path)))
		}
		row, err := one.read(&line)
		if err != nil {
			return rows, err
		}
		if _, err := w.Write(row); err != nil {
			return rows, err
		}
		rows++
	}
}

// read returns the row that ends with why a line of the results was refused.
func (one *rejects) read(line *Line) ([]byte, error) {
	ends := one.endings(line)
	var row []byte
	for len(row) < 2*guest.MaxRecord {
		part, err := one.lines.ReadSlice('\n')
		row = append(row, part...)
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("read the rejects %s: %w", one.path, err)
		}
		for _, end := range ends {
			if bytes.HasSuffix(row, end) {
				return row, nil
			}
		}
	}
	return nil, mismatch("merge rejects before they are mended, or import each by itself", "row %d is not in %s as it was refused", line.Row, one.path)
}

// LeftOutOfRejects is what the rejects say behind the reason of a row whose cells
// are left out of them.
func LeftOutOfRejects(line int) string {
	return fmt.Sprintf(": its cells are left out here, as one may be sensitive: mend line %d of the original file", line)
}

// endings returns what the row of a line may end with.
func (one *rejects) endings(line *Line) (ends [][]byte) {
	for _, reason := range []string{line.Error, line.Error + LeftOutOfRejects(line.Line)} {
		var end bytes.Buffer
		w := csv.NewWriter(&end)
		w.Comma = rune(one.comma)
		_ = w.Write([]string{"", reason}) // in memory, and the comma was one before
		w.Flush()
		ends = append(ends, end.Bytes())
	}
	return ends
}

// atEnd makes sure that nothing is left in the rejects.
func (r *Rejects) atEnd() error {
	for _, one := range r.byShard {
		if _, err := one.lines.Peek(1); !errors.Is(err, io.EOF) {
			return mismatch("merge rejects before they are mended, or import each by itself", "%s has more rows than the results beside it have refused", one.path)
		}
	}
	return nil
}

// Len returns of how many shards there are rejects.
func (r *Rejects) Len() int { return len(r.byShard) }

// Close closes the files.
func (r *Rejects) Close() error {
	var err error
	for _, one := range r.byShard {
		err = errors.Join(err, one.file.Close())
	}
	if r.results != nil {
		err = errors.Join(err, r.results.Close())
	}
	return err
}
