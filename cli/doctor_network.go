package cli

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// patienceOfDoctor is how long a name, a connection and its encryption may take,
// each.
const patienceOfDoctor = 10 * time.Second

// lookAtNetwork finds out how far the way to the server goes, and whether it goes
// all the way. That is no call: nothing is asked of it.
func (d *doctor) lookAtNetwork(ctx context.Context, address *url.URL) bool {
	// It fails only for plain http, which goes to this machine and past all proxies.
	// One whose address makes no sense is ignored.
	proxy, _ := http.ProxyFromEnvironment(&http.Request{URL: address})
	way := address
	switch {
	case proxy != nil:
		d.note("proxy", "calls go through %s (HTTPS_PROXY, NO_PROXY)", proxy.Host)
		way = proxy
	case first(d.app.getenv("HTTPS_PROXY"), d.app.getenv("https_proxy")) != "":
		d.note("proxy", "not used, though HTTPS_PROXY is set")
		d.advise("so it is for this machine, for hosts in NO_PROXY, and where it is not written like http://proxy.example.com:8080")
	}
	host := way.Hostname()
	port := first(way.Port(), map[string]string{"http": "80", "https": "443", "socks5": "1080", "socks5h": "1080"}[way.Scheme])
	_, err := lookUp(ctx, host)
	switch {
	case ctx.Err() != nil: // and nobody knows what would have been
		return false
	case err != nil:
		d.problem("network", nameProblem(host, err), wayToName(proxy != nil))
		return false
	}
	dialer := net.Dialer{Timeout: patienceOfDoctor}
	conn, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(host, port))
	switch {
	case ctx.Err() != nil:
		return false
	case err != nil:
		d.problem("network", fmt.Errorf("%s %s on port %s", host, whyNoConnection(err), port), wayToConnection(proxy != nil))
		return false
	}
	defer conn.Close()
	if proxy != nil || way.Scheme == "http" {
		d.ok("network", "%s can be reached on port %s", host, port)
		return true
	}
	if err := secure(ctx, conn, host); err != nil {
		d.problem("network", certificateProblem(host, err), wayToCertificate(err))
		return false
	}
	d.ok("network", "%s can be reached on port %s, encrypted", host, port)
	return true
}

func lookUp(ctx context.Context, host string) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, patienceOfDoctor)
	defer cancel()
	return net.DefaultResolver.LookupHost(ctx, host)
}

func nameProblem(host string, err error) error {
	var dns *net.DNSError
	if errors.As(err, &dns) && dns.IsNotFound {
		return fmt.Errorf("there is no host %s", host)
	}
	return fmt.Errorf("the name %s cannot be looked up: this machine's DNS does not answer", host)
}

func wayToName(proxy bool) string {
	if proxy {
		return "check the name of the proxy in HTTPS_PROXY"
	}
	return "check the name in --base-url or TALLYFY_BASE_URL, and that this machine is online"
}

func whyNoConnection(err error) string {
	var late net.Error
	switch {
	case refused(err):
		return "refuses the connection"
	case errors.As(err, &late) && late.Timeout():
		return "does not answer"
	}
	return "cannot be reached"
}

func wayToConnection(proxy bool) string {
	if proxy {
		return "check the proxy in HTTPS_PROXY; NO_PROXY names hosts that need none"
	}
	return "check host and port in --base-url or TALLYFY_BASE_URL; a firewall may be in the way, or a proxy be needed (HTTPS_PROXY)"
}

func secure(ctx context.Context, conn net.Conn, host string) error {
	ctx, cancel := context.WithTimeout(ctx, patienceOfDoctor)
	defer cancel()
	return tls.Client(conn, &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}).HandshakeContext(ctx)
}

func certificateProblem(host string, err error) error {
	var certificate *tls.CertificateVerificationError
	var plain tls.RecordHeaderError
	switch {
	case errors.As(err, &certificate):
		text := strings.TrimPrefix(certificate.Err.Error(), "x509: ")
		return fmt.Errorf("%s does not prove who it is: %s", host, text)
	case errors.As(err, &plain):
		return fmt.Errorf("%s does not speak https on that port", host)
	}
	return fmt.Errorf("no encrypted connection to %s: %w", host, err)
}

func wayToCertificate(err error) string {
	var plain tls.RecordHeaderError
	if errors.As(err, &plain) {
		return "check the port in --base-url or TALLYFY_BASE_URL"
	}
	return "a proxy or virus scanner that looks into connections may stand in between: ask your IT for its certificate, and name the file in SSL_CERT_FILE; a clock that is wrong by days does this too"
}
