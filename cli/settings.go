package cli

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"guestlist/importer"
	"guestlist/profile"
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
// environment, else profile, else default.
type settings struct {
	profileName string

	org              string
	tokenFile        string
	clientIDFile     string
	clientSecretFile string
	tokenURL         string
	asUser           string
	baseURL          string
	rate             string
	inviteCap        string
	maxWait          string
	budgets          string
	workers          int
	retries          int
	timeout          time.Duration

	// What resolve finds out.
	chosen profile.Profile   // without a name: none
	origin map[string]string // who decided a setting, by its flag: a flag, a variable, "profile NAME" or "default"
	way    signIn

	longestWait *time.Duration // maxWait, understood; nil: unlimited
	budgetsRead string         // what GUESTLIST_BUDGETS_FILE holds; empty: it was not read
}

func (s *settings) register(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&s.org, "org", "", "organization `ID` (TALLYFY_ORG_ID)")
	f.StringVar(&s.tokenFile, "token-file", "", "`FILE` with the access token (TALLYFY_ACCESS_TOKEN holds the token itself, TALLYFY_TOKEN_FILE such a file)")
	f.StringVar(&s.clientIDFile, "client-id-file", "", "for jobs, in place of a token: `FILE` with the id of client credentials (TALLYFY_CLIENT_ID holds the id itself)")
	f.StringVar(&s.clientSecretFile, "client-secret-file", "", "`FILE` with the secret of client credentials (TALLYFY_CLIENT_SECRET holds the secret itself)")
	f.StringVar(&s.tokenURL, "token-url", "", "`URL` where client credentials sign in (TALLYFY_TOKEN_URL, default "+tallyfy.DefaultTokenURL+"; with a base URL elsewhere, /oauth/token there)")
	f.StringVar(&s.asUser, "as-user", "", "`EMAIL` of the member that client credentials act as (TALLYFY_AS_USER)")
	f.StringVar(&s.baseURL, "base-url", "", "`URL` of the API (TALLYFY_BASE_URL, default "+tallyfy.DefaultBaseURL+")")
	f.StringVar(&s.rate, "rate", "", "ceiling over every call: `N/s`, N/m, N/h, or auto for the documented limits (GUESTLIST_RATE, default "+defaultRate+")")
	f.StringVar(&s.inviteCap, "invite-cap", "", "creates an hour: auto (what the server has told), `N/h`, or none (GUESTLIST_INVITE_CAP, default "+defaultInviteCap+")")
	f.StringVar(&s.maxWait, "max-wait", "", "longest wait for a limit, such as 5m; a longer one ends the run with exit code 6, to be gone on with: a `DURATION` or unlimited (GUESTLIST_MAX_WAIT, default "+defaultMaxWait+")")
	f.StringVar(&s.budgets, "budgets", "", "share the server's limits with other hosts through a Redis: its `URL`, such as redis://redis.example:6379 (GUESTLIST_BUDGETS, which may hold a password, or GUESTLIST_BUDGETS_FILE; default: with others on this host)")
	f.IntVar(&s.workers, "workers", 0, "`NUMBER` of writes at a time (GUESTLIST_WORKERS, default "+defaultWorkers+")")
	f.IntVar(&s.retries, "retries", 8, "`NUMBER` of attempts for one call, the first included")
	f.DurationVar(&s.timeout, "timeout", time.Minute, "the longest that one attempt may take: a `DURATION`")
	f.StringVar(&s.profileName, "profile", "", "`NAME` of an organization in the configuration file, see guestlist profiles (GUESTLIST_PROFILE)")
	connectionFlags.hold(f, "org", "token-file", "client-id-file", "client-secret-file", "token-url", "as-user", "base-url",
		"rate", "invite-cap", "max-wait", "budgets", "workers", "retries", "timeout", "profile")
}

// setting is one that a flag, the environment, a profile or else a default decides.
type setting struct {
	flag     string
	variable string  // empty: the environment has no say
	profile  string  // what the chosen profile says
	fallback string  // the default
	value    *string // nil: it is no text
}

// list returns the settings, but for those to sign in with, which are several for
// one thing.
func (s *settings) list(cmd *cobra.Command) []setting {
	p, workers := &s.chosen, ""
	if p.Workers != nil {
		workers = strconv.Itoa(*p.Workers)
	}
	return []setting{
		{"org", "TALLYFY_ORG_ID", p.Org, "", &s.org},
		{"base-url", "TALLYFY_BASE_URL", p.BaseURL, tallyfy.DefaultBaseURL, &s.baseURL},
		{"token-url", "TALLYFY_TOKEN_URL", p.TokenURL, tallyfy.DefaultTokenURL, &s.tokenURL},
		{"as-user", "TALLYFY_AS_USER", p.AsUser, "", &s.asUser},
		{"rate", "GUESTLIST_RATE", p.Rate, defaultRate, &s.rate},
		{"invite-cap", "GUESTLIST_INVITE_CAP", p.InviteCap, defaultInviteCap, &s.inviteCap},
		{"max-wait", "GUESTLIST_MAX_WAIT", p.MaxWait, defaultMaxWait, &s.maxWait},
		{"budgets", "GUESTLIST_BUDGETS", p.Budgets, "", &s.budgets},
		{"workers", "GUESTLIST_WORKERS", workers, defaultWorkers, nil},
		{"retries", "", "", cmd.Flags().Lookup("retries").DefValue, nil},
		{"timeout", "", "", cmd.Flags().Lookup("timeout").DefValue, nil},
	}
}

