package tallyfy

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
)

// answer is what the server said.
type answer struct {
	status int // zero: nothing came
	header http.Header
	body   []byte
}

var (
	errPage     = errors.New("the server answered with a web page instead of JSON: check the base URL, and that no proxy or login page stands in between")
	errNoJSON   = errors.New("the answer is not the JSON that the API speaks: check the base URL")
	errTooLarge = errors.New("the answer is too large")
	errNoAnswer = errors.New("the server answered with a status that ends no call: check the base URL, and that no proxy stands in between")
	errNoGuest  = errors.New("the answer holds no guest")
	errOther    = errors.New("the answer holds the record of another guest")
)

// readBody reads a body, most bytes of it, and what it can of the rest, so that
// the connection can be used again.
func readBody(r *http.Response, most int64) (body []byte, err error) {
	defer r.Body.Close()
	body = newBody(r.ContentLength, most)
	for err == nil && int64(len(body)) <= most {
		if len(body) == cap(body) {
			body = slices.Grow(body, len(body))
		}
		var n int
		n, err = r.Body.Read(body[len(body):min(int64(cap(body)), most+1)])
		body = body[:len(body)+n]
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	if err == nil && int64(len(body)) > most {
		const drained = 256 << 10
		_, _ = io.CopyN(io.Discard, r.Body, drained)
		return body[:most], fmt.Errorf("%w: more than %d KiB", errTooLarge, most>>10)
	}
	return body, err
}

// largeBodies are those of pages that were consumed. To clear the memory for each
// page anew takes as long as to read it from the network of this machine.
var largeBodies sync.Pool

const largeBody = 64 << 10

// newBody returns a body without anything that has room for that size, which is
// negative where it is not known.
func newBody(size, most int64) []byte {
	room := int64(4 << 10)
	if size > 0 && size <= most {
		room = size + 1 // for the read that finds the end
	}
	if room >= largeBody || size < 0 && most == mostOfPage {
		if body, ok := largeBodies.Get().(*[]byte); ok && int64(cap(*body)) >= room {
			return (*body)[:0]
		}
	}
	return make([]byte, 0, room)
}

// reuseBody takes a body that nobody will look at any more.
func reuseBody(body []byte) {
	if cap(body) >= largeBody {
		largeBodies.Put(&body)
	}
}

// checkJSON tells why a body cannot be JSON from the API; the content type does
// not count, as PHP calls everything text/html by default.
func (a *answer) checkJSON() error {
	if json.Valid(a.body) {
		return nil
	}
	if bytes.HasPrefix(bytes.TrimSpace(a.body), []byte("<")) {
		return errPage
	}
	return errNoJSON
}

// saysError tells whether a body calls itself an error, whatever the status.
func (a *answer) saysError() bool {
	for m := range members(a.body) {
		if said := string(m.value); string(m.key) == "error" && said != "false" && said != "null" {
			return true
		}
	}
	return false
}

// lost is the error of a request that got no answer.
func (c *Client) lost(ctx context.Context, k *call, way *departure, err error) error {
	left := way.mayHaveLeft()
	if ctx.Err() != nil && (k.isRead() || !left) {
		return failed(k.op, ctx.Err())
	}
	e := &Error{Op: k.op, Sent: left, Err: err}
	switch {
	case errors.Is(err, context.Canceled):
		e.Message = "stopped on its way; the server may have done it"
	case errors.Is(err, context.DeadlineExceeded) && left:
		e.Message = fmt.Sprintf("no answer within %s", c.timeout)
	case errors.Is(err, context.DeadlineExceeded):
		e.Message = fmt.Sprintf("no connection to the server within %s", c.timeout)
	case left:
		e.Message = "the connection broke before the answer came: " + c.clean(err.Error())
	default:
		e.Message = "the server cannot be reached: " + c.clean(err.Error())
	}
	return e
}

// unreadable is the error of a success that cannot be understood.
func (c *Client) unreadable(k *call, a *answer, err error) *Error {
	e := &Error{Op: k.op, Status: a.status, Sent: true, Err: err, personal: c.signatures.renew == nil}
	switch {
	case errors.Is(err, context.Canceled):
		e.Message = "stopped in the middle of the answer"
	case errors.Is(err, context.DeadlineExceeded):
		e.Message = fmt.Sprintf("the answer was not complete within %s", c.timeout)
	case errors.Is(err, io.ErrUnexpectedEOF):
		e.Message = "the connection broke in the middle of the answer"
	default:
		e.Message = c.clean(err.Error())
	}
	return e
}

// refusal is the error that an answer other than a success means.
func (c *Client) refusal(k *call, a *answer) *Error {
	e := &Error{Op: k.op, Status: a.status, Sent: true, personal: c.signatures.renew == nil}
	e.RetryAfter, e.Announced = retryAfter(a)
	if a.status/100 == 3 {
		e.Message = "the server redirected the call, which the API never does: check the base URL, and that no proxy asks for a login"
		return e
	}
	if err := a.checkJSON(); err != nil {
		switch {
		case errors.Is(err, errPage) && a.status >= 500:
			e.Message = "the server is in trouble and answered with a web page"
		case errors.Is(err, errPage):
			e.Message = err.Error()
		}
		return e
	}
	e.json = bytes.HasPrefix(bytes.TrimSpace(a.body), []byte("{"))
	for m := range members(a.body) {
		switch string(m.key) {
		case "message":
			e.Message = c.clean(text(m.value))
		case "error": // true, or a text where others have a message
			if e.Message == "" && m.value[0] == '"' {
				e.Message = c.clean(text(m.value))
			}
		case "code":
			e.Code = c.clean(text(m.value))
		case "errors":
			e.Fields = c.fieldMessages(m.value)
		}
	}
	return e
}

// fieldMessages reads {"field":["message", …]}, with a single message or a list
// without fields where the framework gives that.
func (c *Client) fieldMessages(value []byte) map[string][]string {
	fields := map[string][]string{}
	add := func(field string, value []byte) {
		if value[0] != '[' {
			fields[field] = append(fields[field], c.clean(text(value)))
			return
		}
		for one := range elements(value) {
			fields[field] = append(fields[field], c.clean(text(one)))
		}
	}
	if value[0] == '{' {
		for m := range members(value) {
			add(c.clean(string(m.key)), m.value)
		}
	} else if string(value) != "null" {
		add("", value)
	}
	return fields
}
