package guest

import "strings"

// nearFields returns the fields that a name is so near to that it looks like a
// slip.
func nearFields(plain string) []string {
	var begun []string
	for f := range NumFields {
		if len(plain) >= 3 && strings.HasPrefix(plainName(f.String()), plain) {
			begun = append(begun, f.String())
		}
	}
	if len(begun) > 0 {
		return begun
	}
	if f, far := nearestField(plain); 2*far <= max(len([]rune(plain)), 4) {
		return []string{f.String()}
	}
	return nil
}

// nearestField returns the field whose name takes the fewest edits.
func nearestField(plain string) (field Field, far int) {
	far = -1
	if letters := []rune(plain); len(letters) > 100 {
		plain = string(letters[:100]) // it is like none, and each letter costs
	}
	for f := range NumFields {
		if n := edits(plain, plainName(f.String())); far < 0 || n < far {
			field, far = f, n
		}
	}
	return field, far
}

// fieldNames names all fields.
func fieldNames() string {
	var names []string
	for f := range NumFields {
		names = append(names, f.String())
	}
	return strings.Join(names, ", ")
}

// edits counts the insertions, deletions and replacements that turn a into b
// (the Levenshtein distance).
func edits(a, b string) int {
	from, to := []rune(a), []rune(b)
	row := make([]int, len(to)+1)
	for j := range row {
		row[j] = j
	}
	for i := range from {
		diagonal := row[0]
		row[0] = i + 1
		for j := range to {
			change := diagonal
			if from[i] != to[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(to)]
}
