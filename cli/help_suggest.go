package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// nearest returns the known word that was most likely meant by one that was
// typed, or nothing where none is near.
func nearest(typed string, known []string) string {
	typed = strings.ToLower(typed)
	best, fewest := "", max(1, utf8.RuneCountInString(typed)/3)+1
	for _, word := range known {
		n := edits(typed, word)
		if len(typed) >= 3 && strings.HasPrefix(word, typed) {
			n = min(n, 1) // as far as they have come
		}
		if n < fewest {
			best, fewest = word, n
		}
	}
	return best
}

// edits counts the letters to insert, delete, replace or swap with their
// neighbour that turn a into b (the optimal string alignment distance).
func edits(a, b string) int {
	from, to := []rune(a), []rune(b)
	before, last, row := make([]int, len(to)+1), make([]int, len(to)+1), make([]int, len(to)+1)
	for j := range row {
		row[j] = j
	}
	for i := range from {
		before, last, row = last, row, before
		row[0] = i + 1
		for j := range to {
			change := last[j]
			if from[i] != to[j] {
				change++
			}
			row[j+1] = min(change, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && from[i] == to[j-1] && from[i-1] == to[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
	}
	return row[len(to)]
}

// didYouMean adds to what is unknown the word that was meant, if one is near.
func didYouMean(err error, near string) error {
	if near == "" {
		return err
	}
	return fmt.Errorf("%w: did you mean %s?", err, near)
}

// oneOf refuses the value of a flag that takes only these.
func oneOf(flag, value string, known ...string) error {
	if slices.Contains(known, value) {
		return nil
	}
	what := "none of " + list(known)
	if len(known) == 2 {
		what = "neither " + known[0] + " nor " + known[1]
	}
	return didYouMean(fmt.Errorf("--%s: %q is %s", flag, value, what), nearest(value, known))
}

// unknownCommand is the error of a first word that is no command.
func unknownCommand(cmd *cobra.Command, typed string) error {
	err := fmt.Errorf("unknown command %q", shortened(typed))
	if name := strings.ToLower(typed); strings.HasSuffix(name, ".csv") || strings.HasSuffix(name, ".xlsx") {
		return didYouMean(err, cmd.CommandPath()+" import "+shellQuote(typed))
	}
	var names []string
	for _, c := range cmd.Commands() {
		if !c.IsAvailableCommand() && c.Name() != "help" {
			continue
		}
		if slices.Contains(c.SuggestFor, strings.ToLower(typed)) {
			return didYouMean(err, c.Name())
		}
		names = append(names, c.Name())
	}
	return didYouMean(err, nearest(typed, names))
}

// shortened cuts an argument that nobody expected: it may be a token.
func shortened(argument string) string {
	const most = 24
	if letters := []rune(argument); len(letters) > most {
		return string(letters[:most]) + "…"
	}
	return argument
}

// wrongFlag says what is wrong with a flag, and which one was meant.
func wrongFlag(cmd *cobra.Command, err error) error {
	var (
		unknown *pflag.NotExistError
		alone   *pflag.ValueRequiredError
		value   *pflag.InvalidValueError
	)
	switch {
	case errors.As(err, &unknown):
		err = unknownFlag(cmd, unknown)
	case errors.As(err, &alone):
		name, _ := pflag.UnquoteUsage(alone.GetFlag())
		err = fmt.Errorf("--%s needs a value: --%s %s", alone.GetFlag().Name, alone.GetFlag().Name, name)
	case errors.As(err, &value):
		err = wrongValue(value)
	}
	return usage{err, cmd.CommandPath()}
}

// unknownFlag never repeats what may be a value.
func unknownFlag(cmd *cobra.Command, unknown *pflag.NotExistError) error {
	name := unknown.GetSpecifiedName()
	if letters := unknown.GetSpecifiedShortnames(); letters != "" {
		long, _, _ := strings.Cut(letters, "=")
		if cmd.Flags().Lookup(long) != nil {
			return didYouMean(fmt.Errorf("unknown flag: -%s", long), "--"+long)
		}
		return didYouMean(fmt.Errorf("unknown flag: -%s", name), nearestFlag(cmd, long))
	}
	err := fmt.Errorf("unknown flag: --%s", shortened(name))
	var others []string
	for _, other := range cmd.Root().Commands() {
		if other != cmd && other.IsAvailableCommand() && other.LocalFlags().Lookup(name) != nil {
			others = append(others, other.Name())
		}
	}
	if len(others) > 0 {
		return fmt.Errorf("%w: it belongs to %s", err, list(others))
	}
	return didYouMean(err, nearestFlag(cmd, name))
}

// nearestFlag returns the flag of a command that was most likely meant, with its
// dashes, or nothing where none is near.
func nearestFlag(cmd *cobra.Command, typed string) string {
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	})
	if near := nearest(typed, names); near != "" {
		return "--" + near
	}
	return ""
}

func wrongValue(e *pflag.InvalidValueError) error {
	name := "--" + e.GetFlag().Name
	switch kind := e.GetFlag().Value.Type(); kind {
	case "int", "uint64":
		return fmt.Errorf("%s: %q is not a whole number", name, e.GetValue())
	case "duration":
		return fmt.Errorf("%s: %q is no time: write a number and a unit, such as %s or 2m", name, e.GetValue(), 30*time.Second)
	case "bool":
		return fmt.Errorf("%s: it is there or not, and takes no value such as %q", name, e.GetValue())
	}
	return fmt.Errorf("%s: %w", name, e.Unwrap())
}

// oneDash finds a long flag that was written with one dash, so that its first
// letter was taken for a short one and the rest for that one's value: -org=acme is
// -o rg=acme, and -org acme is -o rg with an argument.
func oneDash(cmd *cobra.Command, args []string) (err error) {
	cmd.Flags().Visit(func(f *pflag.Flag) {
		rest, _, assigned := strings.Cut(f.Value.String(), "=")
		long := f.Shorthand + rest
		if f.Shorthand != "" && (assigned || len(args) > 0) && cmd.Flags().Lookup(long) != nil {
			err = didYouMean(fmt.Errorf("-%s with one dash means --%s %s", long, f.Name, rest), "--"+long)
		}
	})
	return err
}
