package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"guestlist/tallyfy"
)

// doctor is one examination. Its findings are what it is asked for, so they go to
// standard output, where they can be kept or sent to somebody who helps; they hold
// no secret.
type doctor struct {
	settings
	app *app

	problems, notes, calls int
	codes                  []int // exit codes of the problems
	failed                 error // that findings cannot be printed
}

func (a *app) doctorCommand() *cobra.Command {
	var s settings
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Tell what is set up, what works, and what to fix",
		Long: `Doctor looks at the settings and where they come from, at the state folder, the
network, how to sign in, the organization, what who is signed in may do, the
server's limits and the clock. Each finding is a line: ok, note, or problem with
the way out below it. Nothing is changed: nobody is invited.

It makes one call (a page with one guest), and a second one (the list of
members) where it is known who is signed in; client credentials sign in before
that. It waits 10 seconds at most for the server's limits, unless --max-wait
says otherwise. The exit code is 0 when there is no problem; notes are none.`,
		Example: `  guestlist doctor                            before the first import
  guestlist doctor --org acme                 may I work for that organization?
  guestlist doctor --profile acme             is that one set up?
  guestlist doctor --quiet                    problems only
  guestlist doctor > doctor.txt               to send to somebody who helps`,
		SuggestFor: []string{"check", "status", "diagnose", "test", "ping", "whoami", "config"},
		Args:       noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return (&doctor{settings: s, app: a}).examine(cmd)
		},
	}
	s.register(cmd)
	return cmd
}

// examine makes every check that can be made, whatever the earlier ones found.
func (d *doctor) examine(cmd *cobra.Command) error {
	ctx := cmd.Context()
	d.lookAtProgram()
	wrong := d.lookAtProfile()
	known := wrong == nil // what the settings are
	if known {
		d.lookAtSettings(cmd)
	}
	if d.app.getenv("GUESTLIST_MAX_WAIT") == "" && d.chosen.MaxWait == "" && !cmd.Flags().Changed("max-wait") {
		d.maxWait = longestDoctorWait.String()
	}
	gate, err := d.settle(d.app, cmd)
	if known && err != nil {
		d.problem("settings", err, "")
		wrong = err
	}
	config, ready := d.config(gate), false
	config.Called = d.app.called
	if known {
		ready = d.lookAtSignIn(cmd, &config)
	}
	d.lookAtState()
	if wrong == nil {
		d.lookAtBudgets(ctx)
	}
	address, err := tallyfy.CheckBaseURL(d.baseURL)
	reached := err == nil && d.lookAtNetwork(ctx, address)
	switch {
	case ctx.Err() != nil:
	case wrong != nil:
		d.note("server", "not asked, as the settings are wrong")
	case d.org == "":
		d.note("server", "not asked, as no organization is set")
	case !ready:
		d.note("server", "not asked, as there is nothing to sign in with")
	case !reached:
		d.note("server", "not asked, as it cannot be reached")
	default:
		d.askServer(ctx, config)
		d.app.keep(gate)
	}
	if err := context.Cause(ctx); err != nil {
		return err
	}
	return d.sumUp()
}

// longestDoctorWait is how long a limit is waited for unless told otherwise: a
// person looks on.
const longestDoctorWait = 10 * time.Second

// sumUp returns the exit code of the gravest problem.
func (d *doctor) sumUp() error {
	if d.failed != nil {
		return fmt.Errorf("print the findings: %w", d.failed)
	}
	d.print("%s, %s; %s made, nothing changed", count(d.problems, "problem"), count(d.notes, "note"), count(d.calls, "call"))
	for _, code := range []int{exitUsage, exitPermission, exitNotFound, exitFailure, exitLimit} {
		if slices.Contains(d.codes, code) {
			return outcome(code)
		}
	}
	return nil
}

// ok tells of something that is as it should be.
func (d *doctor) ok(what, format string, args ...any) {
	d.find(verdictOK, what, fmt.Sprintf(format, args...))
}

// note tells of something that may surprise later, or could not be found out.
func (d *doctor) note(what, format string, args ...any) {
	d.notes++
	d.find(verdictNote, what, fmt.Sprintf(format, args...))
}

// advise adds what can be done to the finding before.
func (d *doctor) advise(way string) {
	if way != "" {
		d.print("%s", indented(way))
	}
}

// problem tells of something that has to be fixed, and how. Without a way out
// the error's own is told.
func (d *doctor) problem(what string, err error, way string) {
	d.problems++
	d.codes = append(d.codes, exitCode(err))
	if way == "" {
		way = wayOut(err)
	}
	d.show(d.finding(verdictProblem, what, withoutCall(err)))
	if way != "" {
		d.show(printable(indented(way)))
	}
}

// withoutCall words an error without the name of the call, which doctor made and not its user.
func withoutCall(err error) string {
	var api *tallyfy.Error
	if errors.As(err, &api) {
		return strings.TrimPrefix(api.Error(), api.Op+": ")
	}
	return err.Error()
}

func (d *doctor) print(format string, args ...any) {
	if !d.app.quiet() {
		d.show(printable(fmt.Sprintf(format, args...)))
	}
}

// find tells of a check unless it should be quiet.
func (d *doctor) find(v verdict, what, text string) {
	if !d.app.quiet() {
		d.show(d.finding(v, what, text))
	}
}

// show prints a text in which nothing acts on a terminal but its colours.
func (d *doctor) show(text string) {
	if _, err := fmt.Fprintln(d.app.stdout, text); err != nil && d.failed == nil {
		d.failed = err
	}
}

// verdict is what comes of a check, and how that stands out on a terminal.
type verdict struct {
	word   string
	colour colour
}

var (
	verdictOK      = verdict{"ok", green}
	verdictNote    = verdict{"note", yellow}
	verdictProblem = verdict{"problem", red}
)

// finding is the line of one check.
func (d *doctor) finding(v verdict, what, text string) string {
	style := d.app.styleOf(d.app.stdout)
	return fmt.Sprintf("%s %-12s %s", style.paint(v.colour, fmt.Sprintf("%-8s", v.word)), what, printable(text))
}

// indented wraps a text below a finding.
func indented(text string) string {
	const margin = "         "
	var b strings.Builder
	for line := range strings.SplitSeq(text, "\n") {
		width := 0
		for word := range strings.FieldsSeq(line) {
			switch n := len([]rune(word)); {
			case width == 0, width+1+n > helpWidth:
				if b.Len() > 0 {
					b.WriteByte('\n')
				}
				b.WriteString(margin + word)
				width = len(margin) + n
			default:
				b.WriteString(" " + word)
				width += 1 + n
			}
		}
	}
	return b.String()
}
