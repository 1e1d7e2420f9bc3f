package guest

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Punycode, RFC 3492. Its parameters for domain names:
const (
	punycodeBase    = 36
	punycodeTMin    = 1
	punycodeTMax    = 26
	punycodeSkew    = 38
	punycodeDamp    = 700
	punycodeBias    = 72
	punycodeInitial = utf8.RuneSelf

	punycodeAlphabet = "abcdefghijklmnopqrstuvwxyz0123456789"
)

// punycodeLength is the length of a label in Punycode, without the prefix.
func punycodeLength(label []rune) int {
	length := 0
	for _, r := range label {
		if r < punycodeInitial {
			length++
		}
	}
	done := length
	if done > 0 {
		length++ // the hyphen after the ASCII characters
	}
	ascii, bias, delta, at := done, punycodeBias, 0, rune(punycodeInitial)
	for done < len(label) {
		next := rune(unicode.MaxRune)
		for _, r := range label {
			if r >= at {
				next = min(next, r)
			}
		}
		delta += int(next-at) * (done + 1)
		at = next
		for _, r := range label {
			if r < at {
				delta++
			}
			if r != at {
				continue
			}
			length += punycodeDigits(delta, bias)
			bias = punycodeAdapt(delta, done+1, done == ascii)
			delta = 0
			done++
		}
		delta++
		at++
	}
	return length
}

// punycodeDigits is how many digits a delta takes.
func punycodeDigits(delta, bias int) int {
	n := 1
	for k := punycodeBase; ; k += punycodeBase {
		t := min(max(k-bias, punycodeTMin), punycodeTMax)
		if delta < t {
			return n
		}
		delta = (delta - t) / (punycodeBase - t)
		n++
	}
}

func punycodeAdapt(delta, points int, first bool) int {
	if first {
		delta /= punycodeDamp
	} else {
		delta /= 2
	}
	delta += delta / points
	k := 0
	for ; delta > (punycodeBase-punycodeTMin)*punycodeTMax/2; k += punycodeBase {
		delta /= punycodeBase - punycodeTMin
	}
	return k + (punycodeBase-punycodeTMin+1)*delta/(delta+punycodeSkew)
}

// decodePunycode reads a label without its prefix, in lower case.
func decodePunycode(s string) (label string, ok bool) {
	var runes []rune
	if hyphen := strings.LastIndexByte(s, '-'); hyphen > 0 {
		runes, s = []rune(s[:hyphen]), s[hyphen+1:]
	}
	if !isASCII(string(runes)) {
		return "", false
	}
	bias, at, i := punycodeBias, rune(punycodeInitial), 0
	for s != "" {
		before, weight := i, 1
		for k := punycodeBase; ; k += punycodeBase {
			if s == "" {
				return "", false
			}
			digit := strings.IndexByte(punycodeAlphabet, s[0])
			if digit < 0 {
				return "", false
			}
			s = s[1:]
			i += digit * weight
			if i > unicode.MaxRune*(maxLabel+1) {
				return "", false
			}
			t := min(max(k-bias, punycodeTMin), punycodeTMax)
			if digit < t {
				break
			}
			weight *= punycodeBase - t
		}
		points := len(runes) + 1
		bias = punycodeAdapt(i-before, points, before == 0)
		at += rune(i / points)
		if !utf8.ValidRune(at) {
			return "", false
		}
		i %= points
		runes = slices.Insert(runes, i, at)
		i++
	}
	return string(runes), true
}
