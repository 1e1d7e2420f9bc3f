package cli

import (
	"unicode/utf8"

	"github.com/spf13/cobra"

	"guestlist/charset"
	"guestlist/guest"
)

// csvFlags says how the file is written and what its columns mean, for every
// command that reads one.
type csvFlags struct {
	delimiter     string
	encoding      string
	sheet         string
	mapped        []string
	ignored       []string
	ignoreUnknown bool
	fix           bool
	checkDNS      bool
}

func (c *csvFlags) register(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&c.delimiter, "delimiter", "", "`CHARACTER` between the cells (default: found out from the first rows; \"tab\" is one too)")
	f.StringVar(&c.encoding, "encoding", "", "charset of the file: a `NAME` such as windows-1252 (default: found out)")
	f.StringVar(&c.sheet, "sheet", "", "sheet of an Excel workbook: its `NAME` (default: the first one)")
	f.StringArrayVar(&c.mapped, "map", nil, "say which field a column is: `'CSV header=field'`; may be repeated, and wins over all else")
	f.StringArrayVar(&c.ignored, "ignore-column", nil, "leave a column out: its `'CSV header'`; may be repeated")
	f.BoolVar(&c.ignoreUnknown, "ignore-unknown", false, "leave out all columns that mean no field of a guest")
	f.BoolVar(&c.fix, "fix", false, "make the safe repairs: a URL's missing https://, blanks and invisible characters, a name around the address, old time zones, clear dates; each is told in the results")
	inputFlags.hold(f, "delimiter", "encoding", "sheet", "map", "ignore-column", "ignore-unknown", "fix")
}

// registerDNS registers the flag for commands that say what is wrong with a file.
func (c *csvFlags) registerDNS(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&c.checkDNS, "check-dns", false, "ask the DNS whether the emails' domains exist and take mail")
	inputFlags.hold(cmd.Flags(), "check-dns")
}

// fileOptions is what the flags say of the file, checked.
type fileOptions struct {
	csv   guest.ReaderOptions
	named *charset.Charset // nil: to be found out
	sheet string
	fix   bool
	cmd   *cobra.Command // that was given the flags
}

func (c *csvFlags) options(cmd *cobra.Command) (fileOptions, error) {
	o := fileOptions{sheet: c.sheet, fix: c.fix, cmd: cmd}
	o.csv.Columns = guest.ColumnOptions{Ignore: c.ignored, IgnoreUnknown: c.ignoreUnknown}
	switch r, size := utf8.DecodeRuneInString(c.delimiter); {
	case c.delimiter == "":
	case c.delimiter == "tab", c.delimiter == `\t`:
		o.csv.Delimiter = '\t'
	case size == len(c.delimiter) && r < utf8.RuneSelf:
		o.csv.Delimiter = r
	default:
		return o, misused(cmd, "--delimiter: %q is not one ASCII character", c.delimiter)
	}
	for _, m := range c.mapped {
		mapping, err := guest.ParseMapping(m)
		if err != nil {
			return o, misused(cmd, "--map: %w", err)
		}
		o.csv.Columns.Map = append(o.csv.Columns.Map, mapping)
	}
	if c.encoding != "" {
		named, err := charset.Named(c.encoding)
		if err != nil {
			return o, misused(cmd, "--encoding: %w", err)
		}
		o.named = &named
	}
	return o, nil
}

// forWorkbook refuses what only a CSV file has.
func (o *fileOptions) forWorkbook(name string) error {
	switch {
	case o.csv.Delimiter != 0:
		return misused(o.cmd, "--delimiter: %s is an Excel workbook, whose cells have none", name)
	case o.named != nil:
		return misused(o.cmd, "--encoding: %s is an Excel workbook, whose charset is known", name)
	}
	return nil
}

// forText refuses what only a workbook has.
func (o *fileOptions) forText(name string) error {
	if o.sheet != "" {
		return misused(o.cmd, "--sheet: %s is no Excel workbook, and has no sheets", name)
	}
	return nil
}
