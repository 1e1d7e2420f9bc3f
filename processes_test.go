//go:build !windows

package main

import "syscall"

// ownGroup lets a process be the first of a group.
func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// killGroup kills the processes of a group, and tells whether there are any.
func killGroup(group int) (there bool) { return syscall.Kill(-group, syscall.SIGKILL) != syscall.ESRCH }
