package guest

// Record is a guest as the server keeps it: one line of an export. Every value
// is what the server sent, null and absent as the empty string, numbers as
// their digits. The fields stand in the order of the export's columns.
type Record struct {
	ID string `csv:"id"`
	Guest
	CreatedAt                     string `csv:"created_at"`
	LastAccessedAt                string `csv:"last_accessed_at"`
	LastKnownIP                   string `csv:"last_known_ip"`
	LastKnownCountry              string `csv:"last_known_country"`
	LastCity                      string `csv:"last_city"`
	LastCountry                   string `csv:"last_country"`
	CadenceDays                   string `csv:"cadence_days"`
	DisabledAt                    string `csv:"disabled_at"`
	DisabledBy                    string `csv:"disabled_by"`
	ReactivatedAt                 string `csv:"reactivated_at"`
	ReactivatedBy                 string `csv:"reactivated_by"`
	DeletedAt                     string `csv:"deleted_at"`
	StatsAssignedTasks            string `csv:"stats_assigned_tasks"`
	StatsTasksCompleted           string `csv:"stats_tasks_completed"`
	StatsLastTaskCompletedAt      string `csv:"stats_last_task_completed_at"`
	StatsOneOffTasksCompleted     string `csv:"stats_one_off_tasks_completed"`
	StatsLastOneOffTaskCompletion string `csv:"stats_last_one_off_task_completed_at"`

	// Link is the guest's forever link. Whoever holds it acts as the guest, so
	// it is written only where the user asked for it.
	Link string `csv:"link"`
}

// Column returns the cell of the column with that name, for reading or
// writing, or nil when a record has no such column.
func (r *Record) Column(name string) *string {
	switch name {
	case "id":
		return &r.ID
	case "created_at":
		return &r.CreatedAt
	case "last_accessed_at":
		return &r.LastAccessedAt
	case "last_known_ip":
		return &r.LastKnownIP
	case "last_known_country":
		return &r.LastKnownCountry
	case "last_city":
		return &r.LastCity
	case "last_country":
		return &r.LastCountry
	case "cadence_days":
		return &r.CadenceDays
	case "disabled_at":
		return &r.DisabledAt
	case "disabled_by":
		return &r.DisabledBy
	case "reactivated_at":
		return &r.ReactivatedAt
	case "reactivated_by":
		return &r.ReactivatedBy
	case "deleted_at":
		return &r.DeletedAt
	case "stats_assigned_tasks":
		return &r.StatsAssignedTasks
	case "stats_tasks_completed":
		return &r.StatsTasksCompleted
	case "stats_last_task_completed_at":
		return &r.StatsLastTaskCompletedAt
	case "stats_one_off_tasks_completed":
		return &r.StatsOneOffTasksCompleted
	case "stats_last_one_off_task_completed_at":
		return &r.StatsLastOneOffTaskCompletion
	case "link":
		return &r.Link
	}
	for f := range NumFields {
		if fields[f].name == name {
			return r.at(f)
		}
	}
	return nil
}
