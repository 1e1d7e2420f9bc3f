package changes

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"guestlist/guest"
)

// BenchmarkCompare compares two exports of 100,000 guests with all columns, of
// whom one in a hundred has changed, and merely reads both with encoding/csv. It
// alternates the two, since they are compared: of-encoding/csv is the reader's
// time by that of the comparison beside it, in the middle one of all pairs.
func BenchmarkCompare(b *testing.B) {
	const guests = 100_000
	shuffled := make([]int, guests)
	for i := range shuffled {
		shuffled[i] = i
	}
	ordered := slices.Clone(shuffled)
	rand.New(rand.NewPCG(1, 2)).Shuffle(guests, func(i, k int) { shuffled[i], shuffled[k] = shuffled[k], shuffled[i] })
	before := fileOf(b, "old.csv", exported(ordered, 0, ","))
	for _, tc := range []struct {
		name  string
		after string
	}{
		{"in one order", exported(ordered, 1, ",")},
		{"in another order", exported(shuffled, 1, ",")},
		{"with semicolons", exported(ordered, 1, ";")},
	} {
		b.Run(tc.name, func(b *testing.B) {
			after := fileOf(b, "new.csv", tc.after)
			var whole, ratios []float64
			for b.Loop() {
				bare := timeOf(func() {
					readAll(b, before, ',')
					readAll(b, after, rune(tc.after[len("id")]))
				})
				run := timeOf(func() {
					c, err := New(before, after)
					if err != nil {
						b.Fatal(err)
					}
					done, err := c.Write(b.Context(), io.Discard)
					if err != nil || done.Changed != guests/100 || done.Same != guests-guests/100 {
						b.Fatal(done, err)
					}
				})
				whole, ratios = append(whole, run), append(ratios, bare/run)
			}
			b.ReportMetric(guests/middle(whole), "guests/s")
			b.ReportMetric(middle(ratios), "of-encoding/csv")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// exported is an export in that order; one guest in a hundred has a column that
// depends on the day.
func exported(order []int, day int, comma string) string {
	var b strings.Builder
	columns := guest.RecordColumns(false)
	b.WriteString(strings.Join(columns, comma) + "\n")
	firsts := []string{"Amelia", "Łukasz", "Jonas", "Sofía"}
	for _, i := range order {
		cells := make([]string, len(columns))
		copy(cells, []string{
			fmt.Sprint(i), fmt.Sprintf("guest.%d@mail.company%d.example.com", i, i%1000), firsts[i%4], "Weber",
			"\"Nordlicht, GmbH\"", fmt.Sprintf("+1 312 555 %04d", i%10_000), "", "Europe/Warsaw", "active",
			fmt.Sprintf("https://www.company%d.example.com", i%1000),
		})
		cells[16], cells[17] = "2025-01-15T10:30:00.000000Z", "2026-01-15T10:30:00.000000Z"
		if i%100 == 0 {
			cells[18] = fmt.Sprint("10.0.0.", day)
		}
		for k := 29; k < len(cells); k++ {
			cells[k] = fmt.Sprint(i % k)
		}
		b.WriteString(strings.Join(cells, comma) + "\n")
	}
	return b.String()
}

func readAll(b *testing.B, f File, comma rune) {
	r := csv.NewReader(io.NewSectionReader(f.Text, 0, f.Size))
	r.Comma = comma
	r.ReuseRecord = true
	for {
		if _, err := r.Read(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			b.Fatal(err)
		}
	}
}

func middle(of []float64) float64 {
	slices.Sort(of)
	return of[len(of)/2]
}

// timeOf returns how many seconds something takes that begins with no garbage of
// others.
func timeOf(do func()) float64 {
	runtime.GC()
	start := time.Now()
	do()
	return time.Since(start).Seconds()
}
