package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"guestlist/importer"
	"guestlist/ratelimit"
	"guestlist/tallyfy"
)

// errNoOrganization says that no organization is named.
var errNoOrganization = usage{hinted{errors.New("no organization is set"), "name it: export TALLYFY_ORG_ID=…, or --org"}, ""}

// What the settings are that nobody has set.
const (
	defaultRate      = "auto"
	defaultInviteCap = "auto"
	defaultMaxWait   = "unlimited"
	defaultWorkers   = "8"
)

// settings are those of the connection, which most commands share: flag, else
// environment, else default.
type settings struct {
	org       string
	tokenFile string
	baseURL   string
	rate      string
	inviteCap string
	maxWait   string
	workers   int
	retries   int
	timeout   time.Duration
}

func (s *settings) register(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&s.org, "org", "", "organization `ID` (TALLYFY_ORG_ID)")
	f.StringVar(&s.tokenFile, "token-file", "", "`FILE` with the access token (TALLYFY_ACCESS_TOKEN holds the token itself, TALLYFY_TOKEN_FILE such a file)")
	f.StringVar(&s.baseURL, "base-url", "", "`URL` of the API (TALLYFY_BASE_URL, default "+tallyfy.DefaultBaseURL+")")
	f.StringVar(&s.rate, "rate", "", "ceiling over every call: auto or `N/s`, N/m, N/h (GUESTLIST_RATE, default "+defaultRate+": the documented limits)")
	f.StringVar(&s.inviteCap, "invite-cap", "", "creates an hour: auto (what the server has told), `N/h`, or none (GUESTLIST_INVITE_CAP, default "+defaultInviteCap+")")
	f.StringVar(&s.maxWait, "max-wait", "", "longest wait for a limit, such as 5m; a longer one ends the run with exit code 6, to be gone on with: a `DURATION` or unlimited (GUESTLIST_MAX_WAIT, default "+defaultMaxWait+")")
	f.IntVar(&s.workers, "workers", 0, "`NUMBER` of writes at a time (GUESTLIST_WORKERS, default "+defaultWorkers+")")
	f.IntVar(&s.retries, "retries", 8, "`NUMBER` of attempts for one call, the first included")
	f.DurationVar(&s.timeout, "timeout", time.Minute, "the longest that one attempt may take: a `DURATION`")
	connectionFlags.hold(f, "org", "token-file", "base-url", "rate", "invite-cap", "max-wait", "workers", "retries", "timeout")
}

// resolve fills in from the environment what no flag has set, and checks it
// all before anything is read or sent.
func (s *settings) resolve(a *app, cmd *cobra.Command) (*ratelimit.Gate, error) {
	s.org = first(s.org, a.getenv("TALLYFY_ORG_ID"))
	s.baseURL = first(s.baseURL, a.getenv("TALLYFY_BASE_URL"), tallyfy.DefaultBaseURL)
	if _, err := tallyfy.CheckBaseURL(s.baseURL); err != nil {
		return nil, misused(cmd, "--base-url: %w", err)
	}
	if !cmd.Flags().Changed("workers") {
		n, err := strconv.Atoi(first(a.getenv("GUESTLIST_WORKERS"), defaultWorkers))
		if err != nil {
			return nil, misused(cmd, "GUESTLIST_WORKERS: %q is not a number", a.getenv("GUESTLIST_WORKERS"))
		}
		s.workers = n
	}
	switch {
	case s.workers < 1 || s.workers > 100:
		return nil, misused(cmd, "--workers: %d is not between 1 and 100", s.workers)
	case s.retries < 1 || s.retries > 100:
		return nil, misused(cmd, "--retries: %d is not between 1 and 100", s.retries)
	case s.timeout <= 0:
		return nil, misused(cmd, "--timeout: %s is no time to wait", s.timeout)
	}
	options, err := s.limits(a)
	if err != nil {
		return nil, misused(cmd, "%w", err)
	}
	return ratelimit.New(options), nil
}

// client connects to the organization.
func (s *settings) client(a *app, cmd *cobra.Command, gate *ratelimit.Gate) (*tallyfy.Client, error) {
	if s.org == "" {
		return nil, errNoOrganization
	}
	token, err := s.token(cmd.Context(), a)
	if err != nil {
		return nil, err
	}
	config := s.config(token, gate)
	config.Retrying = a.retrying
	client, err := tallyfy.New(config)
	if err != nil {
		return nil, usage{err, cmd.CommandPath()}
	}
	return client, nil
}

// config is the client's configuration, when the settings are resolved.
func (s *settings) config(token string, gate *ratelimit.Gate) tallyfy.Config {
	return tallyfy.Config{
		BaseURL: s.baseURL, Org: s.org, Token: token, Gate: gate, Timeout: s.timeout,
		Attempts: s.retries, Connections: s.workers, Patience: importer.Patience, UserAgent: "guestlist/" + version,
	}
}

// hasToken tells whether any token is set, readable or not.
func (s *settings) hasToken(a *app) bool { return len(s.tokens(a)) > 0 }

// tokenSource is a place that the access token may come from.
type tokenSource struct {
	name  string // of the flag or variable
	file  string // that holds it; empty: value does
	value string
}

// tokens returns where tokens are set, readable or not. The first one counts.
func (s *settings) tokens(a *app) (set []tokenSource) {
	for _, source := range []tokenSource{
		{name: "--token-file", file: s.tokenFile},
		{name: "TALLYFY_ACCESS_TOKEN", value: strings.TrimSpace(a.getenv("TALLYFY_ACCESS_TOKEN"))},
		{name: "TALLYFY_TOKEN_FILE", file: a.getenv("TALLYFY_TOKEN_FILE")},
		{name: "TALLYFY_API_TOKEN", value: strings.TrimSpace(a.getenv("TALLYFY_API_TOKEN"))},
	} {
		if source.file != "" || source.value != "" {
			set = append(set, source)
		}
	}
	return set
}

// token returns the access token. It never stands on the command line.
func (s *settings) token(ctx context.Context, a *app) (string, error) {
	set := s.tokens(a)
	switch {
	case len(set) == 0:
		return "", hinted{errNoToken, "make one in Tallyfy under Settings > Integrations > REST API, then: export TALLYFY_ACCESS_TOKEN=…, or --token-file FILE"}
	case set[0].file != "":
		return waitForToken(ctx, set[0].file)
	}
	return set[0].value, nil
}

// waitForToken is readToken until ctx ends: the file may be a pipe that nobody
// writes to.
func waitForToken(ctx context.Context, file string) (string, error) {
	var token string
	err := unlessDone(ctx, func() (err error) {
		token, err = readToken(file)
		return err
	})
	if err != nil {
		return "", err // and token may still be written to
	}
	return token, nil
}

// readToken returns the token that stands alone in a file.
func readToken(file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", fmt.Errorf("%w: %w", errNoToken, err)
	}
	defer f.Close()
	const longest = 64 << 10
	content, err := io.ReadAll(io.LimitReader(f, longest+1))
	token := strings.TrimSpace(string(content))
	switch {
	case err != nil:
		return "", fmt.Errorf("%w: %w", errNoToken, err)
	case len(content) > longest:
		return "", hinted{fmt.Errorf("%w: %s has more than %d KiB, and no token is that long", errNoToken, file, longest>>10), "name the file that holds the token, alone on a line"}
	case token == "":
		return "", hinted{fmt.Errorf("%w: %s is empty", errNoToken, file), "put the token into it, alone on a line"}
	}
	return token, nil
}

// first returns the first that is not empty.
func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
