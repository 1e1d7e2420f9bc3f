package guest

import "strings"

// isURLHost reports whether a host is one that the server takes: a name of two
// labels or more in any script, a single label in ASCII, or an IPv6 address in
// brackets. One dot may end a name. An IPv4 address is a name like others, so
// its numbers may be any.
func isURLHost(host string) bool {
	if address, found := strings.CutPrefix(host, "["); found {
		address, found = strings.CutSuffix(address, "]")
		return found && isIPv6(address)
	}
	host = strings.TrimSuffix(host, ".")
	dot := strings.LastIndexByte(host, '.')
	if dot < 0 {
		return isASCIIName(host, true)
	}
	for labels, label, more := host[:dot], "", true; more; {
		label, labels, more = strings.Cut(labels, ".")
		if label == "" || skip(label, inLabel) != "" {
			return false
		}
	}
	return isTopLevel(host[dot+1:])
}

// isTopLevel reports whether a name may end in s: a word without hyphens, or
// its ASCII form (xn--p1ai).
func isTopLevel(s string) bool {
	const ace = "xn--"
	if len(s) > len(ace) && strings.EqualFold(s[:len(ace)], ace) {
		return isASCIIName(s[len(ace):], false)
	}
	return s != "" && skip(s, inTopLevel) == ""
}

// isASCIIName reports whether s is made of ASCII letters and digits, hyphens
// and, where they may be, underscores.
func isASCIIName(s string, underscores bool) bool {
	for _, r := range s {
		switch c := foldByte(r); {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-':
		case c == '_' && underscores:
		default:
			return false
		}
	}
	return s != ""
}

// isIPv6 reports whether s is an address of RFC 3986, section 3.2.2: eight
// groups, or "::" for one or more that are zero. The last two may be written
// as an IPv4 address.
func isIPv6(s string) bool {
	before, after, shortened := strings.Cut(s, "::")
	if !shortened {
		n, ok := ipv6Groups(s, true)
		return ok && n == 8
	}
	m, ok := ipv6Groups(before, false)
	n, ok2 := ipv6Groups(after, true)
	return ok && ok2 && m+n <= 7
}

// ipv6Groups counts the groups of one side of an address, which may be empty.
func ipv6Groups(s string, mayEndInIPv4 bool) (n int, ok bool) {
	for more := s != ""; more; n++ {
		var group string
		if group, s, more = strings.Cut(s, ":"); isIPv6Group(group) {
			continue
		}
		return n + 2, !more && mayEndInIPv4 && isIPv4(group)
	}
	return n, true
}

func isIPv6Group(s string) bool {
	for i := range len(s) {
		if !isHex(s[i]) {
			return false
		}
	}
	return 1 <= len(s) && len(s) <= 4
}

// isIPv4 reports whether s is four numbers up to 255 without leading zeros.
func isIPv4(s string) bool {
	for range 3 {
		var number string
		var more bool
		if number, s, more = strings.Cut(s, "."); !more || !isOctet(number) {
			return false
		}
	}
	return isOctet(s)
}

func isOctet(s string) bool {
	if len(s) > 3 || !isDigits(s) || s[0] == '0' && len(s) > 1 {
		return false
	}
	return digits(s) <= 255
}
