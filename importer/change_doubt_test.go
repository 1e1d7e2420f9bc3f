package importer

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"guestlist/results"
	"guestlist/sandbox"
)

// Whoever could not be looked up is not taken for nobody: a guest who was to go
// would stay, and nobody would hear of it.
func TestAGuestWhoCannotBeLookedUpIsNotTakenForNobody(t *testing.T) {
	for _, mode := range []Mode{Delete, Disable, Enable, Update} {
		for _, passes := range []bool{false, true} { // the refusal
			server := staff(sandbox.Options{PerPageMax: 1})
			server.Put(sandbox.Guest{Email: "dan@acme.example.com", Fields: map[string]string{"disabled_at": "2026-01-02 03:04:05"}})
			asked := 0
			h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/guests/dan@") {
					if asked++; asked == 1 || !passes {
						w.WriteHeader(http.StatusBadRequest)
						fmt.Fprint(w, `{"error":true,"message":"not that one"}`)
						return
					}
				}
				server.ServeHTTP(w, r)
			})
			runFake(t, h, func(t *testing.T, b *bench) {
				file := "email,associated_members\ncat@acme.example.com,1001\ndan@acme.example.com,1001\n"
				if b.changing(mode); mode == Update {
					b.o.CSV.Columns.EmailOnly = false
				}
				l := b.mustRun(file)[1]
				status, _ := mode.changed()
				if mode == Update || mode == Disable { // who was disabled before
					status = map[Mode]results.Status{Update: results.Updated, Disable: results.Unchanged}[mode]
				}
				if passes && l.Status != status || !passes && (l.Status != results.Failed || !strings.Contains(l.Error, "not that one")) {
					t.Errorf("%s, the refusal passes %v: the row ended as %s: %s", mode, passes, l.Status, l.Error)
				}
			})
		}
	}
}

// A new forever link for somebody who has one that works would take it from them.
func TestNobodyIsEnabledWithoutNeed(t *testing.T) {
	for _, lost := range []bool{false, true} {
		t.Run(fmt.Sprintf("nobody tells whether the guest is disabled, the answer is lost %v", lost), func(t *testing.T) {
			writes := 0
			h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method != http.MethodGet {
					if writes++; lost {
						panic(http.ErrAbortHandler)
					}
				}
				fmt.Fprint(w, `{"data":{"id":1,"email":"ann@acme.example.com","details":{}}}`)
			})
			runFake(t, h, func(t *testing.T, b *bench) {
				b.changing(Enable)
				l := b.mustRun("email\nann@acme.example.com\n")[0]
				want, word := results.Enabled, ""
				if lost {
					want, word = results.Failed, "fate unknown: the enable was sent, and the server does not tell whether the guest is disabled"
				}
				if l.Status != want || l.Error != word || writes != 1 {
					t.Errorf("the row ended as %s: %q, after %d writes", l.Status, l.Error, writes)
				}
			})
		})
	}
	t.Run("enabled by somebody else while the run waited", func(t *testing.T) {
		server, file := crowd(sandbox.Options{Limits: []sandbox.Limit{{Class: "enable", Calls: 1, Window: time.Hour}}}, Enable, 2)
		runFake(t, server, func(t *testing.T, b *bench) {
			b.changing(Enable)
			b.o.Workers = 1
			time.AfterFunc(30*time.Minute, func() {
				for _, g := range server.Guests() {
					g.Fields = map[string]string{}
					server.Put(g)
				}
			})
			lines := b.mustRun(file)
			if got := fmt.Sprint(lines[0].Status, " ", lines[1].Status); got != "enabled unchanged" {
				t.Errorf("the rows ended as %s: %v", got, outcomes(lines))
			}
		})
	})
}

// Whoever got the email of a guest who was deleted is not deleted in their place.
func TestADeleteThatGotLostIsNotSentForAnother(t *testing.T) {
	server := sandbox.New(sandbox.Options{})
	server.Put(sandbox.Guest{ID: 8, Email: "ann@acme.example.com"})
	runFake(t, server, func(t *testing.T, b *bench) {
		journal, err := results.Start(b.partial, false)
		if err != nil {
			t.Fatal(err)
		}
		sending := results.Line{
			Row: 1, Line: 2, Email: "ann@acme.example.com", Status: results.Sending, Action: results.Delete, GuestID: "7",
			Attempts: 1, FinishedAt: time.Now().Add(-time.Hour), Org: "acme",
		}
		if err := errors.Join(journal.Note(sending), journal.Close()); err != nil {
			t.Fatal(err)
		}
		b.changing(Delete)
		lines := b.mustRun("email\nann@acme.example.com\n")
		want := []string{"1 ann@acme.example.com deleted delete another guest has this email now, who was left alone: 8"}
		if diff := cmp.Diff(want, outcomes(lines)); diff != "" || lines[0].GuestID != "7" {
			t.Errorf("guest %s (-want +got):\n%s", lines[0].GuestID, diff)
		}
	})
	if got := standing(server); got != "ann" {
		t.Errorf("guests are %q", got)
	}
}
