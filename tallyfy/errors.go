package tallyfy

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Error is what went wrong with one attempt of a call. It holds no token, no
// link and no address that was called; what the server said is cut where it is
// long, and its control characters are escaped.
type Error struct {
	Op     string // what was done, and to what
	Status int    // the HTTP status; zero: no answer came

	// What the server said, each as far as it did, by "message", "code" and
	// "errors" in the body. Without an answer Message says why there is none.
	Code    string
	Message string
	Fields  map[string][]string // by field; "" for what it said of no field

	// RetryAfter is how long the server asked to wait from the answer on, 48 hours
	// at most. Announced tells whether it did.
	RetryAfter time.Duration
	Announced  bool

	// Sent is false when the request has certainly not left this machine. Where it is
	// SigningIn, that is about the call that needed the token.
	Sent bool

	// Err is the cause, where that is not what the server said. A success that
	// cannot be understood has one.
	Err error

	json    bool // the body is a JSON object
	deleted bool // the guest is there, as a deleted one
	broken  bool // the connection broke in the middle of a refusal, so its reason is not known

	personal bool // the call that was answered went out with a person's token
	signIn   bool // it is about the token that the call needed
	final    bool // signIn: to try again later would not help
}

// Error returns the operation, what the server said or what happened, and the
// status.
func (e *Error) Error() string {
	said := e.Message
	if fields := e.FieldText(); fields != "" {
		said = fields
	}
	if said == "" {
		said = "the server gave no reason: " + cmp.Or(strings.ToLower(http.StatusText(e.Status)), "unknown status")
	}
	if e.Announced {
		said += fmt.Sprintf("; it asks to wait %s", e.RetryAfter.Round(time.Second))
	}
	switch {
	case e.Status == 0:
		return e.Op + ": " + said
	case e.Code == "":
		return fmt.Sprintf("%s: %s (HTTP %d)", e.Op, said, e.Status)
	}
	return fmt.Sprintf("%s: %s (HTTP %d, %s)", e.Op, said, e.Status, e.Code)
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// NotAdmitted tells whether the call was certainly not looked at, so that it may
// be sent again as it is: it never left this machine, or the server put it off
// (429, or 503 with a time). The gate knows of the wait already.
func (e *Error) NotAdmitted() bool {
	if e.signIn {
		return !e.final
	}
	return e.Status == 0 && !e.Sent || e.putOff()
}

// FateUnknown tells whether the server may have done what it was asked, or may
// yet do it: no answer came, or half of one, one that cannot be understood, or
// one of a server in trouble. Look before a create is sent again.
func (e *Error) FateUnknown() bool {
	switch {
	case e.signIn, e.NotAdmitted():
		return false
	case e.broken, e.Status < 200, e.Status == http.StatusRequestTimeout, e.Status >= 500:
		return true
	}
	return e.Status/100 == 2 && !e.deleted
}

// Absent tells whether the server knows no such guest (or organization, where
// the call names no guest): it said so in JSON, or it has only a deleted one. A
// 404 that comes from elsewhere, or is about the address, does not count.
func (e *Error) Absent() bool {
	return e.deleted || e.Status == http.StatusNotFound && e.json && !e.signIn && !e.EndpointNotFound()
}

// EndpointNotFound tells whether the server knows no such call: the base URL is
// wrong, or something on the way took a header off.
func (e *Error) EndpointNotFound() bool {
	return e.Status == http.StatusNotFound && e.Code == "ENDPOINT_NOT_FOUND" && !e.signIn
}

// Unauthenticated tells whether the token was not accepted, or none could be had
// for a reason that does not pass.
func (e *Error) Unauthenticated() bool {
	return e.signIn && e.final || !e.signIn && e.Status == http.StatusUnauthorized
}

// SigningIn tells whether an Application got no token, so that the call that needed
// it did not leave. The status, the code and the message are about that. Where it
// is Unauthenticated, the message says what to check; else it may go better later.
func (e *Error) SigningIn() bool { return e.signIn }

// PersonalToken tells whether the call that was answered went out with a person's
// token, see Config.Token.
func (e *Error) PersonalToken() bool { return e.personal }

// Forbidden tells whether the token's owner may not do that.
func (e *Error) Forbidden() bool { return e.Status == http.StatusForbidden && !e.signIn }

// AboutEmail tells whether the guest's email was refused, be it for its form or
// because somebody has it already.
func (e *Error) AboutEmail() bool {
	return e.Status == http.StatusUnprocessableEntity && len(e.Fields["email"]) > 0
}

// FieldText returns what the server said of the fields: "field: message" parts,
// by field, joined by "; ", twenty of them at most.
func (e *Error) FieldText() string {
	var parts []string
	for _, field := range slices.Sorted(maps.Keys(e.Fields)) {
		for _, message := range e.Fields[field] {
			if field != "" {
				message = field + ": " + message
			}
			parts = append(parts, message)
		}
	}
	const most = 20
	if more := len(parts) - most; more > 0 {
		parts = append(parts[:most], fmt.Sprintf("and %d more", more))
	}
	return strings.Join(parts, "; ")
}

// putOff tells whether the server refused the call for now only.
func (e *Error) putOff() bool {
	return e.Status == http.StatusTooManyRequests || e.Status == http.StatusServiceUnavailable && e.Announced
}

// passing tells whether another try of a read may well go better.
func (e *Error) passing() bool {
	if e.signIn {
		return false // it has been tried often enough
	}
	var certificate *tls.CertificateVerificationError
	var notTLS tls.RecordHeaderError
	if errors.As(e.Err, &certificate) || errors.As(e.Err, &notTLS) || errors.Is(e.Err, errTooLarge) {
		return false
	}
	return e.NotAdmitted() || e.FateUnknown()
}

// withoutURL takes off what net/http wraps around an error: the address, with
// the guest's email in it.
func withoutURL(err error) error {
	var outer *url.Error
	if errors.As(err, &outer) {
		return outer.Err
	}
	return err
}
