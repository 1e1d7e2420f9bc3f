//go:build !windows

package budgetredis

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"guestlist/budgetredis/redistest"
)

// authority makes the files of a certificate authority and of a certificate by it
// for localhost.
func authority(t *testing.T) (authority, certificate, key string) {
	t.Helper()
	dir := t.TempDir()
	write := func(name, kind string, content []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	sign := func(template, by *x509.Certificate, its, bys *ecdsa.PrivateKey) []byte {
		template.SerialNumber = big.NewInt(time.Now().UnixNano())
		template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
		content, err := x509.CreateCertificate(rand.Reader, template, by, &its.PublicKey, bys)
		if err != nil {
			t.Fatal(err)
		}
		return content
	}
	newKey := func() *ecdsa.PrivateKey {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	caKey, serverKey := newKey(), newKey()
	ca := &x509.Certificate{Subject: pkix.Name{CommonName: "authority"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	server := &x509.Certificate{Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"}}
	authority = write("authority.pem", "CERTIFICATE", sign(ca, ca, caKey, caKey))
	certificate = write("server.pem", "CERTIFICATE", sign(server, ca, serverKey, caKey))
	pkcs8, err := x509.MarshalPKCS8PrivateKey(serverKey)
	if err != nil {
		t.Fatal(err)
	}
	return authority, certificate, write("server.key", "PRIVATE KEY", pkcs8)
}

// trusting lets an address trust an authority as if the system did.
func (a Address) trusting(t *testing.T, authority string) Address {
	t.Helper()
	content, err := os.ReadFile(authority)
	if err != nil {
		t.Fatal(err)
	}
	if a.tls != nil {
		a.tls.RootCAs = x509.NewCertPool()
		a.tls.RootCAs.AppendCertsFromPEM(content)
	}
	return a
}

func TestWhatKeepsARedisFromAnswering(t *testing.T) {
	t.Parallel()
	ca, certificate, key := authority(t)
	secure, strict := redistest.FreePort(t), redistest.FreePort(t)
	files := []string{"--tls-cert-file", certificate, "--tls-key-file", key, "--tls-ca-cert-file", ca, "--tls-port"}
	r := startRedis(t, append(files, secure, "--tls-auth-clients", "no")...)
	_, plain, _ := net.SplitHostPort(r.address.host)
	startRedis(t, append(files, strict)...)
	closed := startRedis(t, "--requirepass", "S3CRET")
	_, locked, _ := net.SplitHostPort(closed.address.host)
	page := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(page.Close)
	securePage := httptest.NewUnstartedServer(http.NotFoundHandler())
	securePage.Config.ErrorLog = log.New(io.Discard, "", 0)
	securePage.StartTLS()
	t.Cleanup(securePage.Close)
	silent, err := net.Listen("tcp", "127.0.0.1:0") // which never answers
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	for _, test := range []struct{ name, url, want string }{
		{"nothing, with TLS", "rediss://localhost:" + secure, ""},
		{"nothing, with a password where none is wanted", "redis://:S3CRET@localhost:" + plain, ""},
		{"nothing, with a database", "redis://localhost:" + plain + "/15", ""},
		{"nothing, with the password", "redis://:S3CRET@localhost:" + locked, ""},
		{"nothing, with the password and the user that is always there", "redis://default:S3CRET@localhost:" + locked, ""},
		{"no password", "redis://localhost:" + locked, "it wants a password: NOAUTH"},
		{"the wrong password", "redis://:WR0NG@localhost:" + locked, "the user or the password is wrong: WRONGPASS"},
		{"an unknown user", "redis://me:S3CRET@localhost:" + locked, "the user or the password is wrong: WRONGPASS"},
		{"a database that is not there", "redis://localhost:" + plain + "/16", "no database of that number"},
		{"a certificate for another host", "rediss://127.0.0.1:" + secure, "its certificate is not for that host"},
		{"no certificate of this host", "rediss://localhost:" + strict, "tls-auth-clients no"},
		{"TLS where none is expected", "redis://localhost:" + secure, "if that port is for TLS"},
		{"no TLS where it is expected", "rediss://localhost:" + plain, "write redis://"},
		{"a web server", strings.Replace(page.URL, "http", "redis", 1), "no Redis: check host and port"},
		{"a web server, by TLS", strings.Replace(page.URL, "http", "rediss", 1), "it does not speak TLS on that port"},
		{"a web server with TLS", strings.Replace(securePage.URL, "https", "redis", 1), "if that port is for TLS"},
		{"silence", "redis://" + silent.Addr().String(), "no answer within 2s"},
		{"silence, by TLS", "rediss://" + silent.Addr().String(), "no TLS within 2s"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel() // some wait
			s := Open(address(t, test.url).trusting(t, ca), "acme")
			defer s.Close()
			_, err := s.Look(t.Context())
			switch {
			case test.want == "" && err != nil:
				t.Error(err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("%v, want that it says %q", err, test.want)
			case err != nil && (strings.Contains(err.Error(), "S3CRET") || strings.Contains(err.Error(), "WR0NG")):
				t.Errorf("a password is in %v", err)
			}
		})
	}
	for _, test := range []struct{ name, file, want string }{
		{"an authority that nobody knows", "", "name the file with the authority's in SSL_CERT_FILE"},
		{"nothing, with the authority in SSL_CERT_FILE", ca, "it answers"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.file != "" && runtime.GOOS == "darwin" {
				t.Skip("the system alone knows authorities here")
			}
			elsewhere := exec.CommandContext(t.Context(), os.Args[0])
			elsewhere.Env = append(os.Environ(), "LOOK_AT=rediss://localhost:"+secure, "SSL_CERT_FILE="+test.file)
			if out, err := elsewhere.CombinedOutput(); err != nil || !strings.Contains(string(out), test.want) {
				t.Errorf("%v, want %q:\n%s", err, test.want, out)
			}
		})
	}
}

// TestMain lets this program look at a Redis instead, as a process reads once whom it
// trusts.
func TestMain(m *testing.M) {
	url := os.Getenv("LOOK_AT")
	if url == "" {
		os.Exit(m.Run())
	}
	at, err := ParseAddress(url)
	if err == nil {
		_, err = Open(at, "acme").Look(context.Background())
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("it answers")
}