// decide returns the value of a setting, and who decided it; see settings.origin.
func (s *settings) decide(a *app, cmd *cobra.Command, one setting) (value, origin string) {
	if f := cmd.Flags().Lookup(one.flag); f.Changed && f.Value.String() != "" {
		return f.Value.String(), "--" + one.flag
	}
	if one.variable != "" {
		if value := a.getenv(one.variable); value != "" {
			return value, one.variable
		}
	}
	if one.profile != "" {
		return one.profile, s.profileOrigin()
	}
	return one.fallback, "default"
}

// resolve fills in what no flag has set, and checks it all before anything is
// read or sent but the configuration file.
func (s *settings) resolve(a *app, cmd *cobra.Command) (*ratelimit.Gate, error) {
	if err := s.chooseProfile(a); err != nil {
		return nil, err
	}
	gate, err := s.settle(a, cmd)
	if err != nil {
		return nil, err
	}
	for _, line := range s.overruled(cmd) {
		a.warn("%s", line)
	}
	return gate, nil
}

// settle is resolve when the profile is chosen.
func (s *settings) settle(a *app, cmd *cobra.Command) (gate *ratelimit.Gate, err error) {
	s.origin = map[string]string{}
	for _, one := range s.list(cmd) {
		value, origin := s.decide(a, cmd, one)
		s.origin[one.flag] = origin
		switch {
		case one.value != nil:
			*one.value = first(*one.value, value)
		case one.flag == "workers" && !cmd.Flags().Changed("workers"):
			if s.workers, err = strconv.Atoi(value); err != nil {
				return nil, misused(cmd, "GUESTLIST_WORKERS: %q is not a number", value)
			}
		}
	}
	if _, err := tallyfy.CheckBaseURL(s.baseURL); err != nil {
		return nil, misused(cmd, "%s: %w", s.named("base-url"), err)
	}
	if s.origin["token-url"] == "default" {
		s.tokenURL = tallyfy.TokenURLOf(s.baseURL)
	}
	if _, err := tallyfy.CheckTokenURL(s.tokenURL); err != nil {
		return nil, misused(cmd, "%s: %w", s.named("token-url"), err)
	}
	switch {
	case s.workers < 1 || s.workers > 100:
		return nil, misused(cmd, "%s: %d is not between 1 and 100", s.named("workers"), s.workers)
	case s.retries < 1 || s.retries > 100:
		return nil, misused(cmd, "--retries: %d is not between 1 and 100", s.retries)
	case s.timeout <= 0:
		return nil, misused(cmd, "--timeout: %s is no time to wait", s.timeout)
	}
	options, err := s.limits(a)
	if err != nil {
		return nil, misused(cmd, "%w", err)
	}
	s.longestWait = options.MaxWait
	if s.way, err = s.findWay(a); err != nil {
		return nil, usage{err, ""}
	}
	return ratelimit.New(options), nil
}

// named is what a setting is called when its value is wrong: where it would be
// mended.
func (s *settings) named(flag string) string {
	switch origin := s.origin[flag]; {
	case s.chosen.Name != "" && origin == s.profileOrigin():
		return strings.ReplaceAll(flag, "-", "_") + " in the profile " + s.chosen.Name
	case origin == "", origin == "default":
		return "--" + flag
	default: // the flag or the variable
		return origin
	}
}

// client connects to the organization, when the settings are resolved.
func (s *settings) client(a *app, cmd *cobra.Command, gate *ratelimit.Gate) (*tallyfy.Client, error) {
	if s.org == "" {
		return nil, errNoOrganization
	}
	config := s.config(gate)
	config.Retrying, config.Called = a.retrying, a.called
	if err := s.signInto(cmd.Context(), &config); err != nil {
		return nil, err
	}
	client, err := tallyfy.New(config)
	if err != nil {
		return nil, usage{err, cmd.CommandPath()}
	}
	return client, nil
}

// config is the client's configuration, but for how it signs in, when the settings
// are resolved.
func (s *settings) config(gate *ratelimit.Gate) tallyfy.Config {
	return tallyfy.Config{
		BaseURL: s.baseURL, Org: s.org, Gate: gate, Timeout: s.timeout,
		Attempts: s.retries, Connections: s.workers, Patience: importer.Patience, UserAgent: "guestlist/" + version,
	}
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
