package importer

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"guestlist/guest"
	"guestlist/ratelimit"
	"guestlist/results"
	"guestlist/sandbox"
	"guestlist/tallyfy"
)

// BenchmarkImport imports 5,000 rows, and then posts the same bodies in a bare
// loop over as many connections that throws the answers away. It alternates the
// two, since they are compared: of-bare-loop is the loop's time by the import's.
func BenchmarkImport(b *testing.B) {
	const rows, workers, pairs = 5000, 8, 5
	var file strings.Builder
	file.WriteString("email,first_name,last_name,company_name\n")
	bodies := make([][]byte, rows)
	for i := range bodies {
		g := guest.Guest{Email: fmt.Sprintf("guest%d@acme.example.com", i), FirstName: fmt.Sprintf("First %d", i), LastName: "Last", CompanyName: "ACME"}
		fmt.Fprintf(&file, "%s,%s,%s,%s\n", g.Email, g.FirstName, g.LastName, g.CompanyName)
		bodies[i] = tallyfy.CreatePayload(&g)
	}
	var bare, whole time.Duration
	for b.Loop() {
		for range pairs {
			bare += timeOf(b, func(url string) func() {
				client := &http.Client{Transport: &http.Transport{MaxConnsPerHost: workers, MaxIdleConnsPerHost: workers}}
				b.Cleanup(client.CloseIdleConnections)
				return func() { postAll(b, client, url+"/organizations/acme/guests", bodies, workers) }
			})
			whole += timeOf(b, func(url string) func() {
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
		}
	}
	perRow := func(d time.Duration) float64 { return float64(d.Microseconds()) / float64(b.N*pairs*rows) }
	b.ReportMetric(perRow(bare), "bare-µs/row")
	b.ReportMetric(perRow(whole), "import-µs/row")
	b.ReportMetric(bare.Seconds()/whole.Seconds(), "of-bare-loop")
	b.ReportMetric(0, "ns/op")
}

// timeOf returns how long it takes to do what is prepared against a sandbox
// without guests, beginning with no garbage of others.
func timeOf(b *testing.B, prepare func(url string) (do func())) time.Duration {
	server := httptest.NewServer(sandbox.New(sandbox.Options{}))
	defer server.Close()
	do := prepare(server.URL + "/api")
	runtime.GC()
	start := time.Now()
	do()
	return time.Since(start)
}

// postAll is the bare loop.
func postAll(b *testing.B, client *http.Client, url string, bodies [][]byte, workers int) {
	queue := make(chan []byte)
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for body := range queue {
				post(b, client, url, body)
			}
		})
	}
	for _, body := range bodies {
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
