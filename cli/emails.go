package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"guestlist/charset"
	"guestlist/guest"
)

// emails returns those that a command was given, each person once, in their order.
func (a *app) emails(ctx context.Context, args []string) (emails []string, err error) {
	seen := map[string]bool{}
	add := func(email string) {
		email = guest.Trim(email)
		if key := guest.Key(email); email != "" && !seen[key] {
			seen[key] = true
			emails = append(emails, email)
		}
	}
	for _, arg := range args {
		if arg != "-" {
			add(arg)
			continue
		}
		var lines []string
		err := unlessDone(ctx, func() (err error) {
			// Windows PowerShell writes UTF-16, with a mark.
			lines, err = readLines(charset.Charset{}.Decode(a.stdin))
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("read the emails from standard input: %w", err)
		}
		for _, line := range withoutHeader(lines) {
			if isMore(line) {
				return nil, &guest.InputError{Problems: []string{fmt.Sprintf(
					"%s on standard input is more than an email, and one a line is read: of a file with columns, hand over the one with the emails alone", guest.Quote(line),
				)}}
			}
			add(line)
		}
	}
	return emails, nil
}

// readLines returns the lines that are not blank, trimmed.
func readLines(r io.Reader) (lines []string, err error) {
	scanner := bufio.NewScanner(r)
	for scanner.Scan() {
		if line := guest.Trim(scanner.Text()); line != "" {
			lines = append(lines, line)
		}
	}
	if err := scanner.Err(); errors.Is(err, bufio.ErrTooLong) {
		return nil, fmt.Errorf("after %s there is a line that is too long for an email", count(len(lines), "email"))
	}
	return lines, scanner.Err()
}

// isMore tells whether a text is no email but looks like several, or like the row of a
// CSV, of which nobody is to be told that it is no guest.
func isMore(text string) bool {
	return strings.ContainsAny(guest.Trim(text), ",;\t\"<") && len(guest.Validate(&guest.Guest{Email: guest.Trim(text)})) > 0
}

// withoutHeader leaves out the first of some lines where it is the header of a
// column of emails, which nobody is called.
func withoutHeader(lines []string) []string {
	if len(lines) > 0 && strings.EqualFold(lines[0], guest.Email.String()) {
		return lines[1:]
	}
	return lines
}
