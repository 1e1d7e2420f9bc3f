package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// noSecret says that there is nothing to sign in with. It is errNoToken.
type noSecret struct{ error }

func (e noSecret) Unwrap() error { return e.error }

func (e noSecret) Is(target error) bool { return target == errNoToken }

// read returns the secret. It waits for the file until ctx ends: that may be a
// pipe that nobody writes to.
func (s secret) read(ctx context.Context) (string, error) {
	if s.file == "" {
		return s.value, nil
	}
	var content string
	err := unlessDone(ctx, func() (err error) {
		content, err = readSecret(s.kind, s.file, true)
		return err
	})
	if err != nil {
		return "", err // and content may still be written to
	}
	return content, nil
}

// readToken returns the token that stands alone in a file, which others may read
// too: it is one of a rehearsal.
func readToken(file string) (string, error) { return readSecret(accessToken, file, false) }

// readSecret returns what stands alone in a file. A private one is refused when
// others may read it.
func readSecret(kind, file string, private bool) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", noSecret{fmt.Errorf("no %s: %w", kind, err)}
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", noSecret{fmt.Errorf("no %s: %w", kind, err)}
	}
	if what := exposure(info); private && what != "" {
		return "", hinted{noSecret{fmt.Errorf("read the %s: %s %s (mode %04o)", kind, what, file, info.Mode().Perm())}, "chmod 600 " + shellQuote(file)}
	}
	const longest = 64 << 10
	content, err := io.ReadAll(io.LimitReader(f, longest+1))
	text, short := alone(content), strings.TrimPrefix(kind, "access ")
	switch {
	case err != nil:
		return "", noSecret{fmt.Errorf("no %s: %w", kind, err)}
	case len(content) > longest:
		return "", hinted{noSecret{fmt.Errorf("no %s: %s has more than %d KiB, and no %s is that long", kind, file, longest>>10, short)}, "name the file that holds the " + short + ", alone on a line"}
	case text == "":
		return "", hinted{noSecret{fmt.Errorf("no %s: %s is empty", kind, file)}, "put the " + short + " into it, alone on a line"}
	}
	return text, nil
}

// alone returns what stands alone in a file, without the mark that Notepad puts before
// it, and from the UTF-16 that PowerShell writes.
func alone(content []byte) string {
	if plain, _, err := transform.Bytes(unicode.BOMOverride(transform.Nop), content); err == nil {
		content = plain
	}
	return strings.TrimSpace(string(content))
}

// exposure says what others on this machine may do with a secret's file; empty:
// nothing. The group may read it, as it has to where secrets are mounted. A pipe
// holds nothing, and Windows keeps its permissions elsewhere.
func exposure(info os.FileInfo) string {
	mode := info.Mode()
	switch {
	case runtime.GOOS == "windows" || !mode.IsRegular():
		return ""
	case mode.Perm()&0o004 != 0:
		return "others on this machine may read"
	case mode.Perm()&0o002 != 0:
		return "others on this machine may change"
	}
	return ""
}
