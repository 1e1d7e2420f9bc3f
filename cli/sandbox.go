package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"guestlist/sandbox"
)

type sandboxFlags struct {
	listen     string
	org        string
	tokenFile  string
	clientID   string
	secretFile string
	tokenLife  time.Duration
	userOnly   bool
	legacy     bool
	guests     int
	limits     []string
	hideLimits bool
	faults     []string
	latency    time.Duration
	late       time.Duration
	seed       uint64
	perPageMax int
	noSort     bool
}

func (a *app) sandboxCommand() *cobra.Command {
	var f sandboxFlags
	cmd := &cobra.Command{
		Use:   "sandbox",
		Short: "Serve an imitation of the guest API, for rehearsals and tests",
		Long: `Sandbox serves the guest API on this machine, over guests that it keeps in
memory, the same for every organization: create, list, get, update, delete,
disable and enable guests, and list members. It prints its base URL on standard
output and serves until it is interrupted.

It accepts any token, or with --token-file that one. Jobs sign in at
/oauth/token with client credentials: any number as the client's id and any
secret, or with --client-id and --client-secret-file those; then it accepts no
tokens but that of --token-file and those that it issues itself. A job's token
can be exchanged for a member's, such as member.one@acme.com's, and with
--user-context it is good for nothing else.

Calls have classes: create, update, delete, disable, enable, list, get, members,
token, user-token, and the groups read (get, list, members), write (create,
update, delete, disable, enable), all (read and write), invite (create) and
sign-in (token, user-token, which are not among all).

A limit is a fixed window that begins with the first call counted in it. Over
it, calls are answered 429 with Retry-After.

Faults strike a percentage of the calls:
  500         an error in JSON, nothing done
  500-after   the work is done, then the same error
  503         an error in JSON with Retry-After, nothing done
  html        a proxy's error page, nothing done
  cut-before  the connection is cut, nothing done
  cut-after   the work is done, then the connection is cut without an answer
  cut-late    the connection is cut, and the work is done later (--late)
  half        the work is done, then half of the answer
  hang        the work is done, and no answer comes
  429         a limit nobody knew of, with Retry-After; nothing done`,
		Example: `  guestlist sandbox                        an empty organization, no limits

  5,000 guests, as older servers show them:
    guestlist sandbox --guests 5000 --legacy
  the documented limits, to see how long an import would take:
    guestlist sandbox --limit all=600/m --limit read=12/5s --limit invite=30/h
  sign-in as a nightly job has it, with tokens that end soon:
    guestlist sandbox --client-id 7 --client-secret-file secret --token-life 1m
  a bad network:
    guestlist sandbox --fault cut-after=5:create --fault 500=10 --latency 100ms`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := f.options()
			if err != nil {
				return usage{err, cmd.CommandPath()}
			}
			if f.tokenFile != "" {
				if o.Token, err = readToken(f.tokenFile); err != nil {
					return err
				}
			}
			if f.secretFile != "" {
				secret, err := readSecret(clientSecret, f.secretFile, false)
				if err != nil {
					return err
				}
				o.Clients = []sandbox.Client{{ID: f.clientID, Secret: secret}}
			}
			return a.serveSandbox(cmd.Context(), &f, o)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.listen, "listen", "127.0.0.1:8765", "`ADDRESS` to listen on, of this machine only; port 0 takes a free one")
	flags.StringVar(&f.org, "org", "", "serve the organization `ID` only (default: any)")
	flags.StringVar(&f.tokenFile, "token-file", "", "accept the token in `FILE`, and those that the sandbox issues (default: any)")
	flags.StringVar(&f.clientID, "client-id", "", "let only the client with this `NUMBER` for an id sign in (default: any)")
	flags.StringVar(&f.secretFile, "client-secret-file", "", "the secret of that client stands in `FILE`")
	flags.DurationVar(&f.tokenLife, "token-life", 0, "how long an issued token lives: a `DURATION` (default 168h, a member's 2160h)")
	flags.BoolVar(&f.userOnly, "user-context", false, "answer 403 to a job whose token is not exchanged for a member's")
	flags.BoolVar(&f.legacy, "legacy", false, "the older record shape: string ids, names inside details, 422 for an email that is a guest already")
	flags.IntVar(&f.guests, "guests", 0, "`NUMBER` of generated guests at the start")
	flags.StringArrayVar(&f.limits, "limit", nil, "`CLASS=N/WINDOW`, such as invite=30/h or read=12/5s (repeatable)")
	flags.BoolVar(&f.hideLimits, "hide-limits", false, "no X-RateLimit headers in the answers")
	flags.StringArrayVar(&f.faults, "fault", nil, "`KIND=PERCENT[:CLASS]`, such as 500=10 or cut-after=5:create (repeatable)")
	flags.DurationVar(&f.latency, "latency", 0, "how long each call takes, at least: a `DURATION`")
	flags.DurationVar(&f.late, "late", 2*time.Second, "how long after the cut a cut-late does its work: a `DURATION`")
	flags.Uint64Var(&f.seed, "seed", 1, "`NUMBER` that faults and generated guests are drawn from")
	flags.IntVar(&f.perPageMax, "per-page-max", 0, "the most guests that a page has, whatever is asked: a `NUMBER` (default 999)")
	flags.BoolVar(&f.noSort, "no-sort", false, "list by date of creation, whatever order is asked for")
	return cmd
}

