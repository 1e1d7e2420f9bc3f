package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"guestlist/guest"
	"guestlist/importer"
	"guestlist/ratelimit"
	"guestlist/tallyfy"
)

// The exit codes, which are those of the official Tallyfy CLI.
const (
	exitOK          = 0
	exitFailure     = 1
	exitUsage       = 2
	exitPermission  = 3
	exitNotFound    = 5
	exitLimit       = 6
	exitInvalid     = 7
	exitSomeRefused = 9
	exitInterrupted = 130
	exitTerminated  = 143
)

// exitCode is the one place where an error becomes an exit code.
func exitCode(err error) int {
	var (
		signal stopped
		wrong  usage
		api    *tallyfy.Error
		input  *guest.InputError
	)
	done, said := err.(outcome)
	switch {
	case err == nil:
		return exitOK
	case said:
		return int(done)
	case errors.As(err, &signal):
		if signal.signal == syscall.SIGTERM {
			return exitTerminated
		}
		return exitInterrupted
	case errors.As(err, &wrong), strings.HasPrefix(err.Error(), "unknown command"):
		return exitUsage
	case errors.Is(err, errNoToken), errors.As(err, &api) && (api.Unauthenticated() || api.Forbidden()):
		return exitPermission
	case errors.As(err, new(alsoMissing)):
		return exitNotFound
	case api != nil && api.Status == 404:
		return exitNotFound
	case errors.As(err, &input):
		return exitInvalid
	case onlyTooLong(err):
		return exitLimit
	}
	return exitFailure
}

// onlyTooLong tells whether a limit ended a run, and nothing went wrong besides.
func onlyTooLong(err error) bool {
	switch e := err.(type) {
	case *ratelimit.TooLong:
		return true
	case interface{ Unwrap() error }:
		return onlyTooLong(e.Unwrap())
	case interface{ Unwrap() []error }:
		for _, each := range e.Unwrap() {
			if !onlyTooLong(each) {
				return false
			}
		}
		return true
	}
	return false
}

// alsoMissing is what went wrong when somebody is missing besides.
type alsoMissing struct{ error }

func (m alsoMissing) Unwrap() error { return m.error }

// outcome is the exit code of a command that did what it was asked and has
// said already what came of it.
type outcome int

func (o outcome) Error() string { return fmt.Sprintf("exit code %d", int(o)) }

// both joins two errors. An outcome gives way to what went wrong after it.
func both(err, after error) error {
	if _, said := err.(outcome); said && after != nil {
		return after
	}
	if after == nil {
		return err
	}
	return errors.Join(err, after)
}

// usage is a command line that cannot be understood.
type usage struct {
	err     error
	command string // to ask for help about; may be empty
}

func (u usage) Error() string { return u.err.Error() }

func (u usage) Unwrap() error { return u.err }

// misused is the error of a command line that cannot be understood.
func misused(cmd *cobra.Command, format string, args ...any) error {
	return usage{fmt.Errorf(format, args...), cmd.CommandPath()}
}

// stopped is the end that a signal asked for.
type stopped struct{ signal os.Signal }

func (s stopped) Error() string {
	if s.signal == syscall.SIGTERM {
		return "terminated"
	}
	return "interrupted"
}

// errNoToken says that there is nothing to sign in with.
var errNoToken = errors.New("no access token")

// hinted is an error with a way out.
type hinted struct {
	err  error
	hint string
}

func (h hinted) Error() string { return h.err.Error() }

func (h hinted) Unwrap() error { return h.err }

// end tells how a command has ended. It is the last that is told.
func (a *app) end(err error) {
	a.screen.Lock()
	defer a.screen.Unlock()
	defer func() { a.screen.ended = true }()
	if !a.inJSON() {
		a.explain(err)
		return
	}
	level, text, code := slog.LevelInfo, "done", exitCode(err)
	attrs := []slog.Attr{slog.Int("exit_code", code)}
	switch _, said := err.(outcome); {
	case code == exitOK && a.quiet():
		return
	case code == exitOK:
	case said:
		level, text = slog.LevelError, fmt.Sprintf("finished with exit code %d", code)
	default:
		level, text = slog.LevelError, err.Error()
		var input *guest.InputError
		if errors.As(err, &input) {
			attrs = append(attrs, slog.Any("problems", input.Problems))
		}
		if way := wayOut(err); way != "" {
			attrs = append(attrs, slog.String("hint", printable(way)))
		}
		if at := resumeAt(err); at != nil {
			attrs = append(attrs, slog.Time("resume_at", *at))
		}
	}
	a.emit(level, "end", printable(text), attrs...)
}

