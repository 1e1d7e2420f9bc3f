package tallyfy

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"guestlist/guest"
	"guestlist/ratelimit"
)

// everyCall makes each call of the client once.
var everyCall = map[string]func(*Client) error{
	"create": func(c *Client) error {
		_, err := c.Create(background, &guest.Guest{Email: "a@b.com"}, nil)
		return err
	},
	"associate": func(c *Client) error {
		_, err := c.Associate(background, "a@b.com", []int64{1001}, nil)
		return err
	},
	"get": func(c *Client) error {
		_, err := c.Get(background, "a@b.com", true)
		return err
	},
	"list": func(c *Client) error {
		_, _, err := collect(c, ListOptions{})
		return err
	},
	"members": func(c *Client) error {
		_, err := c.Members(background)
		return err
	},
}

func isWrite(call string) bool { return call == "create" || call == "associate" }

// sayTo starts a server that reads each request and lets say answer it. When say
// is done without an error, the connection stays open until the client or the
// test ends it.
func sayTo(t *testing.T, say func(io.Writer) error) (baseURL string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				in := bufio.NewReader(conn)
				r, err := http.ReadRequest(in)
				if err != nil {
					return
				}
				if _, err := io.Copy(io.Discard, r.Body); err != nil || say(conn) != nil {
					return
				}
				_, _ = io.Copy(io.Discard, in)
			}()
		}
	}()
	return "http://" + listener.Addr().String()
}

// once says a text and no more.
func once(text string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}
}

// endlessly says a text, and then another until nobody listens.
func endlessly(text, more string) func(io.Writer) error {
	many := []byte(strings.Repeat(more, 1+(32<<10)/len(more)))
	return func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		for err == nil {
			_, err = w.Write(many)
		}
		return err
	}
}

func zipped(content []byte) string {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write(content)
	_ = w.Close()
	return out.String()
}

// Whatever comes over the connection, the call ends with an error, and has taken
// no more memory than the largest answer needs.
func TestEveryCallSurvivesEveryConnection(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
	const zip = ok + "Content-Encoding: gzip\r\n"
	tests := []struct {
		name string
		say  func(io.Writer) error
		want string // part of the error
	}{
		{"a body without end", endlessly(ok+"\r\n", " "), "too large"},
		{"a body without end in chunks", endlessly(ok+"Transfer-Encoding: chunked\r\n\r\n", "1000\r\n"+strings.Repeat(" ", 0x1000)+"\r\n"), "too large"},
		{"a body as long as was told, which is absurd", endlessly(ok+"Content-Length: 9223372036854775807\r\n\r\n", " "), "too large"},
		{"a bomb of zipped blanks", endlessly(zip+"\r\n", zipped(bytes.Repeat([]byte{' '}, 1<<20))), "too large"},
		{"a body that stops, while the connection stays", once(ok + "Content-Length: 100\r\n\r\n{"), "not complete within"},
		{"a zipped body of nothing, without end", endlessly(zip+"\r\n", zipped(nil)), "not complete within"},
		{"zipped, but not", once(zip + "Content-Length: 10\r\n\r\n0123456789"), "gzip"},
		{"an error without end", endlessly("HTTP/1.1 422 No\r\n\r\n", " "), "HTTP 422"},
		{"an error as a bomb", endlessly("HTTP/1.1 422 No\r\nContent-Encoding: gzip\r\n\r\n", zipped(bytes.Repeat([]byte{' '}, 1<<20))), "HTTP 422"},
		{"a redirect without end", endlessly("HTTP/1.1 302 Found\r\nLocation: /login\r\n\r\n", "<html>"), "redirected"},
		{"a redirect to what is no address", once("HTTP/1.1 302 Found\r\nLocation: http://[" + testToken + "\r\nContent-Length: 0\r\n\r\n"), "redirected"},
		{"headers without end", endlessly(ok, "X-More: and more\r\n"), "headers exceeded"},
		{"one header without end", endlessly(ok+"X-More: ", "x"), "headers exceeded"},
		{"a status line without end", endlessly("HTTP/1.1 200 ", "x"), "headers exceeded"},
		{"hints without end", endlessly("", "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"), "headers exceeded"},
		{"continue without end", endlessly("", "HTTP/1.1 100 Continue\r\n\r\n"), "headers exceeded"},
		{"another protocol, and then silence", once("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"), "ends no call"},
		{"a status below all others", once("HTTP/1.1 099 ?\r\nContent-Length: 0\r\n\r\n"), "ends no call"},
		{"no status at all", once("HTTP/1.1 000 ?\r\nContent-Length: 0\r\n\r\n"), "ends no call"},
		{"another protocol from the start", once("SSH-2.0-OpenSSH_9.9\x1b[31m\r\n\r\n"), "malformed"},
		{"two lengths", once(ok + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}"), "Content-Length"},
		{"a negative length", once(ok + "Content-Length: -1\r\n\r\n{}"), "Content-Length"},
		{"chunks that are none", once(ok + "Transfer-Encoding: chunked\r\n\r\nzz\r\n"), "chunk"},
		{"nothing", once(""), "no answer within"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for name, call := range everyCall {
				if name == "members" && tt.want == "too large" {
					continue // it is read as the list is, and each takes a page of 64 MiB
				}
				timeout := 20 * time.Second
				if strings.Contains(tt.want, "within") {
					timeout = 50 * time.Millisecond
				}
				c := newClient(t, Config{Attempts: 1, Timeout: timeout, BaseURL: sayTo(t, tt.say)})
				var err error
				took := allocated(func() { err = call(c) })
				e := asError(t, err)
				if !strings.Contains(e.Error(), tt.want) || len(e.Error()) > 1000 {
					t.Errorf("%s: got %v, want an error with %q", name, e, tt.want)
				}
				if refused := e.Status/100 == 3 || e.Status/100 == 4; e.NotAdmitted() || e.FateUnknown() == refused {
					t.Errorf("%s: it is %q: %v", name, answers(e), e)
				}
				checkSecrets(t, err)
				// A buffer that doubles takes four times its content in all, and twice that
				// under the race detector.
				most := mostOfGuest
				if !isWrite(name) && name != "get" {
					most = mostOfPage
				}
				if took > uint64(10*most+4<<20) {
					t.Errorf("%s: took %d MiB", name, took>>20)
				}
			}
		})
	}
}