func (f *sandboxFlags) options() (sandbox.Options, error) {
	o := sandbox.Options{
		Org: f.org, Legacy: f.legacy, Guests: f.guests, HideLimits: f.hideLimits,
		Latency: f.latency, Seed: f.seed, PerPageMax: f.perPageMax, NoSort: f.noSort,
		TokenLife: f.tokenLife, UserTokenLife: f.tokenLife, UserContext: f.userOnly,
	}
	switch {
	case f.guests < 0:
		return o, fmt.Errorf("--guests: %d is less than none", f.guests)
	case f.latency < 0:
		return o, fmt.Errorf("--latency: %s is no time to take", f.latency)
	case f.late <= 0:
		return o, fmt.Errorf("--late: %s is no time to take", f.late)
	case f.tokenLife != 0 && f.tokenLife < time.Second:
		return o, fmt.Errorf("--token-life: %s is too short: a token lives a second or more", f.tokenLife)
	case (f.clientID == "") != (f.secretFile == ""):
		return o, errors.New("--client-id and --client-secret-file go together: give both, or neither to let any client sign in")
	case strings.Trim(f.clientID, "0123456789") != "":
		return o, fmt.Errorf("--client-id: %q is no number, and a client id is one, such as 7", f.clientID)
	case f.perPageMax < 0:
		return o, fmt.Errorf("--per-page-max: %d is less than none", f.perPageMax)
	}
	for _, text := range f.limits {
		l, err := parseLimit(text)
		if err != nil {
			return o, err
		}
		o.Limits = append(o.Limits, l)
	}
	for _, text := range f.faults {
		kind, rest, ok := strings.Cut(text, "=")
		share, class, _ := strings.Cut(rest, ":")
		percent, err := strconv.ParseFloat(share, 64)
		if !ok || err != nil {
			return o, fmt.Errorf("--fault: %q is not of the form KIND=PERCENT[:CLASS], such as 500=10 or cut-after=5:create", text)
		}
		o.Faults = append(o.Faults, sandbox.Fault{Kind: kind, Percent: percent, Class: class, Late: f.late})
	}
	return o, o.Check()
}

// parseLimit reads CLASS=N/WINDOW. A window is s, m, h or a duration.
func parseLimit(text string) (sandbox.Limit, error) {
	class, rest, named := strings.Cut(text, "=")
	count, window, whole := strings.Cut(rest, "/")
	if strings.Trim(window, "smh") == "" {
		window = "1" + window
	}
	n, err := strconv.Atoi(count)
	length, werr := time.ParseDuration(window)
	if !named || !whole || err != nil || werr != nil {
		return sandbox.Limit{}, fmt.Errorf("--limit: %q is not of the form CLASS=N/WINDOW, such as invite=30/h or read=12/5s", text)
	}
	return sandbox.Limit{Class: class, Calls: n, Window: length}, nil
}

// serveSandbox serves until the context ends, which is its ordinary end.
func (a *app) serveSandbox(ctx context.Context, f *sandboxFlags, o sandbox.Options) error {
	served, err := listen(f.listen, sandbox.New(o))
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(a.stdout, served.url); err != nil {
		return errors.Join(err, served.close())
	}
	a.say("the sandbox serves the guest API; in another terminal:")
	a.say("  export TALLYFY_BASE_URL=%s TALLYFY_ORG_ID=%s %s", served.url, shellQuote(first(f.org, "acme")), f.signIn(served.url))
	a.whenStopped("") // it is the ordinary end
	<-ctx.Done()
	return served.close()
}

// signIn returns the variables that a client of this sandbox signs in with. It names files and never what they hold.
func (f *sandboxFlags) signIn(url string) string {
	switch {
	case f.tokenFile != "":
		return "TALLYFY_TOKEN_FILE=" + shellQuote(f.tokenFile)
	case f.clientID == "":
		return "TALLYFY_ACCESS_TOKEN=sandbox"
	}
	as := ""
	if f.userOnly {
		as = " TALLYFY_AS_USER=member.one@acme.com"
	}
	return fmt.Sprintf("TALLYFY_ACCESS_TOKEN= TALLYFY_TOKEN_URL=%s/oauth/token TALLYFY_CLIENT_ID=%s TALLYFY_CLIENT_SECRET_FILE=%s%s", url, f.clientID, shellQuote(f.secretFile), as)
}

// served is a handler on its way over real TCP.
type served struct {
	url    string // the base URL for clients
	server *http.Server
	ended  chan error
}

// listen serves a handler on an address of this machine. Other addresses are
// refused: the imitation has no business on a network.
func listen(address string, h http.Handler) (*served, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, hinted{fmt.Errorf("listen on %s: it is no address of this machine only", address), "use 127.0.0.1:PORT"}
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	s := &served{
		url:    "http://" + l.Addr().String() + "/api",
		server: &http.Server{Handler: h, ReadHeaderTimeout: time.Minute},
		ended:  make(chan error, 1),
	}
	go func() { s.ended <- s.server.Serve(l) }()
	return s, nil
}

func (s *served) close() error {
	err := s.server.Close()
	if e := <-s.ended; !errors.Is(e, http.ErrServerClosed) {
		err = errors.Join(err, e)
	}
	return err
}
