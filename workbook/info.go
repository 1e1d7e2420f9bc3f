package workbook

import (
	"fmt"
	"strings"
)

// Info is what is worth telling a person about a sheet that was read.
type Info struct {
	Sheet  string   // the one that was read
	Others []string // the other visible sheets, in their order
	Hidden int      // rows with something in them that were left out because they are hidden

	// Of the rows that are shown:
	HiddenColumns []string // with something in them, such as C; they are read all the same

	Errors       Cells // cells that show an error such as #N/A; it is taken as it is shown
	Uncalculated Cells // formulas whose value is not in the file; they are taken for empty
	Merged       Cells // merged cells over several rows, whose value stands in the first row only
}

// Cells counts cells of one kind.
type Cells struct {
	Count int
	First string // where the first one is, such as C7; "" when there is none
}

func (c *Cells) add(where string) {
	if c.Count++; c.Count == 1 {
		c.First = where
	}
}

func quotedList(names []string) string {
	const most = 20
	var b strings.Builder
	for i, name := range names {
		if i == most {
			fmt.Fprintf(&b, " and %d more", len(names)-most)
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%q", name)
	}
	return b.String()
}
