package importer

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"guestlist/guest"
)

// BenchmarkValidate compares a validation with encoding/csv merely reading the
// same file: 100,000 rows that have every field of the create call. The ratio
// comes from readings by turns, so that a busy machine slows down both.
func BenchmarkValidate(b *testing.B) {
	const rows = 100_000
	path := filepath.Join(b.TempDir(), "guests.csv")
	writeGuests(b, path, rows)
	b.Run("encoding/csv", func(b *testing.B) {
		for b.Loop() {
			readAll(b, path)
		}
		b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	})
	b.Run("validate", func(b *testing.B) {
		o := Options{Open: func() (io.ReadCloser, error) { return os.Open(path) }}
		var bare time.Duration
		for b.Loop() {
			b.StopTimer()
			start := time.Now()
			readAll(b, path)
			bare += time.Since(start)
			b.StartTimer()
			v, err := Validate(b.Context(), o, path+".plan")
			if err != nil {
				b.Fatal(err)
			}
			if v.Rows != rows || v.Invalid != rows/100 || v.Duplicate != rows/1000 {
				b.Fatalf("found %+v", v)
			}
		}
		b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		b.ReportMetric(bare.Seconds()/b.Elapsed().Seconds(), "of-encoding/csv")
	})
}

// readAll reads a CSV file and throws the cells away.
func readAll(b *testing.B, path string) {
	f, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.ReuseRecord = true
	for {
		if _, err := r.Read(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			b.Fatal(err)
		}
	}
}

// writeGuests writes a file of guests as people have them: some names are not
// ASCII, some cells are quoted, every hundredth row is not valid and every
// thousandth stands there twice.
func writeGuests(b *testing.B, path string, rows int) {
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	out := bufio.NewWriter(f)
	w := csv.NewWriter(out)
	var names []string
	for f := range guest.AssociatedMembers {
		names = append(names, f.String())
	}
	err = w.Write(names)
	firsts := []string{"Amelia", "Łukasz", "Jonas", "Sofía", "Karl", "Yuki", "Priya", "Tom"}
	lasts := []string{"Hart", "Zieliński", "Weber", "Mendoza", "Bauer", "Tanaka", "Sharma", "O'Neill"}
	companies := []string{"Harborline", "Nordlicht, GmbH", "Andes IT", "Novák Data", "Bauer Elektro"}
	zones := []string{"Europe/Warsaw", "America/Chicago", "Asia/Tokyo", "UTC"}
	for i := range rows {
		n := i
		if i%1000 == 999 {
			n--
		}
		first, last, company := firsts[i%len(firsts)], lasts[i/3%len(lasts)], companies[i/7%len(companies)]
		url := fmt.Sprintf("https://www.company%d.example.com", i%1000)
		if i%100 == 50 {
			url = fmt.Sprintf("www.company%d.example.com", i%1000)
		}
		err = errors.Join(err, w.Write([]string{
			fmt.Sprintf("Guest.%d@mail.company%d.example.com", n, n%1000), first, last, company,
			fmt.Sprintf("+1 312 555 %04d", i%10_000), fmt.Sprintf("+48 601 %06d", i%1_000_000),
			zones[i%len(zones)], "active", url, url + "/contacts/" + fmt.Sprint(i), url + "/images/" + fmt.Sprint(i) + ".png",
			url + "/deals?id=" + fmt.Sprint(i), "Onboarding " + fmt.Sprint(i%50), "salesforce", "2025-01-15 10:30:00",
		}))
	}
	w.Flush()
	if err := errors.Join(err, w.Error(), out.Flush(), f.Close()); err != nil {
		b.Fatal(err)
	}
}
