package importer

import (
	"strings"

	"guestlist/guest"
)

// inputRow is a row as every pass sees it, and what was mended in it.
type inputRow struct {
	guest.Row
	fixed   string // as the results say it; empty: nothing
	repairs int    // values
}

// rowOf is the one place where rows come out of a reader, so that each pass sees
// them mended or none does.
func (p *Plan) rowOf(r *guest.Reader) inputRow {
	row := inputRow{Row: r.Row()}
	if p.o.Fix && row.Unread == "" {
		var parts []string
		for _, repair := range guest.Fix(&row.Guest) {
			parts = append(parts, repair.String())
		}
		row.fixed, row.repairs = strings.Join(parts, "; "), len(parts)
	}
	return row
}
