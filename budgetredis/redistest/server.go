// Package redistest runs a real redis-server for tests.
package redistest

import (
	"bufio"
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// Server is a redis-server on this machine that keeps nothing on disk. Start makes
// one. It is for one goroutine at a time.
type Server struct {
	Host string // and port, for connections without TLS

	args []string
	cmd  *exec.Cmd
}

// Start starts a redis-server on a free port of the loopback, with more arguments,
// and ends it with the test. Where there is no redis-server the test is skipped.
func Start(t *testing.T, more ...string) *Server {
	t.Helper()
	NeedsProgram(t)
	port := FreePort(t)
	s := &Server{
		Host: "127.0.0.1:" + port,
		args: append([]string{"--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", t.TempDir()}, more...),
	}
	s.Restart(t)
	t.Cleanup(s.Kill)
	return s
}

// NeedsProgram skips the test where there is no redis-server.
func NeedsProgram(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("redis-server is missing: apt-get install redis-server (.ci/run does), then this is tested, too")
	}
}

// FreePort returns a port on which nobody listens.
func FreePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// Restart starts it again after Kill, on the same port and with nothing in it. It
// returns when it answers.
func (s *Server) Restart(t *testing.T) {
	t.Helper()
	s.cmd = exec.Command("redis-server", s.args...)
	var said strings.Builder
	s.cmd.Stdout, s.cmd.Stderr = &said, &said
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for range 500 {
		if s.answers() {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	s.Kill()
	t.Fatalf("redis-server does not answer:\n%s", said.String())
}

// answers tells whether it does, be it that it wants a password.
func (s *Server) answers() bool {
	conn, err := net.DialTimeout("tcp", s.Host, time.Second)
	if err != nil {
		return false
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Second))
	if _, err := conn.Write([]byte("PING\r\n")); err != nil {
		return false
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	return err == nil && (strings.HasPrefix(line, "+PONG") || strings.HasPrefix(line, "-NOAUTH"))
}

// Kill ends it at once.
func (s *Server) Kill() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
}
