package ratelimit

import "fmt"

// Class is a kind of API call, as far as limits tell kinds apart. The zero
// value is Read.
type Class uint8

const (
	Read   Class = iota // a GET: a page of a list, or the look-up of one guest
	Write               // a PUT or DELETE
	Create              // a POST that invites a guest
)

// Classes is the number of classes, for arrays that have a Class as index.
const Classes = int(Create) + 1

// String returns the name of the class as summaries show it: read, write or
// create.
func (c Class) String() string {
	switch c {
	case Read:
		return "read"
	case Write:
		return "write"
	case Create:
		return "create"
	}
	return fmt.Sprintf("class %d", uint8(c))
}

// tally is a number of calls of each class.
type tally [Classes]int

// only returns n calls of one class.
func only(c Class, n int) (calls tally) {
	calls[c] = n
	return calls
}

// in returns how many of the calls a scope holds.
func (t tally) in(s Scope) int {
	n := 0
	for c := range t {
		if s.holds(Class(c)) {
			n += t[c]
		}
	}
	return n
}

func (t tally) plus(o tally) tally {
	for c := range t {
		t[c] += o[c]
	}
	return t
}

func (t tally) minus(o tally) tally {
	for c := range t {
		t[c] -= o[c]
	}
	return t
}