// allocated returns how many bytes were allocated meanwhile, by everybody.
func allocated(do func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// A success that cannot be understood is an error, in few and clean words, and
// never says that nothing was done.
func TestEveryCallSurvivesEveryBody(t *testing.T) {
	inPage := func(records string) string {
		return `{"data":[` + records + `],"meta":{"pagination":{"total":1,"current_page":1,"total_pages":1}}}`
	}
	paging := func(fields string) string {
		return `{"data":[{"id":1,"email":"x@y.com"}],"meta":{"pagination":{` + fields + `}}}`
	}
	deep := strings.Repeat("[", 1_000_000)
	bodies := map[string]string{
		"nothing":                           "",
		"blanks":                            " \n\t ",
		"null":                              "null",
		"a number":                          "7",
		"a text":                            `"a@b.com"`,
		"a list":                            `[{"id":1,"email":"a@b.com"}]`,
		"an empty object":                   `{}`,
		"data null":                         `{"data":null}`,
		"data a number":                     `{"data":7}`,
		"data a text":                       `{"data":"{\"id\":1}"}`,
		"data false":                        `{"data":false}`,
		"data within data":                  `{"data":{"data":{"id":1,"email":"a@b.com"}}}`,
		"data a list with gaps, as PHP has": `{"data":{"1":{"id":1,"email":"a@b.com"}}}`,
		"data of lists":                     inPage(`[{"id":1}]`),
		"data of texts":                     inPage(`"a@b.com"`),
		"data of numbers":                   inPage(`7`),
		"data twice, the second one none":   `{"data":[],"data":null}`,
		"meta a list":                       `{"data":[],"meta":[1,2]}`,
		"meta a text":                       `{"data":[],"meta":"pagination"}`,
		"meta twice, the second one none":   `{"data":[],"meta":{"pagination":{"total":0,"current_page":1,"total_pages":1}},"meta":null}`,
		"pagination a list":                 `{"data":[],"meta":{"pagination":[]}}`,
		"total a fraction":                  paging(`"total":1.0,"current_page":1,"total_pages":1`),
		"total an exponent":                 paging(`"total":1e0,"current_page":1,"total_pages":1`),
		"total null":                        paging(`"total":null,"current_page":1,"total_pages":1`),
		"total true":                        paging(`"total":true,"current_page":1,"total_pages":1`),
		"total a list":                      paging(`"total":[1],"current_page":1,"total_pages":1`),
		"total beyond all numbers":          paging(`"total":` + strings.Repeat("9", 100_000) + `,"current_page":1,"total_pages":1`),
		"total beyond all lists":            paging(`"total":9223372036854775807,"current_page":1,"total_pages":1`),
		"pages beyond all lists":            paging(`"total":9223372036854775807,"current_page":1,"total_pages":9223372036854775807`),
		"negative total":                    paging(`"total":-1,"current_page":1,"total_pages":1`),
		"negative page":                     paging(`"total":1,"current_page":-1,"total_pages":1`),
		"page as words":                     paging(`"total":1,"current_page":"first","total_pages":1`),
		"fewer records than were counted":   paging(`"total":"7","current_page":"1","total_pages":"1"`),
		"a million brackets":                deep,
		"a million brackets in data":        `{"data":` + deep,
		"a million brackets that close":     `{"data":` + deep + strings.Repeat("]", len(deep)) + `}`,
		"a key of a million bytes":          `{"` + strings.Repeat("k", 1_000_000) + `":1}`,
		"zeros":                             strings.Repeat("\x00", 1000),
		"UTF-16":                            "\xff\xfe{\x00}\x00",
		"a mark before":                     "\xef\xbb\xbf" + anna,
		"more behind":                       anna + anna,
		"a comment":                         anna + "// good",
		"half":                              anna[:len(anna)-1],
		"JavaScript":                        "callback(" + anna + ")",
		"a web page":                        "\ufeff <!DOCTYPE html><html>" + testToken + "</html>",
		"no UTF-8":                          "\xff\xfe\xfd",
		"an error of PHP":                   "<br />\n<b>Warning</b>: http://localhost in x.php",
	}
	for about, body := range bodies {
		t.Run(about, func(t *testing.T) {
			for name, call := range everyCall {
				err := call(newClient(t, Config{Attempts: 1, Transport: always(200, body)}))
				if err == nil || len(err.Error()) > 400 {
					t.Errorf("%s: got %v", name, err)
					continue
				}
				checkSecrets(t, err)
				if e, _ := err.(*Error); isWrite(name) && (e == nil || answers(e) != "fate unknown") {
					t.Errorf("%s: %v is not an unknown fate", name, err)
				}
			}
		})
	}
}

// An answer about somebody else, such as one that a cache or a proxy mixed up,
// proves nothing about the guest that was meant.
func TestRecordOfAnotherGuest(t *testing.T) {
	record := func(email string) transport { return always(201, `{"data":{"id":1,"email":`+email+`}}`) }
	tests := []struct {
		name, email string
		same        bool
	}{
		{"as it was sent", `"Zoë.A@b.com"`, true},
		{"in other case", `"ZOË.a@B.COM"`, true},
		{"with blanks around", `" Zoë.A@b.com\t\n"`, true},
		{"composed otherwise", `"Zoe\u0308.A@b.com"`, true},
		{"without an email", `null`, true}, // it has an id, and nothing speaks against it
		{"another guest", `"zoe.a@b.com"`, false},
		{"a longer email", `"zoë.a@b.com.evil.com"`, false},
		{"a blank inside", `"zoë. a@b.com"`, false},
		{"a number", `7`, false},
		{"a list", `["Zoë.A@b.com"]`, false},
		{"an object", `{"email":"Zoë.A@b.com"}`, false},
		{"told twice", `"Zoë.A@b.com","email":"other@b.com"`, false},
	}
	const sent = "Zoë.A@b.com"
	calls := map[string]func(*Client) (*Guest, error){
		"create":    func(c *Client) (*Guest, error) { return c.Create(background, &guest.Guest{Email: sent}, nil) },
		"associate": func(c *Client) (*Guest, error) { return c.Associate(background, sent, nil, nil) },
		"get":       func(c *Client) (*Guest, error) { return c.Get(background, sent, false) },
		"look":      func(c *Client) (*Guest, error) { return c.Look(background, sent) },
	}
	for _, tt := range tests {
		for name, call := range calls {
			g, err := call(newClient(t, Config{Attempts: 1, Transport: record(tt.email)}))
			if tt.same {
				if err != nil || g.ID != "1" {
					t.Errorf("%s, %s: got %v", name, tt.name, err)
				}
				continue
			}
			if e := asError(t, err); answers(e) != "fate unknown" || !strings.Contains(e.Error(), "another guest") {
				t.Errorf("%s, %s: it is %q: %v", name, tt.name, answers(e), e)
			}
		}
	}
}

// What is no UTF-8 is sent as U+FFFD, and comes back so.
func TestRecordOfAGuestWhoseEmailIsNoText(t *testing.T) {
	c := newClient(t, Config{Transport: always(201, `{"data":{"id":1,"email":"a`+"\ufffd"+`@b.com"}}`)})
	if _, err := c.Create(background, &guest.Guest{Email: "a\xff@b.com"}, nil); err != nil {
		t.Error(err)
	}
}

// Small records can need far more memory than the bytes that they came in.
func TestMemoryIsBoundedForFewBytes(t *testing.T) {
	page := func(records string) string {
		return `{"data":[` + records + `],"meta":{"pagination":{"total":1,"current_page":1,"total_pages":1}}}`
	}
	list := func(one string, n int) string { return strings.TrimSuffix(strings.Repeat(one+",", n), ",") }
	keys := `{"id":1,"email":"a@b.com",` + list(`"":1`, 180_000) + `}`
	tests := []struct {
		name, call, body string
		most             uint64 // MiB
		want             string // of the error; empty: none
	}{
		{"a page of guests without anything", "list", page(list("{}", 600_000)), 16, "too large: more than 100000 records"},
		{"a page of members without anything", "members", page(list("{}", 600_000)), 16, "too large: more than 100000 records"},
		{"a record of nothing but unknown keys", "get", `{"data":` + keys + `}`, 1, ""},
		{"a guest of a list with nothing but unknown keys", "list", page(keys), 1, ""},
		{"members of a guest without end", "get", `{"data":{"id":1,"email":"a@b.com","associated_members":[` + list("10", 300_000) + `]}}`, 16, ""},
		{"an id of a million digits", "members", page(`{"id":1` + strings.Repeat("0", 1_000_000) + `}`), 4, "no number"},
		{"an id of a million control characters", "members", page(`{"id":"` + strings.Repeat("\x7f", 1_000_000) + `"}`), 4, "no number"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := newClient(t, Config{Attempts: 1, Transport: transport(func(*http.Request) (*http.Response, error) { return reply(200, tt.body) })})
			var err error
			took := allocated(func() { err = everyCall[tt.call](c) })
			if body := uint64(len(tt.body)); took > 2*body+tt.most<<20 {
				t.Errorf("%d KiB for a body of %d KiB", took>>10, body>>10)
			}
			if tt.want == "" && err == nil {
				return
			}
			if err == nil || tt.want == "" || !strings.Contains(err.Error(), tt.want) || len(err.Error()) > 2000 {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestErrorNamesFewOfManyFields(t *testing.T) {
	var fields []string
	for i := range 4000 {
		fields = append(fields, fmt.Sprintf(`"f%04d":["no"]`, i))
	}
	c := newClient(t, Config{Transport: always(422, `{"errors":{`+strings.Join(fields, ",")+`,"zip":["no"],"email":["taken"]}}`)})
	_, err := c.Create(background, &guest.Guest{Email: "a@b.com"}, nil)
	e := asError(t, err)
	if got := e.FieldText(); !strings.HasPrefix(got, "email: taken; f0000: no; ") || !strings.HasSuffix(got, "; f0018: no; and 3982 more") {
		t.Errorf("got %s", got)
	}
	if !e.AboutEmail() {
		t.Error("the email was lost")
	}
}

// A server that puts everything off, in whatever words, is asked again slowly,
// and only until the context ends.
func TestServerThatPutsOffForEver(t *testing.T) {
	tests := []struct {
		name, retryAfter string
		most             int // requests in an hour
	}{
		{"without a time", "", 3601},
		{"no wait at all", "0", 3601},
		{"a wait below none", "-1", 3601},
		{"words", "soon", 3601},
		{"no number", "NaN", 3601},
		{"a day that is past", "Thu, 01 Jan 1970 00:00:00 GMT", 3601},
		{"the last day of all", "Fri, 31 Dec 9999 23:59:59 GMT", 1},
		{"longer than any number", strings.Repeat("9", 10_000), 1},
	}
	for _, tt := range tests {
		for _, status := range []int{429, 503} {
			t.Run(fmt.Sprint(tt.name, ", ", status), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					ctx, cancel := context.WithTimeout(background, time.Hour)
					defer cancel()
					requests := 0
					gate := openGate()
					c := newClient(t, Config{Gate: gate, Transport: transport(func(*http.Request) (*http.Response, error) {
						requests++
						return reply(status, `{}`, "Retry-After: "+tt.retryAfter, "Date: Mon, 01 Jan 0001 00:00:00 GMT")
					})})
					_, err := c.Get(ctx, "a@b.com", false)
					if err == nil || requests > tt.most || requests == 0 {
						t.Errorf("%d requests, %v", requests, err)
					}
					if held := gate.Delay(ratelimit.Read); held > 48*time.Hour {
						t.Errorf("held back for %s", held)
					}
				})
			})
		}
	}
}

// Headers about limits that make no sense hold nothing back.
func TestAbsurdLimitHeaders(t *testing.T) {
	for _, value := range []string{"", "0", "-1", "soon", "1e9", strings.Repeat("9", 1000), "\xff"} {
		synctest.Test(t, func(t *testing.T) {
			gate := openGate()
			c := newClient(t, Config{Gate: gate, Transport: always(200, anna, "X-Ratelimit-Limit: "+value, "X-Ratelimit-Remaining: "+value, "X-Ratelimit-Reset: "+value, "Retry-After: "+value)})
			for range 3 {
				if _, err := c.Get(background, "anna@b.com", false); err != nil {
					t.Error(err)
				}
			}
			if held := gate.Delay(ratelimit.Read); held > time.Second {
				t.Errorf("%q holds reads back for %s", value, held)
			}
		})
	}
}
