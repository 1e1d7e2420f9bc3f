package ratelimit

import "time"

// commonWindows are the lengths that windows of limits have, as far as anybody has
// seen, in seconds. Others are believed where none of these fits.
var commonWindows = [...]int{1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60, 120, 180, 300, 600, 900, 1200, 1800, 3600, 7200, 10800, 14400, 21600, 43200, 86400}

// infer finds the window of a limit from the calls that it counted before it
// refused one. Windows begin with the first call that is counted in them, and
// the present one ends in wait from now on, rounded up to a second. The refused
// call had left at a time, and others are under way. It returns how many calls the
// window held, too; both are zero when nothing fits, as others may have begun it.
func infer(calls []counted, underWay int, left, now time.Time, wait time.Duration) (window time.Duration, held int) {
	if len(calls) == 0 {
		return 0, 0
	}
	// The window ends in the last second of the wait. Nobody knows when on their way
	// the calls were counted: half-way fits best, but any time may be true.
	fits := func(length int64, half bool) int {
		begin, held := windowAt(calls, underWay, length)
		first, last, earliest, latest := begin.left, begin.answered, left.UnixNano(), now.UnixNano()
		if half {
			first, last = (first+last)/2, (first+last)/2
			earliest, latest = (earliest+latest)/2, (earliest+latest)/2
		}
		if last+length <= earliest+int64(wait-time.Second) || first+length > latest+int64(wait) {
			return 0
		}
		return held
	}
	for _, half := range []bool{true, false} {
		for _, seconds := range commonWindows {
			length := time.Duration(seconds) * time.Second
			if held := fits(int64(length), half); held > 0 {
				return length, held
			}
		}
	}
	// None that is common: the one that began with the first call.
	length := now.Add(wait).Sub(time.Unix(0, calls[0].left)).Truncate(time.Second)
	if length > 0 && length <= longestWindow {
		if held := fits(int64(length), false); held > 0 {
			return length, held
		}
	}
	return 0, 0
}

// windowAt returns the first call of the last window, and how many calls a window
// has held, if windows have this length. It returns no calls when an earlier window
// held more than the last one can have with those under way, as the limit would
// have let as many go again.
func windowAt(calls []counted, underWay int, length int64) (begin counted, held int) {
	begin = calls[0]
	most := 0
	for _, c := range calls {
		if c.left >= begin.left+length {
			most = max(most, held)
			begin, held = c, 0
		}
		held++
	}
	if held+underWay < most {
		return begin, 0
	}
	return begin, max(held, most)
}

// commonWindow returns the shortest common window that is so long.
func commonWindow(atLeast time.Duration) time.Duration {
	for _, seconds := range commonWindows {
		if window := time.Duration(seconds) * time.Second; window >= atLeast {
			return window
		}
	}
	return atLeast
}
