package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"guestlist/guest"
)

// input is the CSV file of a command. It is read in several passes, so
// standard input is kept in a private file first.
type input struct {
	name string // as the user gave it
	path string
	temp bool
}

func (a *app) openInput(name string) (*input, error) {
	if name == "-" {
		return a.spoolInput()
	}
	info, err := os.Stat(name)
	if err != nil {
		return nil, fmt.Errorf("read the input: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, hinted{
			fmt.Errorf("read the input: %s is not a regular file, and it has to be read more than once", name),
			"name a CSV file, or pipe it in and name it -",
		}
	}
	return &input{name: name, path: name}, nil
}

func (a *app) spoolInput() (in *input, err error) {
	f, err := os.CreateTemp("", "guestlist-input-*.csv")
	if err != nil {
		return nil, fmt.Errorf("keep standard input: %w", err)
	}
	in = &input{name: "-", path: f.Name(), temp: true}
	if _, err := io.Copy(f, a.stdin); err != nil {
		return nil, errors.Join(fmt.Errorf("read standard input: %w", err), f.Close(), in.close())
	}
	if err := f.Close(); err != nil {
		return nil, errors.Join(fmt.Errorf("keep standard input: %w", err), in.close())
	}
	return in, nil
}

func (in *input) open() (io.ReadCloser, error) { return os.Open(in.path) }

// close removes what was kept of standard input.
func (in *input) close() error {
	if !in.temp {
		return nil
	}
	return os.Remove(in.path)
}

// csvFlags says how the file is written, for every command that reads one.
type csvFlags struct {
	delimiter string
}

func (c *csvFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&c.delimiter, "delimiter", "", "`CHARACTER` between the cells (default: found out from the header; \"tab\" is one too)")
}

func (c *csvFlags) options(cmd *cobra.Command) (guest.ReaderOptions, error) {
	switch r, size := utf8.DecodeRuneInString(c.delimiter); {
	case c.delimiter == "":
		return guest.ReaderOptions{}, nil
	case c.delimiter == "tab", c.delimiter == `\t`:
		return guest.ReaderOptions{Delimiter: '\t'}, nil
	case size == len(c.delimiter) && r < utf8.RuneSelf:
		return guest.ReaderOptions{Delimiter: r}, nil
	}
	return guest.ReaderOptions{}, usage{fmt.Errorf("--delimiter: %q is not one ASCII character", c.delimiter), cmd.CommandPath()}
}

// leftOut tells which columns of the header are known but not read.
func (a *app) leftOut(h guest.Header) {
	if len(h.LeftOut) > 0 {
		a.say("not imported, as only the server writes them: %s", list(h.LeftOut))
	}
}
