package cli

import (
	"errors"
	"fmt"
	"net/url"
	"os/user"
	"path/filepath"
	"runtime"
	"strings"

	"guestlist/tallyfy"
)

// stateName names what is kept of an organization: two servers' are two.
func stateName(s *settings) string {
	server := s.baseURL
	if u, err := tallyfy.CheckBaseURL(s.baseURL); err == nil {
		server = u.Host
		if p := u.Port(); p == "443" && u.Scheme == "https" || p == "80" && u.Scheme == "http" {
			server = strings.TrimSuffix(server, ":"+p)
		}
	}
	return url.QueryEscape(s.org) + "@" + url.QueryEscape(server)
}

// stateFolder is where runs keep what others on this host are to know.
func (a *app) stateFolder() (string, error) {
	if folder := a.getenv("GUESTLIST_STATE_DIR"); folder != "" {
		return folder, nil
	}
	// A relative one is to be ignored, by the XDG Base Directory Specification.
	if folder := a.getenv("XDG_STATE_HOME"); filepath.IsAbs(folder) {
		return filepath.Join(folder, "guestlist"), nil
	}
	if folder := a.getenv("LOCALAPPDATA"); runtime.GOOS == "windows" && folder != "" {
		return filepath.Join(folder, "guestlist"), nil
	}
	home := a.getenv("HOME")
	if home == "" { // as in services
		if me, err := user.Current(); err == nil {
			home = me.HomeDir
		}
	}
	if home == "" {
		return "", stateProblem(errors.New("the user has no home"))
	}
	return filepath.Join(home, ".local", "state", "guestlist"), nil
}

func stateProblem(err error) error {
	return hinted{
		fmt.Errorf("keep the state of this run: %w", err),
		"name a folder that it may write to: export GUESTLIST_STATE_DIR=FOLDER",
	}
}
