package cli

import "io"

// standardOutput goes on when its reader has gone, as head does when it has seen
// enough. That is no failure: the reader wanted no more.
type standardOutput struct{ io.Writer }

func (s standardOutput) Write(p []byte) (int, error) {
	n, err := s.Writer.Write(p)
	if readerGone(err) {
		return len(p), nil
	}
	return n, err
}
