package exporter

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"guestlist/ratelimit"
	"guestlist/sandbox"
	"guestlist/tallyfy"
)

// BenchmarkExport exports all guests with their statistics, and fetches the
// same pages, the first one twice, in a bare loop that throws them away. It
// alternates the two, since they are compared: of-bare-loop is the loop's time by
// that of the export beside it, in the middle one of all pairs.
func BenchmarkExport(b *testing.B) {
	for _, guests := range []int{20_000, 200_000} {
		b.Run(fmt.Sprintf("%d guests", guests), func(b *testing.B) {
			b.Run("of a sandbox", func(b *testing.B) { benchmarkExport(b, guests, sandbox.New(sandbox.Options{Guests: guests})) })
			b.Run("of ready pages", func(b *testing.B) { benchmarkExport(b, guests, readyPages(b, guests)) })
		})
	}
}

const perPage = 999

func benchmarkExport(b *testing.B, guests int, handler http.Handler) {
	server := httptest.NewServer(handler)
	defer server.Close()
	gate := ratelimit.New(ratelimit.Options{Ceiling: ratelimit.Budget{Calls: 100_000, Window: time.Second}})
	client, err := tallyfy.New(tallyfy.Config{BaseURL: server.URL + "/api", Org: "acme", Token: "x", Gate: gate})
	if err != nil {
		b.Fatal(err)
	}
	defer client.CloseIdle()
	bareClient := &http.Client{Transport: &http.Transport{}}
	defer bareClient.CloseIdleConnections()
	var bare, whole, ratios []float64
	for b.Loop() {
		loop := timeOf(func() { getAll(b, bareClient, server.URL, guests) })
		run := timeOf(func() {
			o := Options{Client: client, List: tallyfy.ListOptions{Stats: true}, Format: CSV}
			summary, err := New(o).Write(b.Context(), io.Discard)
			if err != nil || summary.Guests != guests || summary.Scans != 1 {
				b.Error(summary, err)
			}
		})
		bare, whole, ratios = append(bare, loop), append(whole, run), append(ratios, loop/run)
	}
	b.ReportMetric(middle(bare)/float64(guests)*1e9, "bare-ns/guest")
	b.ReportMetric(middle(whole)/float64(guests)*1e9, "export-ns/guest")
	b.ReportMetric(middle(ratios), "of-bare-loop")
	b.ReportMetric(0, "ns/op")
}

func middle(of []float64) float64 {
	slices.Sort(of)
	return of[len(of)/2]
}

// pageAddress is how a page is asked for, as the client has it.
func pageAddress(page int) string {
	return fmt.Sprintf("/api/organizations/acme/guests?page=%d&per_page=%d&sort=id&with=stats", page, perPage)
}

// readyPages is a server that has its answers ready: whatever it takes to make
// them would be in both times, and flatter the ratio.
func readyPages(b *testing.B, guests int) http.Handler {
	source := sandbox.New(sandbox.Options{Guests: guests})
	pages := map[string][]byte{}
	for page := range pagesOf(guests) {
		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, pageAddress(page+1), nil)
		setHeaders(r)
		source.ServeHTTP(w, r)
		pages[r.URL.RequestURI()] = w.Body.Bytes()
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		body := pages[r.URL.RequestURI()]
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body)
	})
}

func pagesOf(guests int) int { return (guests + perPage - 1) / perPage }

func setHeaders(r *http.Request) {
	r.Header.Set("Authorization", "Bearer x")
	r.Header.Set("Accept", "application/json")
	r.Header.Set("X-Tallyfy-Client", "APIClient")
}

// timeOf returns how many seconds something takes that begins with no garbage of
// others.
func timeOf(do func()) float64 {
	runtime.GC()
	start := time.Now()
	do()
	return time.Since(start).Seconds()
}

// getAll is the bare loop.
func getAll(b *testing.B, client *http.Client, url string, guests int) {
	get := func(page int) {
		r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, url+pageAddress(page), nil)
		if err != nil {
			b.Error(err)
			return
		}
		setHeaders(r)
		answer, err := client.Do(r)
		if err != nil {
			b.Error(err)
			return
		}
		defer answer.Body.Close()
		if _, err := io.Copy(io.Discard, answer.Body); err != nil || answer.StatusCode != http.StatusOK {
			b.Error(answer.Status, err)
		}
	}
	get(1)
	for page := pagesOf(guests); page > 0; page-- {
		get(page)
	}
}
