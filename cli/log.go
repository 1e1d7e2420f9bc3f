package cli

import (
	"context"
	"fmt"
	"io"
	"log"
	"log/slog"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// The forms that standard error may have.
const (
	logText = "text" // lines for a person
	logJSON = "json" // one object a line, and nothing else
)

// logFormat finds the form of standard error in a command line that nobody has
// understood yet: what is wrong with it is told in that form, too. Empty: none is
// asked for.
func logFormat(args []string, getenv func(string) string) string {
	format := getenv("GUESTLIST_LOG_FORMAT")
	for i, arg := range args {
		value, assigned := strings.CutPrefix(arg, "--log-format=")
		switch {
		case arg == "--":
			return format
		case assigned:
			format = value
		case arg == "--log-format" && i+1 < len(args):
			format = args[i+1]
		}
	}
	return format
}

// logFlags say what standard error carries, and how.
type logFlags struct {
	format         string
	quiet, verbose bool
}

func (f *logFlags) register(root *cobra.Command) {
	flags := root.PersistentFlags()
	flags.StringVar(&f.format, "log-format", "", "`FORMAT` of standard error: text, or json with an object on each line (GUESTLIST_LOG_FORMAT, default text)")
	flags.BoolVar(&f.quiet, "quiet", false, "print errors only")
	flags.BoolVar(&f.verbose, "verbose", false, "print each call of the server, and what it answered")
}

// apply makes standard error as the flags say, when they are understood. What they
// leave open stays as it is.
func (f *logFlags) apply(a *app, cmd *cobra.Command) error {
	switch {
	case f.quiet && f.verbose:
		return misused(cmd, "--quiet leaves out everything but errors, --verbose adds every call: give one of them")
	case f.quiet:
		a.screen.least.Set(slog.LevelError)
	case f.verbose:
		a.screen.least.Set(slog.LevelDebug)
	}
	format, set := f.format, cmd.Flags().Changed("log-format")
	if !set {
		format = a.getenv("GUESTLIST_LOG_FORMAT")
	}
	switch err := oneOf("log-format", format, logText, logJSON); {
	case err == nil:
		a.screen.json.Store(format == logJSON)
	case set:
		return usage{err, cmd.CommandPath()}
	case format != "" && !cmd.Hidden && cmd.Name() != "help": // which may be how to find out
		err = fmt.Errorf("GUESTLIST_LOG_FORMAT: %q is neither %s nor %s", format, logText, logJSON)
		return usage{didYouMean(err, nearest(format, []string{logText, logJSON})), cmd.CommandPath()}
	}
	return nil
}

// inJSON tells whether standard error carries JSON.
func (a *app) inJSON() bool { return a.screen.json.Load() }

// say prints a line for a person.
func (a *app) say(format string, args ...any) {
	a.event(slog.LevelInfo, "", fmt.Sprintf(format, args...))
}

// warn prints a line for a person about something that may not be as it should.
func (a *app) warn(format string, args ...any) {
	a.event(slog.LevelWarn, "", fmt.Sprintf(format, args...))
}

// event tells that something has happened: a person reads the text; in JSON there
// are its kind, by which programs know it, and the attributes besides, so that
// nobody has to take the text apart. An empty kind is that of texts that are only
// for people. With --quiet nothing below slog.LevelError is told, and what is below
// slog.LevelInfo only with --verbose.
func (a *app) event(level slog.Level, kind, text string, attrs ...slog.Attr) {
	if a.demonstrates {
		level = slog.LevelInfo
	}
	if !a.tells(level) {
		return
	}
	a.screen.Lock()
	defer a.screen.Unlock()
	a.emit(level, kind, printable(text), attrs...)
}

// print prints lines for a person, as they are: what may act on a terminal is
// escaped in them already, but for their colours.
func (a *app) print(lines ...string) {
	if !a.tells(slog.LevelInfo) {
		return
	}
	a.screen.Lock()
	defer a.screen.Unlock()
	for _, line := range lines {
		a.emit(slog.LevelInfo, "", line)
	}
}

// tells tells whether events of a level are told.
func (a *app) tells(level slog.Level) bool { return level >= a.screen.least.Level() }

// quiet tells whether only errors are told.
func (a *app) quiet() bool { return !a.tells(slog.LevelInfo) }

// emit is event with the screen held, of a text that is printable.
func (a *app) emit(level slog.Level, kind, text string, attrs ...slog.Attr) {
	switch {
	case a.screen.ended: // such as the answer to a signal that came late
	case !a.inJSON():
		a.line(a.style().wrap(text))
	case strings.TrimSpace(text) != "": // an empty line is for the eye, as blanks before a line are
		a.object(level, kind, strings.TrimSpace(text), attrs)
	}
}

// line prints a line of text while the screen is held.
func (a *app) line(text string) {
	if a.screen.display != nil {
		a.screen.display.line(text)
		return
	}
	fmt.Fprintln(a.stderr, text)
}

// object prints a line of JSON while the screen is held.
func (a *app) object(level slog.Level, kind, text string, attrs []slog.Attr) {
	r := slog.NewRecord(time.Now().Truncate(time.Millisecond), level, text, 0)
	if kind != "" {
		r.AddAttrs(slog.String("event", kind))
	}
	r.AddAttrs(attrs...)
	h := slog.NewJSONHandler(escaping{a.stderr}, &slog.HandlerOptions{ReplaceAttr: inUTC})
	_ = h.Handle(context.Background(), r) // nobody is left to be told
}

// inUTC writes every time in UTC.
func inUTC(_ []string, attr slog.Attr) slog.Attr {
	if attr.Value.Kind() == slog.KindTime {
		attr.Value = slog.TimeValue(attr.Value.Time().UTC())
	}
	return attr
}

// escaping writes lines of JSON so that they do not act on a terminal either, where
// somebody looks on. They say the same: all that can act stands in strings.
type escaping struct{ w io.Writer }

func (e escaping) Write(p []byte) (int, error) {
	if _, err := io.WriteString(e.w, printable(string(p))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// seconds is how long something takes, for programs.
func seconds(name string, d time.Duration) slog.Attr {
	return slog.Float64(name, d.Round(time.Millisecond).Seconds())
}

// foreign is where others write what they would write to standard error: cobra,
// and net/http by way of the standard logger. Each write is a message.
type foreign struct{ app *app }

func (f foreign) Write(p []byte) (int, error) {
	f.app.warn("%s", strings.TrimRight(string(p), "\r\n"))
	return len(p), nil
}

// takeLog makes the standard logger write to a, until the returned function is
// called.
func (a *app) takeLog() (giveBack func()) {
	w, flags := log.Writer(), log.Flags()
	log.SetOutput(foreign{a})
	log.SetFlags(0)
	return func() {
		log.SetOutput(w)
		log.SetFlags(flags)
	}
}
