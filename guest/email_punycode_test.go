package guest

import "testing"

// The pairs of RFC 3492, section 7.1, that are in small letters, and some more.
func TestPunycode(t *testing.T) {
	for _, test := range []struct{ label, ascii string }{
		{"ليهمابتكلموشعربي؟", "egbpdaj6bu4bxfgehfvwxn"},
		{"他们为什么不说中文", "ihqwcrb4cv8a8dqg056pqjye"},
		{"他們爲什麽不說中文", "ihqwctvzc91f659drss3x8bo0yb"},
		{"למההםפשוטלאמדבריםעברית", "4dbcagdahymbxekheh6e0a7fei0b"},
		{"почемужеонинеговорятпорусски", "b1abfaaepdrnnbgefbadotcwatmq2g4l"},
		{"3年b組金八先生", "3b-ww4c5e180e575a65lsy2b"},
		{"パフィーdeルンバ", "de-jg4avhby1noc0d"},
		{"そのスピードで", "d9juau41awczczp"},
		{"münchen", "mnchen-3ya"},
		{"ü", "tda"},
		{"💩", "ls8h"},
		{"abc-", "abc--"},
	} {
		if label, ok := decodePunycode(test.ascii); !ok || label != test.label {
			t.Errorf("decodePunycode(%q) = %q, %t, want %q", test.ascii, label, ok, test.label)
		}
		if n := punycodeLength([]rune(test.label)); n != len(test.ascii) {
			t.Errorf("punycodeLength(%q) = %d, want %d", test.label, n, len(test.ascii))
		}
	}
	for _, ascii := range []string{"a-b-ü", "é-abc", "abc-z", "99999999", "-", "-abc", "a_b", "ABC"} {
		if label, ok := decodePunycode(ascii); ok {
			t.Errorf("decodePunycode(%q) = %q, want none", ascii, label)
		}
	}
}
