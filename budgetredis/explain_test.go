package budgetredis

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
)

// What went wrong with Redis is said in words, not in those of a library.
func TestWhyRedisIsAway(t *testing.T) {
	reset := &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
	s := &Store{}
	s.heard.Store(true)
	for _, test := range []struct {
		name string
		err  error
		says string
	}{
		{"it hangs up", io.EOF, "it has closed the connection"},
		{"it hangs up in the middle of an answer", fmt.Errorf("read: %w", io.ErrUnexpectedEOF), "it has closed the connection"},
		{"it is killed", reset, "it has closed the connection"},
		{"it is not started", &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, "it refuses the connection"},
		{"it is stuck", context.DeadlineExceeded, "no answer within 2s"},
		{"anything else", errors.New("LOADING"), "LOADING"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := s.explained(test.err).Error(); got != test.says {
				t.Errorf("got %q, want %q", got, test.says)
			}
		})
	}
}
