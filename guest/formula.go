package guest

// A spreadsheet that opens a CSV runs some cells instead of showing them: those that
// begin with =, +, -, @, a tab or a carriage return. An apostrophe before them keeps
// it from that.
//
// The apostrophe has to come off again without guessing. So a cell in which any number
// of apostrophes stands before such a character gets one more, and exactly one comes
// off: UnescapeFormula(EscapeFormula(cell)) is cell, for every cell.

// EscapeFormula protects a cell from being run by a spreadsheet. Plain phone numbers
// such as "+49 (0)30 1234-567" stay as they are.
func EscapeFormula(cell string) string {
	if WantsApostrophe(cell) {
		return "'" + cell
	}
	return cell
}

// UnescapeFormula takes off what EscapeFormula put on. It is for cells as they stand
// in the file: trimming may come after it, and not before.
func UnescapeFormula(cell string) string {
	if cell != "" && cell[0] == '\'' && formulaAfterApostrophes(cell) {
		return cell[1:]
	}
	return cell
}

// WantsApostrophe tells whether EscapeFormula changes a cell.
func WantsApostrophe[Cell string | []byte](cell Cell) bool {
	if len(cell) == 0 {
		return false
	}
	switch cell[0] {
	case '\'':
		return formulaAfterApostrophes(cell)
	case '+':
		return !plainPhone(cell)
	}
	return beginsFormula(cell[0])
}

func beginsFormula(c byte) bool {
	switch c {
	case '=', '+', '-', '@', '\t', '\r':
		return true
	}
	return false
}

// formulaAfterApostrophes tells whether the first character that is no apostrophe
// begins a formula, or what would be a phone number: an apostrophe before one is as
// likely to be ours.
func formulaAfterApostrophes[Cell string | []byte](cell Cell) bool {
	for i := range len(cell) {
		if cell[i] != '\'' {
			return beginsFormula(cell[i])
		}
	}
	return false
}

// How many digits a phone number has. The shortest with a country code have seven;
// E.164 allows fifteen, and a "(0)" may stand among them.
const (
	fewestPhoneDigits = 7
	mostPhoneDigits   = 16
)

// plainPhone tells whether a cell that begins with a plus sign is a phone number and
// nothing else: digits, with blanks and ( ) - . / between them. A spreadsheet can do no
// more with it than reckon. Whatever has a letter, a comma or another sign is none.
func plainPhone[Cell string | []byte](cell Cell) bool {
	digits := 0
	for i := 1; i < len(cell); i++ {
		switch c := cell[i]; {
		case '0' <= c && c <= '9':
			digits++
		case c == '(':
		case digits == 0:
			return false // "+-1" is no number that anybody writes
		case c != ' ' && c != ')' && c != '-' && c != '.' && c != '/':
			return false
		}
	}
	last := cell[len(cell)-1]
	return fewestPhoneDigits <= digits && digits <= mostPhoneDigits && '0' <= last && last <= '9'
}
