package workbook

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// isWholePattern tells whether the section shows a whole number with nothing but places for digits and letters in
// between, as formats for phone numbers do.
func (s *section) isWholePattern() bool {
	for _, t := range s.tokens {
		if t.kind == digitPart && !t.isDigit() {
			return false // a point, a separator or a percentage
		}
	}
	return s.kind == byPattern
}

// fill puts a whole number's digits into the section's places, from the right; the first place takes all that are
// left. value is how the file writes the number v.
func (s *section) fill(value string, v float64) string {
	if v != math.Trunc(v) {
		v = math.Round(v)
		value = strconv.FormatFloat(v, 'f', 0, 64)
	}
	digits := strings.TrimPrefix(allDigits(value, v), "-")
	if digits == "0" {
		digits = ""
	}
	first := slices.IndexFunc(s.tokens, token.isDigit)
	var parts []string // from the right
	for i := len(s.tokens) - 1; i >= 0; i-- {
		t := s.tokens[i]
		switch {
		case !t.isDigit():
			parts = append(parts, (&section{tokens: s.tokens[i : i+1]}).literals(""))
		case i == first && digits != "":
			parts = append(parts, digits)
		case digits != "":
			parts = append(parts, digits[len(digits)-1:])
			digits = digits[:len(digits)-1]
		case t.text == "0":
			parts = append(parts, "0")
		case t.text == "?":
			parts = append(parts, " ")
		}
	}
	slices.Reverse(parts)
	text := strings.Join(parts, "")
	if v < 0 {
		return "-" + text
	}
	return text
}

// spellOut shows a number's digits in place of the word General, or instead of a pattern that would hide some.
func (s *section) spellOut(digits string, v float64) string {
	if !slices.ContainsFunc(s.tokens, func(t token) bool { return t.kind == general }) {
		return digits
	}
	text := s.literals(strings.TrimPrefix(digits, "-"))
	if v < 0 {
		return "-" + text
	}
	return text
}

// round rounds a number to the decimals that the section shows: halves away from nought, by the digits that a person
// sees and not by the binary fraction behind them, so that 1.005 is 1.01.
func (s *section) round(v float64) float64 {
	decimals, afterPoint := 0, false
	for _, t := range s.tokens {
		switch {
		case t.kind != digitPart:
		case t.text == ".":
			afterPoint = true
		case t.text == "%":
			decimals += 2
		case t.isDigit() && afterPoint:
			decimals++
		}
	}
	scale := math.Pow10(decimals)
	scaled, err := strconv.ParseFloat(strconv.FormatFloat(v*scale, 'g', exact, 64), 64)
	if err != nil {
		return v
	}
	return math.Round(scaled) / scale
}
