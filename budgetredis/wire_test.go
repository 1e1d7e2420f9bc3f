package budgetredis

import (
	"errors"
	"fmt"
	"slices"
	"testing"
)

// What is no answer of the script is refused as a whole, whatever it is.
func TestAnswersThatAreNone(t *testing.T) {
	three := []any{int64(1), int64(2), int64(3)}
	whole := func() []any {
		return []any{
			"ok", "epoch", int64(1), int64(2), three, three, three, three, int64(1),
			[]any{"7:6000:60:1:0"},
			three,
			[]any{"10:0:0:1", "5:1:0:0"},
			int64(0),
		}
	}
	if a, err := readAnswer(whole()); err != nil || a.hold != [3]int64{1, 2, 3} || len(a.spent) != 2 || !a.news {
		t.Fatalf("a whole one is read as %+v, %v", a, err)
	}
	if a, err := readAnswer([]any{"anew", "epoch"}); err != nil || !a.isAnew || a.epoch != "epoch" {
		t.Fatalf("one that begins anew is read as %+v, %v", a, err)
	}
	wrong := map[string][]any{"nothing": nil, "half of one that begins anew": {"anew"}}
	for i, value := range whole() {
		with := func(other any) []any { return slices.Concat(whole()[:i], []any{other}, whole()[i+1:]) }
		at := fmt.Sprintf("value %d: ", i)
		wrong[at+"cut off"] = whole()[:i]
		wrong[at+"nil"] = with(nil)
		switch value.(type) {
		case string:
			wrong[at+"a number"] = with(int64(1))
		case int64:
			wrong[at+"a text"] = with("1")
		case []any:
			wrong[at+"no list"] = with("1")
			wrong[at+"a list of lists"] = with([]any{three, three, three})
			wrong[at+"a number that is none"] = with([]any{"1:x:3:4:5", "1:x:3:4", "1"})
			if i != 9 && i != 11 {
				wrong[at+"a number is missing"] = with(three[:2])
			}
		}
	}
	wrong["value 9: a field is missing"] = slices.Concat(whole()[:9], []any{[]any{"7:6000:60:1"}}, whole()[10:])
	wrong["value 11: a field too many"] = slices.Concat(whole()[:11], []any{[]any{"10:0:0:1:2"}}, whole()[12:])
	for name, values := range wrong {
		if a, err := readAnswer(values); !errors.Is(err, errAnswer) || a.granted != (answer{}).granted {
			t.Errorf("%s: %+v, %v", name, a, err)
		}
	}
}
