package importer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"guestlist/ratelimit"
	"guestlist/results"
	"guestlist/sandbox"
	"guestlist/tallyfy"
)

// BenchmarkImport posts 5,000 rows in a bare loop that throws the answers away,
// and then imports them over as many connections. It alternates the two, since
// they are compared: of-bare-loop is the loop's time by that of the import beside
// it, in the middle one of all pairs.
func BenchmarkImport(b *testing.B) {
	const rows, workers, pairs = 5000, 8, 5
	var file strings.Builder
	file.WriteString("email,first_name,last_name,company_name\n")
	all := make([]bareRow, rows)
	for i := range all {
		r := bareRow{fmt.Sprintf("guest%d@acme.example.com", i), fmt.Sprintf("First %d", i), "Last", "ACME"}
		fmt.Fprintf(&file, "%s,%s,%s,%s\n", r.Email, r.FirstName, r.LastName, r.CompanyName)
		all[i] = r
	}
	var bare, whole, ratios []float64
	for b.Loop() {
		for range pairs {
			loop := timeOf(b, func(url string) func() {
				client := &http.Client{Transport: &http.Transport{MaxConnsPerHost: workers, MaxIdleConnsPerHost: workers}}
				b.Cleanup(client.CloseIdleConnections)
				return func() { postAll(b, client, url+"/organizations/acme/guests", all, workers) }
			})
			run := timeOf(b, func(url string) func() {
				gate := ratelimit.New(ratelimit.Options{Ceiling: ratelimit.Budget{Calls: 100_000, Window: time.Second}})
				client, err := tallyfy.New(tallyfy.Config{BaseURL: url, Org: "acme", Token: "x", Gate: gate, Connections: workers, Patience: Patience})
				if err != nil {
					b.Fatal(err)
				}
				b.Cleanup(client.CloseIdle)
				o := Options{Mode: Upsert, Org: "acme", Client: client, Gate: gate, Workers: workers, Attempts: 8, Open: func() (io.ReadCloser, error) {
					return io.NopCloser(strings.NewReader(file.String())), nil
				}}
				path := filepath.Join(b.TempDir(), "r.csv")
				return func() { importAll(b, o, path) }
			})
			bare, whole, ratios = append(bare, loop), append(whole, run), append(ratios, loop/run)
		}
	}
	b.ReportMetric(middle(bare)/rows*1e6, "bare-µs/row")
	b.ReportMetric(middle(whole)/rows*1e6, "import-µs/row")
	b.ReportMetric(middle(ratios), "of-bare-loop")
	b.ReportMetric(0, "ns/op")
}

func middle(of []float64) float64 {
	slices.Sort(of)
	return of[len(of)/2]
}

// timeOf returns how many seconds it takes to do what is prepared against a
// sandbox without guests, beginning with no garbage of others.
func timeOf(b *testing.B, prepare func(url string) (do func())) float64 {
	server := httptest.NewServer(sandbox.New(sandbox.Options{}))
	defer server.Close()
	do := prepare(server.URL + "/api")
	runtime.GC()
	start := time.Now()
	do()
	return time.Since(start).Seconds()
}

// bareRow is a row as a bare loop has it.
type bareRow struct {
	Email       string `json:"email"`
	FirstName   string `json:"first_name"`
	LastName    string `json:"last_name"`
	CompanyName string `json:"company_name"`
}

// postAll is the bare loop.
func postAll(b *testing.B, client *http.Client, url string, rows []bareRow, workers int) {
	queue := make(chan []byte)
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for body := range queue {
				post(b, client, url, body)
			}
		})
	}
	for _, row := range rows {
		body, err := json.Marshal(row)
		if err != nil {
			b.Error(err)
		}
		queue <- body
	}
	close(queue)
	group.Wait()
}

func post(b *testing.B, client *http.Client, url string, body []byte) {
	r, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		b.Error(err)
		return
	}
	for name, value := range map[string]string{
		"Authorization": "Bearer x", "Accept": "application/json", "Content-Type": "application/json", "X-Tallyfy-Client": "APIClient",
	} {
		r.Header.Set(name, value)
	}
	answer, err := client.Do(r)
	if err != nil {
		b.Error(err)
		return
	}
	_, _ = io.Copy(io.Discard, answer.Body)
	_ = answer.Body.Close()
}

func importAll(b *testing.B, o Options, path string) {
	journal, err := results.Start(path+".partial", false)
	if err != nil {
		b.Fatal(err)
	}
	plan, err := NewPlan(b.Context(), o)
	if err != nil {
		b.Fatal(err)
	}
	run := plan.NewRun(journal)
	if err := run.RecordSettled(b.Context()); err != nil {
		b.Fatal(err)
	}
	if err := run.Do(b.Context()); err != nil {
		b.Fatal(err)
	}
	if err := journal.Finish(path, plan.Counts.Rows); err != nil {
		b.Fatal(err)
	}
	if err := journal.Remove(); err != nil {
		b.Fatal(err)
	}
}
