package budgetredis

import (
	"strings"
	"testing"
)

func TestAddress(t *testing.T) {
	for _, test := range []struct{ text, want, wrong string }{
		{"redis://redis.example", "redis://redis.example:6379", ""},
		{"rediss://me:S3CRET@redis.example:6380/2", "rediss://me@redis.example:6380/2", ""},
		{"redis://:S3CRET@[::1]", "redis://[::1]:6379", ""},
		{"redis://:S3CRET@[fe80::1%25eth0]:6380", "redis://[fe80::1%25eth0]:6380", ""},
		{"redis://redis.example:/", "redis://redis.example:6379", ""},
		{"redis://me:S3%2FC%40R%3AET@redis.example/12/", "redis://me@redis.example:6379/12", ""},
		{"redis://me:S3@CRET@redis.example", "redis://me@redis.example:6379", ""},
		{"redis.example:6379", "", "no address of a Redis"},
		{"redis.example", "", "no address of a Redis"},
		{"unix:///run/redis.sock", "", "no address of a Redis"},
		{"redis:redis.example", "", "no host"},
		{"redis://S3CRET@redis.example", "", "a user without a password"},
		{"redis://S3CRET:@redis.example", "", "a user without a password"},
		{"redis://redis.example:0", "", "between 1 and 65535"},
		{"redis://redis.example:65536", "", "between 1 and 65535"},
		{"redis://me:S3/CRET@redis.example", "", "percent-encoded"},
		{"redis://me:53/CRET@redis.example", "", "%2F"},
		{"redis://me:53?CRET@redis.example", "", "%3F"},
		{"redis://me:53#CRET@redis.example", "", "%23"},
		{"redis://redis.example/+1", "", "number of a database"},
		{"redis://redis.example/-1", "", "number of a database"},
		{"redis://redis.example/0/1", "", "number of a database"},
		{"redis://redis.example/9999999999", "", "number of a database"},
		{"redis://redis.example\nredis://S3CRET@redis.example", "", "no URL"},
		{"https://me:S3CRET@redis.example", "", "no address of a Redis"},
		{"redis://me:S3%CRET@redis.example", "", "percent-encoded"},
		{"redis:///0", "", "no host"},
		{"redis://redis.example/S3CRET", "", "number of a database"},
		{"redis://redis.example?password=S3CRET", "", "nothing can be set"},
	} {
		a, err := ParseAddress(test.text)
		switch {
		case test.wrong == "" && err != nil:
			t.Errorf("%s: %v", test.text, err)
		case test.wrong == "" && a.String() != test.want:
			t.Errorf("%s is told as %s, want %s", test.text, a, test.want)
		case test.wrong != "" && (err == nil || !strings.Contains(err.Error(), test.wrong)):
			t.Errorf("%s: %v, want that it says %q", test.text, err, test.wrong)
		case err != nil && strings.Contains(err.Error(), "S3") || err != nil && strings.Contains(err.Error(), "CRET"):
			t.Errorf("%s: a secret is in %v", test.text, err)
		}
	}
	if a, _ := ParseAddress("redis://me:S3%2FC%40R%3AET@redis.example"); !a.HasPassword() || a.password != "S3/C@R:ET" {
		t.Error("a password is not seen as it is")
	}
	if a, _ := ParseAddress("redis://redis.example"); a.HasPassword() {
		t.Error("a password is seen where there is none")
	}
}
