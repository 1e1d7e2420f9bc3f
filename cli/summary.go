package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"guestlist/atomicfile"
	"guestlist/ratelimit"
	"guestlist/results"
	"guestlist/tallyfy"
)

// summary is what --summary writes.
type summary struct {
	Command       string                    `json:"command"`
	Org           string                    `json:"org"`
	Mode          string                    `json:"mode,omitempty"`
	Input         string                    `json:"input,omitempty"`
	Shard         string                    `json:"-"` // for the metrics; empty: the whole input
	StartedAt     time.Time                 `json:"started_at"`
	FinishedAt    time.Time                 `json:"finished_at"`
	ExitCode      int                       `json:"exit_code"`
	Rows          map[string]int            `json:"rows,omitempty"`
	Calls         map[string]map[string]int `json:"calls"`
	WaitedSeconds float64                   `json:"waited_seconds"`
	ResumeAt      *time.Time                `json:"resume_at,omitempty"` // where a limit ended the run
	Plan          *planSummary              `json:"plan,omitempty"`
	*exportSummary
}

type planSummary struct {
	Create    int `json:"create"`
	Associate int `json:"associate"`
	Unchanged int `json:"unchanged"`
	Invalid   int `json:"invalid"`
	Duplicate int `json:"duplicate"`
	Calls     int `json:"calls"`

	// In the summary of the command of that name.
	Delete  *int `json:"delete,omitempty"`
	Disable *int `json:"disable,omitempty"`
	Enable  *int `json:"enable,omitempty"`

	EtaSeconds int64     `json:"eta_seconds"` // from when the plan was made
	FinishesAt time.Time `json:"finishes_at"`
	LimitedBy  string    `json:"limited_by"` // empty: no limit holds it up
}

type exportSummary struct {
	Guests int `json:"guests"`
	Pages  int `json:"pages"`
	Scans  int `json:"scans"`

	// PreviousGuests are those in the file that is replaced; nil: there is none, or
	// nobody can tell.
	PreviousGuests *int `json:"previous_guests"`
}

func newSummary(command, org string, started time.Time, code int, client *tallyfy.Client, gate *ratelimit.Gate) summary {
	return summary{
		Command: command, Org: org, StartedAt: started.UTC(), FinishedAt: time.Now().UTC(), ExitCode: code,
		Calls: callsMade(client), WaitedSeconds: gate.Snapshot().Waited.Seconds(),
	}
}

// callsMade counts calls by class and status. The client may be nil.
func callsMade(client *tallyfy.Client) map[string]map[string]int {
	calls := map[string]map[string]int{}
	if client == nil {
		return calls
	}
	for _, c := range client.Calls() {
		status := "none"
		if c.Status != 0 {
			status = strconv.Itoa(c.Status)
		}
		class := c.Class.String()
		if calls[class] == nil {
			calls[class] = map[string]int{}
		}
		calls[class][status] += c.Count
	}
	return calls
}

// resumeAt is when a run that a limit ended can go on; nil: none did.
func resumeAt(err error) *time.Time {
	var limit *ratelimit.TooLong
	if !errors.As(err, &limit) {
		return nil
	}
	at := limit.Until.UTC()
	return &at
}

// writeSummary writes what the run came to into the files that were asked for.
func (j *importJob) writeSummary(started time.Time, ended error) error {
	if j.summary == "" && j.metrics == "" {
		return nil
	}
	s := newSummary(string(j.task), j.o.Org, started, exitCode(ended), j.client, j.gate)
	s.Mode, s.Input, s.Shard, s.ResumeAt = j.mode, j.input.name, j.o.Shard.String(), resumeAt(ended)
	if j.plan != nil {
		n := j.plan.Counts
		s.Plan = j.planSummary()
		s.Rows = map[string]int{"total": n.Rows}
		if j.dryRun {
			s.Rows[string(results.Planned)] = n.Create + n.Associate + n.Change
			s.Rows[string(results.Unchanged)] = s.Plan.Unchanged
			s.Rows[string(results.Invalid)] = n.Invalid
			s.Rows[string(results.Duplicate)] = n.Duplicate
		}
	}
	if j.sent != nil {
		ends := []results.Status{results.Unchanged, results.Invalid, results.Duplicate, results.Failed}
		switch j.task {
		case results.Deleting:
			ends = append(ends, results.Deleted)
		case results.Disabling:
			ends = append(ends, results.Disabled)
		case results.Enabling:
			ends = append(ends, results.Enabled)
		default:
			ends = append(ends, results.Created, results.Updated)
		}
		for _, status := range ends {
			s.Rows[string(status)] = j.sent.Rows()[status]
		}
	}
	return s.writeTo(j.summary, j.metrics)
}

func (j *importJob) planSummary() *planSummary {
	n := j.plan.Counts
	s := &planSummary{
		Create: n.Create, Associate: n.Associate, Unchanged: n.Unchanged + n.Spared + n.Carried + n.Failed,
		Invalid: n.Invalid, Duplicate: n.Duplicate, Calls: n.Create + n.CreateAssociate + n.Associate + n.Change,

		EtaSeconds: int64(math.Ceil(j.forecast.In.Seconds())), FinishesAt: j.planned.Add(j.forecast.In).UTC(),
	}
	switch j.task {
	case results.Deleting:
		s.Delete = &n.Change
	case results.Disabling:
		s.Disable = &n.Change
	case results.Enabling:
		s.Enable = &n.Change
	}
	if j.forecast.Limit.Calls > 0 {
		s.LimitedBy = j.forecast.Limit.String()
	}
	return s
}

// writeTo writes a summary and metrics, each into its file; an empty one is not
// asked for.
func (s summary) writeTo(summaryFile, metricsFile string) error {
	var err error
	if summaryFile != "" {
		err = s.write(summaryFile)
	}
	if metricsFile != "" {
		err = errors.Join(err, writeMetrics(metricsFile, s))
	}
	return err
}

func (s summary) write(path string) error {
	content, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("write the summary: %w", err)
	}
	return atomicfile.Write(path, append(content, '\n'), 0o600)
}
