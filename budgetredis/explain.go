package budgetredis

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"

	"github.com/redis/go-redis/v9"
)

// handshakeError says that no connection by TLS came about.
type handshakeError struct{ error }

func (e handshakeError) Unwrap() error { return e.error }

// explained words errors for people.
func (s *Store) explained(err error) error {
	var timeout net.Error
	var unknown *net.DNSError
	var handshake handshakeError
	says := func(text string) bool { return strings.Contains(err.Error(), text) }
	hangsUp := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
	refuses := hangsUp && !s.heard.Load() && !errors.As(err, &handshake)
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return errors.New("it refuses the connection")
	case errors.As(err, &unknown) && unknown.IsNotFound:
		return errors.New("there is no host of that name")
	case says("certificate required"), says("bad certificate"), s.secure && refuses: // which comes when the handshake is over
		return errors.New("it hangs up at once: if it asks this host for a certificate, guestlist has none; tell it not to ask (tls-auth-clients no)")
	case errors.As(err, &handshake):
		return explainedHandshake(handshake.error)
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return fmt.Errorf("no answer within %v", patience)
	case refuses:
		return errors.New("it hangs up at once: if that port is for TLS, write rediss://")
	case hangsUp:
		return errors.New("it has closed the connection")
	case says("redis: invalid reply"), says("redis: can't parse"):
		return errors.New("what answers there is no Redis: check host and port, and write rediss:// if that port is for TLS")
	case says("WRONGPASS"), redis.HasErrorPrefix(err, "ERR invalid password"):
		return errors.New("the user or the password is wrong: " + err.Error())
	case says("NOAUTH"):
		return errors.New("it wants a password: " + err.Error())
	case says("no password is set"):
		return errors.New("it has no password: leave that out of the address: " + err.Error())
	case says("NOPERM"), says("The user executing the script"), says("ACL failure in script"):
		return errors.New("its user may not do all that is needed, see docs/shared-budgets.md: " + err.Error())
	case says("DB index is out of range"), says("SELECT is not allowed"):
		return errors.New("it has no database of that number: " + err.Error())
	}
	return err
}

func explainedHandshake(err error) error {
	var timeout net.Error
	var host x509.HostnameError
	var authority x509.UnknownAuthorityError
	var certificate *tls.CertificateVerificationError
	var plain tls.RecordHeaderError
	switch {
	case errors.As(err, &host):
		return fmt.Errorf("its certificate is not for that host, write one that it names: %w", err)
	case errors.As(err, &authority):
		return fmt.Errorf("nobody whom this host trusts has signed its certificate, name the file with the authority's in SSL_CERT_FILE: %w", err)
	case errors.As(err, &certificate):
		return fmt.Errorf("its certificate does not hold: %w", err)
	case errors.As(err, &plain):
		return errors.New("it does not speak TLS on that port: name the one that does, or write redis://")
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return fmt.Errorf("no TLS within %v: if that port is for connections without it, write redis://", patience)
	}
	return fmt.Errorf("no connection by TLS: %w", err)
}
