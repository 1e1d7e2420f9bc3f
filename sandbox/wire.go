package sandbox

import (
	"strconv"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

// The parts of a record in the order of the API's documentation; associated_members follows cadence_days.
var (
	topFields    = []string{"last_accessed_at", "last_known_ip", "last_known_country"}
	detailFields = []string{
		"status", "phone_1", "phone_2", "timezone", "image_url", "contact_url", "company_url", "opportunity_url",
		"company_name", "opportunity_name", "external_sync_source", "external_date_creation", "cadence_days",
		"associated_members", "last_city", "last_country", "last_accessed_at", "disabled_at", "disabled_by",
		"reactivated_at", "reactivated_by",
	}
	nameFields = []string{"first_name", "last_name", "created_at", "deleted_at"}
	// legacyFields end the details in the older shape; its details begin with the names.
	legacyFields = []string{"created_at", "updated_at"}
)

// layout is how the sandbox writes a time of its own making.
func (s *Sandbox) layout() string {
	if s.opt.Legacy {
		return time.RFC3339
	}
	return dateLayout
}

// encoder appends records as JSON. It is written out by hand since lists of hundreds of thousands of guests are asked for.
type encoder struct {
	legacy, stats, php bool
}

func (e encoder) guest(b []byte, g *Guest) []byte {
	switch {
	case g.Raw != "":
		return append(b, g.Raw...)
	case e.legacy:
		b = e.older(b, g)
	default:
		b = e.current(b, g)
	}
	if e.stats {
		b = e.statistics(append(b, `,"stats":`...), g.Stats)
	}
	return append(b, '}')
}

func (e encoder) current(b []byte, g *Guest) []byte {
	b = strconv.AppendInt(append(b, `{"id":`...), g.ID, 10)
	b = e.text(append(b, `,"email":`...), g.Email)
	b = e.fields(b, g, topFields)
	b = e.fields(append(b, `,"details":{`...), g, detailFields)
	b = e.fields(append(b, '}'), g, nameFields)
	return e.text(append(b, `,"link":`...), g.Link)
}

func (e encoder) older(b []byte, g *Guest) []byte {
	b = strconv.AppendInt(append(b, `{"id":"guest_code_`...), g.ID, 10)
	b = e.text(append(b, `","email":`...), g.Email)
	b = e.fields(b, g, topFields[:1])
	b = e.fields(append(b, `,"details":{`...), g, nameFields[:2])
	b = e.fields(b, g, detailFields)
	b = e.fields(b, g, legacyFields)
	return append(b, '}')
}

// fields appends the values with their names, each after a comma unless it is the first of its object.
func (e encoder) fields(b []byte, g *Guest, names []string) []byte {
	for _, name := range names {
		if b[len(b)-1] != '{' {
			b = append(b, ',')
		}
		b = append(append(append(b, '"'), name...), '"', ':')
		value, ok := g.Fields[name]
		switch {
		case name == "associated_members":
			b = integers(b, g.AssociatedMembers)
		case !ok:
			b = append(b, "null"...)
		case name == "cadence_days" || name == "disabled_by" || name == "reactivated_by":
			b = append(b, value...)
		default:
			b = e.text(b, value)
		}
	}
	return b
}

func (e encoder) statistics(b []byte, st *Stats) []byte {
	if st == nil {
		return append(b, "{}"...)
	}
	b = strconv.AppendInt(append(b, `{"assigned_tasks":`...), int64(st.AssignedTasks), 10)
	b = strconv.AppendInt(append(b, `,"tasks_completed":`...), int64(st.TasksCompleted), 10)
	b = e.date(append(b, `,"last_task_completed_at":`...), st.LastTaskCompletedAt)
	b = strconv.AppendInt(append(b, `,"one_off_tasks_completed":`...), int64(st.OneOffTasksCompleted), 10)
	b = e.date(append(b, `,"last_one_off_task_completed_at":`...), st.LastOneOffTaskCompletedAt)
	return append(b, '}')
}

func (e encoder) date(b []byte, s string) []byte {
	if s == "" {
		return append(b, "null"...)
	}
	return e.text(b, s)
}

func integers(b []byte, list []int64) []byte {
	if list == nil {
		return append(b, "null"...)
	}
	b = append(b, '[')
	for i, n := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, n, 10)
	}
	return append(b, ']')
}

// text appends a JSON string. Bytes that are no UTF-8 become U+FFFD.
func (e encoder) text(b []byte, s string) []byte {
	b = append(b, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\' || r == '/' && e.php:
			b = append(b, '\\', byte(r))
		case r == '\n':
			b = append(b, '\\', 'n')
		case r < ' ' || r > '~' && e.php:
			for _, unit := range utf16.AppendRune(nil, r) {
				b = append(b, '\\', 'u')
				for shift := 12; shift >= 0; shift -= 4 {
					b = append(b, "0123456789abcdef"[unit>>shift&15])
				}
			}
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return append(b, '"')
}
