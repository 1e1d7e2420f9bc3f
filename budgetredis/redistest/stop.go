//go:build !windows

package redistest

import "syscall"

// Stop lets it take what is sent and answer nothing, until Continue.
func (s *Server) Stop() { _ = s.cmd.Process.Signal(syscall.SIGSTOP) }

// Continue lets it answer again.
func (s *Server) Continue() { _ = s.cmd.Process.Signal(syscall.SIGCONT) }
