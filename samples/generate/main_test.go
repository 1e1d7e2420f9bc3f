package main

import (
	"bytes"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCommittedFileIsWhatTheGeneratorWrites(t *testing.T) {
	want, err := os.ReadFile("../migration-1000.csv")
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := write(&got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("go run ./samples/generate > samples/migration-1000.csv is due (-committed +generated):\n%s", diff)
	}
}

func TestEachRowIsAnotherPerson(t *testing.T) {
	seen := make(map[string]int)
	for i := range rows {
		email := row(i)[0]
		if before, ok := seen[email]; ok {
			t.Errorf("rows %d and %d are both %s", before, i, email)
		}
		seen[email] = i
	}
}

func TestEveryFieldIsSometimesGivenAndExceptTheEmailSometimesNot(t *testing.T) {
	given := make(map[string]int)
	for i := range rows {
		for f, cell := range row(i) {
			if cell != "" {
				given[header[f]]++
			}
		}
	}
	for _, field := range header {
		if n := given[field]; n == 0 || n == rows && field != "email" {
			t.Errorf("%s is given in %d of %d rows", field, n, rows)
		}
	}
}
