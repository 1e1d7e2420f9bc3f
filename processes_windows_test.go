package main

import "syscall"

// The pages are typed into a shell, which is not there; this only compiles.
func ownGroup() *syscall.SysProcAttr { return nil }

func killGroup(int) (there bool) { return false }
