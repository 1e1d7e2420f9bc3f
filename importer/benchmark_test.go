package importer

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
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

// BenchmarkImport compares an import of 5,000 rows with a bare loop that posts
// the same bodies over as many connections and throws the answers away.
func BenchmarkImport(b *testing.B) {
	const rows, workers = 5000, 8
	var file strings.Builder
	file.WriteString("email,first_name,last_name,company_name\n")
	for i := range rows {
		fmt.Fprintf(&file, "guest%d@acme.example.com,First %d,Last,ACME\n", i, i)
	}
	b.Run("bare loop", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			server := httptest.NewServer(sandbox.New(sandbox.Options{}))
			client := &http.Client{Transport: &http.Transport{MaxConnsPerHost: workers, MaxIdleConnsPerHost: workers}}
			b.StartTimer()
			bodies := make(chan []byte)
			var group sync.WaitGroup
			for range workers {
				group.Go(func() {
					for body := range bodies {
						post(b, client, server.URL+"/api/organizations/acme/guests", body)
					}
				})
			}
			for i := range rows {
				bodies <- tallyfy.CreatePayload(&guest.Guest{
					Email: fmt.Sprintf("guest%d@acme.example.com", i), FirstName: fmt.Sprintf("First %d", i), LastName: "Last", CompanyName: "ACME",
				})
			}
			close(bodies)
			group.Wait()
			b.StopTimer()
			client.CloseIdleConnections()
			server.Close()
			b.StartTimer()
		}
	})
	b.Run("import", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			server := httptest.NewServer(sandbox.New(sandbox.Options{}))
			gate := ratelimit.New(ratelimit.Options{Ceiling: ratelimit.Budget{Calls: 100_000, Window: time.Second}})
			client, err := tallyfy.New(tallyfy.Config{BaseURL: server.URL + "/api", Org: "acme", Token: "x", Gate: gate, Connections: workers, Patience: Patience})
			if err != nil {
				b.Fatal(err)
			}
			path := filepath.Join(b.TempDir(), "r.csv")
			b.StartTimer()
			o := Options{Mode: Upsert, Org: "acme", Client: client, Gate: gate, Workers: workers, Attempts: 8, Open: func() (io.ReadCloser, error) {
				return io.NopCloser(strings.NewReader(file.String())), nil
			}}
			importAll(b, o, path)
			b.StopTimer()
			client.CloseIdle()
			server.Close()
			b.StartTimer()
		}
	})
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
}
