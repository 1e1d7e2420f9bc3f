package sandbox

import (
	"encoding/json"
	"net/http"
	"strconv"
)

// reply is an answer that has been decided on but not written yet.
type reply struct {
	status int
	header [][2]string
	body   func() []byte // encodes immutable data, so it needs no lock
}

func (p *reply) add(headers [][2]string) { p.header = append(p.header, headers...) }

func jsonReply(status int, body func() []byte) reply {
	return reply{status: status, header: [][2]string{{"Content-Type", "application/json"}}, body: body}
}

func valueReply(status int, v any) reply {
	return jsonReply(status, func() []byte {
		text, err := json.Marshal(v)
		if err != nil {
			panic(err) // only maps, strings and numbers come here
		}
		return text
	})
}

func pageReply(status int, html string) reply {
	return reply{
		status: status,
		header: [][2]string{{"Content-Type", "text/html; charset=UTF-8"}},
		body:   func() []byte { return []byte(html) },
	}
}

// message is the framework's plain error, as in {"message":"Unauthenticated."}.
func message(status int, text string) reply {
	return valueReply(status, map[string]string{"message": text})
}

func notFound(code, text string) reply {
	return valueReply(http.StatusNotFound, map[string]any{"error": true, "message": text, "code": code})
}

func unknownGuest() reply { return notFound("RESOURCE_NOT_FOUND", "The guest was not found.") }

// invalid is the API's own answer to wrong fields.
func invalid(problems map[string][]string) reply {
	return valueReply(http.StatusUnprocessableEntity, map[string]any{"error": true, "errors": problems})
}

// invalidInput is the framework's answer to wrong fields.
func invalidInput(problems map[string][]string) reply {
	return valueReply(http.StatusUnprocessableEntity, map[string]any{"message": "The given data was invalid.", "errors": problems})
}

// loginPage is where the framework sends a client that does not ask for JSON.
func loginPage() reply {
	rep := pageReply(http.StatusFound, "<!DOCTYPE html><html><body>Redirecting to <a href=\"/login\">/login</a>.</body></html>\n")
	rep.add([][2]string{{"Location", "/login"}})
	return rep
}

// deliver writes the answer, or as much of it as the fault lets through. Only a client that goes away ends a hang.
func (s *Sandbox) deliver(w http.ResponseWriter, r *http.Request, rep reply, struck *Fault) {
	switch kindOf(struck) {
	case CutBefore, CutAfter, CutLate:
		panic(http.ErrAbortHandler)
	case Hang:
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	}
	body := rep.body()
	for _, h := range rep.header {
		w.Header().Set(h[0], h[1])
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(rep.status)
	if kindOf(struck) == Half {
		_, _ = w.Write(body[:len(body)/2])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	_, _ = w.Write(body) // a client that is gone is no concern of ours
}
