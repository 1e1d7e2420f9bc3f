package cli

import "github.com/spf13/cobra"

// environmentTopic and exitCodesTopic are pages of help without a command.
func environmentTopic() *cobra.Command {
	return &cobra.Command{
		Use:   "environment",
		Short: "What is read from the environment",
		Long: `What no flag says is read from the environment, else from the profile if one is
chosen, and has a default else. Several ways to sign in may be set: flags count
before the environment, that before the profile, and of each an access token
before client credentials.

  TALLYFY_ORG_ID         the organization's id (--org)
  TALLYFY_ACCESS_TOKEN   the access token itself; it is never a flag's value
  TALLYFY_TOKEN_FILE     a file that holds the token (--token-file)
  TALLYFY_API_TOKEN      the token, where none of the others is set
  TALLYFY_CLIENT_ID      id of client credentials, for jobs (--client-id-file);
                         TALLYFY_CLIENT_ID_FILE is a file that holds it
  TALLYFY_CLIENT_SECRET  their secret (--client-secret-file);
                         TALLYFY_CLIENT_SECRET_FILE is a file that holds it
  TALLYFY_TOKEN_URL      where client credentials sign in (--token-url)
  TALLYFY_AS_USER        email of the member they act as (--as-user)
  TALLYFY_BASE_URL       where the API is (--base-url)
  GUESTLIST_PROFILE      an organization in the configuration file (--profile)
  GUESTLIST_RATE         ceiling over every call (--rate)
  GUESTLIST_INVITE_CAP   creates an hour (--invite-cap)
  GUESTLIST_MAX_WAIT     longest wait for a limit (--max-wait)
  GUESTLIST_BUDGETS      a Redis through which other hosts share the limits
                         (--budgets): its URL, which may hold a password;
                         GUESTLIST_BUDGETS_FILE is a file that holds that URL
  GUESTLIST_WORKERS      writes at a time (--workers)
  GUESTLIST_SHARDS       number of parts that an import is shared out into
                         (--shard); which of them this is, from 0, is
                         JOB_COMPLETION_INDEX, as Kubernetes sets it
  GUESTLIST_LOG_FORMAT   form of standard error: text or json (--log-format)
  GUESTLIST_STATE_DIR    folder for locks and what is known of the limits;
                         else guestlist in XDG_STATE_HOME, else
                         ~/.local/state/guestlist (on Windows in LOCALAPPDATA)
  XDG_CONFIG_HOME        folder of guestlist/config.toml; else ~/.config
                         (on Windows APPDATA); see "guestlist profiles --help"
  HTTPS_PROXY, NO_PROXY  the proxy to the API, and hosts reached without it;
                         in small letters, too
  NO_COLOR               no colours, if it is set to anything
  TERM                   no signs that are not words, if it is dumb
  TMPDIR                 folder for what is kept of standard input

"guestlist doctor" tells what is set, and where it came from.`,
	}
}

func exitCodesTopic() *cobra.Command {
	return &cobra.Command{
		Use:   "exit-codes",
		Short: "What the exit codes mean",
		Long: `The exit code tells scripts what came of a command.

  0     all done
  1     another failure; also: another run holds the organization
  2     the command line is wrong, or no organization is set
  3     not signed in, no permission, or no token
  5     not found: the organization, or a guest
  6     stopped by a limit; go on with --resume
  7     nothing could be done as the input is invalid; also: validate or
        a dry run found invalid rows
  9     finished, but some rows failed or were refused; verify: they differ
  130   interrupted; go on with --resume
  143   terminated; go on with --resume

With --log-format json the last line of standard error has it as exit_code.`,
	}
}
