package budgetredis

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
)

// Address is where a Redis is, and who signs in there. Its String tells no secret.
type Address struct {
	host     string // with the port
	database int
	user     string
	password string
	tls      *tls.Config // nil: none
}

// ParseAddress reads redis://USER:PASSWORD@HOST:PORT/DATABASE, or rediss:// for a
// connection by TLS. All but the host may be missing, but a user has a password. Its
// errors are fit to be shown behind the name of the setting, and hold nothing of the
// text, in which a secret may stand.
func ParseAddress(text string) (Address, error) {
	u, err := url.Parse(text)
	if err != nil {
		return Address{}, errors.New("it is no URL: write redis://HOST:6379, or rediss:// for TLS; in a password all but letters and digits has to be percent-encoded")
	}
	switch {
	case u.Scheme != "redis" && u.Scheme != "rediss":
		return Address{}, errors.New("it is no address of a Redis: write redis://HOST:6379, or rediss:// for TLS")
	case u.Hostname() == "":
		return Address{}, errors.New("it names no host: write redis://HOST:6379")
	case u.RawQuery != "" || u.Fragment != "":
		return Address{}, errors.New("nothing can be set by ?… or #… in it: leave that out; in a password ? is written %3F, and # is %23")
	}
	port := first(u.Port(), "6379")
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return Address{}, errors.New("its port is not between 1 and 65535")
	}
	a := Address{host: net.JoinHostPort(u.Hostname(), port), user: u.User.Username()}
	a.password, _ = u.User.Password()
	if a.user != "" && a.password == "" { // which may be the password, so it must not be shown
		return Address{}, errors.New("what stands alone before the @ is a user without a password: write redis://USER:PASSWORD@HOST, or redis://:PASSWORD@HOST where there are no users")
	}
	if path := strings.Trim(u.Path, "/"); path != "" {
		number, err := strconv.ParseUint(path, 10, 31)
		if err != nil {
			return Address{}, errors.New("what follows the host is the number of a database, such as /0; in a password / is written %2F")
		}
		a.database = int(number)
	}
	if u.Scheme == "rediss" {
		a.tls = &tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS12}
	}
	return a, nil
}

// HasPassword tells whether there is a password in it.
func (a Address) HasPassword() bool { return a.password != "" }

// String returns the address without the password.
func (a Address) String() string {
	u := url.URL{Scheme: "redis", Host: a.host}
	if a.tls != nil {
		u.Scheme = "rediss"
	}
	if a.user != "" {
		u.User = url.User(a.user)
	}
	if a.database != 0 {
		u.Path = fmt.Sprintf("/%d", a.database)
	}
	return u.String()
}

// dial connects, by TLS if it has to.
func (a Address) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{Timeout: patience}).DialContext(ctx, network, address)
	if err != nil || a.tls == nil {
		return conn, err
	}
	secure := tls.Client(conn, a.tls)
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = conn.Close()
		return nil, handshakeError{err}
	}
	return secure, nil
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