// explain prints the cause, and then the way out where there is one.
func (a *app) explain(err error) {
	if _, said := err.(outcome); err == nil || said {
		return
	}
	fmt.Fprintln(a.stderr, "guestlist:", printable(cause(err)))
	if way := wayOut(err); way != "" {
		fmt.Fprintln(a.stderr, printable(way))
	}
}

// cause words what went wrong. Of a file that cannot be used each problem has a
// line of its own.
func cause(err error) string {
	var input *guest.InputError
	if !errors.As(err, &input) || len(input.Problems) < 2 {
		return err.Error()
	}
	list := "\n  " + strings.Join(input.Problems, "\n  ")
	return strings.Replace(err.Error(), input.Error(), "the file cannot be used as it is:"+list, 1)
}

func wayOut(err error) string {
	var (
		with  hinted
		wrong usage
		api   *tallyfy.Error
		limit *ratelimit.TooLong
		file  *fs.PathError
	)
	switch {
	case errors.As(err, &with):
		return with.hint
	case errors.As(err, &limit):
		return comeBack(limit.Until)
	case errors.As(err, &wrong) && wrong.command != "":
		return "see: " + wrong.command + " --help"
	case strings.HasPrefix(err.Error(), "unknown command"):
		return "see: guestlist --help"
	case errors.Is(err, importer.ErrOutage):
		return "rows that have no result yet are left open: go on when the server is well again (--max-failures decides when to stop)"
	case errors.As(err, &api) && api.SigningIn() && api.Status == 0:
		return "check the network, and the address in --token-url"
	case api != nil && api.SigningIn() && api.Unauthenticated():
		return "what is set, and where it came from: guestlist doctor"
	case api != nil && api.Unauthenticated() && api.PersonalToken():
		return "the token is not accepted: a personal token dies when its owner logs out of Tallyfy; make a new one and put it into TALLYFY_ACCESS_TOKEN; jobs use client credentials (TALLYFY_CLIENT_ID, --client-secret-file)"
	case api != nil && api.Unauthenticated():
		return "the application signed in, and its token is not accepted: check that --token-url and --base-url belong together, and TALLYFY_ORG_ID (--org)"
	case api != nil && api.Forbidden() && !api.PersonalToken():
		return "the application may not do that in this organization: name a member who may with --as-user EMAIL, and check TALLYFY_ORG_ID (--org)"
	case api != nil && api.Forbidden():
		return "the token's owner may not do that in this organization: check TALLYFY_ORG_ID (--org) and the owner's role"
	case api != nil && api.Status == 0 && !api.Sent:
		return "check the network, and the address in --base-url or TALLYFY_BASE_URL"
	case api != nil && api.Status == 404:
		return "check the organization's id in TALLYFY_ORG_ID (--org) and the address in --base-url"
	case errors.Is(err, fs.ErrNotExist) && errors.As(err, &file):
		return "check the file's name and folder" + filesLike(file.Path)
	}
	return ""
}

// noArguments refuses arguments where a command takes none.
func noArguments(cmd *cobra.Command, args []string) error {
	err := oneDash(cmd, args)
	switch {
	case err != nil:
	case len(args) == 0:
		return nil
	case cmd.HasSubCommands():
		err = unknownCommand(cmd, args[0])
	default:
		err = fmt.Errorf("%s takes no arguments, and there is %q", cmd.Name(), shortened(args[0]))
	}
	return usage{err, cmd.CommandPath()}
}

// oneFile wants exactly one argument, a file.
func oneFile(cmd *cobra.Command, args []string) error {
	switch len(args) {
	case 1:
		return nil
	case 0:
		return misused(cmd, "%s needs a file", cmd.Name())
	}
	return misused(cmd, "%s takes one file, and there are %d", cmd.Name(), len(args))
}

// causeOf puts the signal that ended a context, if one did, before what went wrong
// otherwise. What is only the consequence of the signal gives way to it, and a
// command that was done already stays done.
func causeOf(ctx context.Context, err error) error {
	var signal stopped
	_, done := err.(outcome)
	switch {
	case err == nil, done, errors.As(err, &signal), !errors.As(context.Cause(ctx), &signal):
		return err
	case errors.Is(err, context.Canceled):
		return signal
	}
	return errors.Join(signal, err)
}

// comeBack words when a run that was stopped by a limit can go on.
func comeBack(until time.Time) string {
	return fmt.Sprintf("come back at %s (in %s)", clockTime(until, time.Now()), inWords(time.Until(until)))
}
