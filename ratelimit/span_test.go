package ratelimit

import (
	"testing"
	"time"
)

func TestSpan(t *testing.T) {
	at := func(seconds int) time.Time { return epoch.Add(time.Duration(seconds) * time.Second) }
	var s span
	for _, step := range []struct {
		name        string
		do          func()
		now         int
		total, left int // at now, in seconds
	}{
		{"nothing yet", func() {}, 5, 0, 0},
		{"an end that is past", func() { s.extend(at(5), at(4)) }, 5, 0, 0},
		{"begun", func() { s.extend(at(10), at(20)) }, 10, 0, 10},
		{"half-way", func() {}, 15, 5, 5},
		{"an earlier end shortens nothing", func() { s.extend(at(15), at(17)) }, 16, 6, 4},
		{"a later end extends", func() { s.extend(at(16), at(30)) }, 16, 6, 14},
		{"at its end", func() {}, 30, 20, 0},
		{"after its end", func() {}, 90, 20, 0},
		{"another one", func() { s.extend(at(100), at(110)) }, 105, 25, 5},
		{"another one right at its end", func() { s.extend(at(110), at(120)) }, 115, 35, 5},
		{"a cut beyond the end", func() { s.cut(at(130)) }, 116, 36, 4},
		{"a cut", func() { s.cut(at(117)) }, 130, 37, 0},
	} {
		step.do()
		total, left := s.total(at(step.now)), max(0, s.until.Sub(at(step.now)))
		if want := time.Duration(step.total) * time.Second; total != want {
			t.Errorf("%s: total = %v, want %v", step.name, total, want)
		}
		if want := time.Duration(step.left) * time.Second; left != want {
			t.Errorf("%s: left = %v, want %v", step.name, left, want)
		}
	}
}
