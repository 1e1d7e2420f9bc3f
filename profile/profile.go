// Package profile reads the configuration file of those who work for many
// organizations: one profile for each, with all that tells them apart.
//
// The file holds no secret. It names the files that do.
package profile

import (
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Profile is what the file says of one organization. A setting that is empty is
// not set. None is checked here but for its type: they are settings like those
// from anywhere else.
type Profile struct {
	Name string `toml:"-"` // never empty

	Org     string `toml:"org"`
	BaseURL string `toml:"base_url"`

	ClientID string `toml:"client_id"` // which is no secret

	// The names of files, absolute unless the configuration file's own name was
	// relative.
	TokenFile        string `toml:"token_file"`
	ClientIDFile     string `toml:"client_id_file"`
	ClientSecretFile string `toml:"client_secret_file"`

	TokenURL string `toml:"token_url"`
	AsUser   string `toml:"as_user"` // an email

	Rate      string `toml:"rate"`
	InviteCap string `toml:"invite_cap"`
	MaxWait   string `toml:"max_wait"`
	Budgets   string `toml:"budgets"` // a URL, where no password may stand
	Workers   *int   `toml:"workers"` // nil: not set
}

// HasClientID tells whether the profile says which application signs in.
func (p *Profile) HasClientID() bool { return p.ClientID != "" || p.ClientIDFile != "" }

// keys are those that a profile may have, as they stand in the file.
func keys() []string {
	return []string{
		"org", "base_url", "token_file", "client_id", "client_id_file", "client_secret_file", "token_url", "as_user",
		"rate", "invite_cap", "max_wait", "budgets", "workers",
	}
}

// File is a configuration file that was read. It is not changed any more, and so
// safe for concurrent use.
type File struct {
	Path     string
	Profiles []Profile // by name
}

// Names returns the names of the profiles, in the order of the alphabet.
func (f *File) Names() []string {
	var names []string
	for _, p := range f.Profiles {
		names = append(names, p.Name)
	}
	return names
}

// Find returns the profile with that very name, or nil.
func (f *File) Find(name string) *Profile {
	for i := range f.Profiles {
		if f.Profiles[i].Name == name {
			return &f.Profiles[i]
		}
	}
	return nil
}

// mostOfFile is more bytes than the file of any agency has.
const mostOfFile = 1 << 20

// Read reads a configuration file. Home is the user's home, which ~/ stands for in
// it; empty: it is not known. The error wraps fs.ErrNotExist when there is no such
// file, and is an *Error when it says something that cannot be.
func Read(path, home string) (*File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read the configuration: %w", err)
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, mostOfFile+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read the configuration: %w", err)
	case len(content) > mostOfFile:
		return nil, &Error{Path: path, Problem: fmt.Sprintf("it has more than %d KiB, and no configuration is that long", mostOfFile>>10)}
	}
	return Parse(content, path, home)
}

// Parse takes the content of the configuration file at path apart; see Read. The
// error is an *Error.
func Parse(content []byte, path, home string) (*File, error) {
	tables, err := decode(content)
	if err != nil {
		err.Path = path
		return nil, err
	}
	f := &File{Path: path}
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		p := tables[name]
		p.Name = name
		if problem := p.placeFiles(filepath.Dir(path), home); problem != nil {
			return nil, &Error{Path: path, Problem: problem.Error()}
		}
		f.Profiles = append(f.Profiles, p)
	}
	return f, nil
}

// placeFiles makes the names of files count from where the configuration file is.
func (p *Profile) placeFiles(folder, home string) error {
	for _, at := range []struct {
		key  string
		file *string
	}{
		{"token_file", &p.TokenFile}, {"client_id_file", &p.ClientIDFile}, {"client_secret_file", &p.ClientSecretFile},
	} {
		rest, atHome := underHome(*at.file)
		switch {
		case atHome && home == "":
			return fmt.Errorf("%s in the profile %s begins with ~, and nobody knows where your home is: write the whole path", at.key, shortened(p.Name))
		case atHome:
			*at.file = filepath.Join(home, rest)
		case *at.file != "" && !filepath.IsAbs(*at.file):
			*at.file = filepath.Join(folder, *at.file)
		}
	}
	return nil
}

// underHome returns what follows ~/ in a path that begins with it.
func underHome(path string) (rest string, ok bool) {
	rest, ok = strings.CutPrefix(path, "~")
	return rest, ok && (rest == "" || os.IsPathSeparator(rest[0]))
}
