package maildomain

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// zone is what a name server knows: records in the form of a zone file, and
// questions ("acme.com. AAAA") that it answers with an error code only. A name
// that is nowhere in it does not exist.
type zone struct {
	records []dns.RR
	codes   map[string]int
}

func newZone(t *testing.T, text string, codes map[string]int) zone {
	t.Helper()
	z := zone{codes: codes}
	parser := dns.NewZoneParser(strings.NewReader(text), ".", "")
	parser.SetDefaultTTL(60)
	for rr, ok := parser.Next(); ok; rr, ok = parser.Next() {
		z.records = append(z.records, rr)
	}
	if err := parser.Err(); err != nil {
		t.Fatal(err)
	}
	return z
}

func (z zone) ServeDNS(w dns.ResponseWriter, asked *dns.Msg) {
	answer := new(dns.Msg).SetReply(asked)
	answer.RecursionAvailable = true
	q := asked.Question[0]
	if code, ok := z.codes[q.Name+" "+dns.TypeToString[q.Qtype]]; ok {
		answer.Rcode = code
	} else {
		z.find(answer, q.Name, q.Qtype)
	}
	if w.LocalAddr().Network() == "udp" {
		if answer.Truncate(int(asked.IsEdns0().UDPSize())); answer.Truncated {
			answer.Answer = nil // as many servers do
		}
	}
	_ = w.WriteMsg(answer) // who asked may be gone
}

func (z zone) find(answer *dns.Msg, name string, kind uint16) {
	known := false
	for _, rr := range z.records {
		if !strings.EqualFold(rr.Header().Name, name) {
			continue
		}
		known = true
		if rr.Header().Rrtype == kind {
			answer.Answer = append(answer.Answer, rr)
		} else if alias, ok := rr.(*dns.CNAME); ok {
			answer.Answer = append(answer.Answer, rr)
			z.find(answer, alias.Target, kind)
			return
		}
	}
	if !known {
		answer.Rcode = dns.RcodeNameError
	}
}

// serve starts a name server on this machine, over UDP and TCP, and returns its
// address.
func serve(t *testing.T, h dns.Handler) string {
	t.Helper()
	// The number of a free TCP port may be taken for UDP.
	for range 20 {
		tcp, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		udp, err := net.ListenPacket("udp", tcp.Addr().String())
		if err != nil {
			tcp.Close()
			continue
		}
		for _, server := range []*dns.Server{{Listener: tcp, Handler: h}, {PacketConn: udp, Handler: h}} {
			started := make(chan struct{})
			ended := make(chan error, 1)
			server.NotifyStartedFunc = func() { close(started) }
			go func() { ended <- server.ActivateAndServe() }()
			<-started
			t.Cleanup(func() {
				if err := errors.Join(server.Shutdown(), <-ended); err != nil {
					t.Error(err)
				}
			})
		}
		return tcp.Addr().String()
	}
	t.Fatal("no port is free for UDP and TCP")
	return ""
}

func TestVerdictsOfARealResolver(t *testing.T) {
	for _, tc := range []struct {
		name  string
		zone  string
		codes map[string]int
		want  Verdict
	}{
		{"a mail exchanger", "acme.com. MX 10 mx.acme.com.", nil, Deliverable},
		{"a mail exchanger that has no address itself", "acme.com. MX 10 gone.acme.net.", nil, Deliverable},
		{"an alias of a domain with a mail exchanger", "acme.com. CNAME acme.net.\nacme.net. MX 10 mx.acme.net.", nil, Deliverable},
		{"so many mail exchangers that only TCP can tell", manyExchangers, nil, Deliverable},
		{"one mail exchanger is malformed", "acme.com. MX 5 no\\ name.\nacme.com. MX 10 mx.acme.com.", nil, Deliverable},
		{"all mail exchangers are malformed", "acme.com. MX 5 no\\ name.\nacme.com. A 192.0.2.1", nil, Unknown},
		{"an address only", "acme.com. A 192.0.2.1", nil, Deliverable},
		{"an IPv6 address only", "acme.com. AAAA 2001:db8::1", nil, Deliverable},
		{"says that it takes no mail", "acme.com. MX 0 .", nil, NoMail},
		{"says that it takes no mail, and has an address", "acme.com. MX 0 .\nacme.com. A 192.0.2.1", nil, NoMail},
		{"says that it takes no mail, and names an exchanger", "acme.com. MX 0 .\nacme.com. MX 10 mx.acme.com.", nil, Deliverable},
		{"does not exist", "acme.net. MX 10 mx.acme.net.", nil, Missing},
		{"an alias of a domain that does not exist", "acme.com. CNAME acme.net.", nil, Missing},
		{"registered, without a mail exchanger or an address", "acme.com. NS ns.acme.com.", nil, NoMail},
		{"neither, and nobody says whether it is registered", "acme.com. TXT x", map[string]int{"acme.com. NS": dns.RcodeServerFailure}, NoMail},
		{"the name server fails", "", map[string]int{"acme.com. MX": dns.RcodeServerFailure}, Unknown},
		{"the name server refuses", "", map[string]int{"acme.com. MX": dns.RcodeRefused}, Unknown},
		{"it fails on mail exchangers, knows an address", "acme.com. A 192.0.2.1", map[string]int{"acme.com. MX": dns.RcodeServerFailure}, Unknown},
		{"it fails on addresses", "acme.com. TXT x", map[string]int{"acme.com. A": dns.RcodeServerFailure}, Unknown},
		{"it fails on IPv6 addresses", "acme.com. TXT x", map[string]int{"acme.com. AAAA": dns.RcodeServerFailure}, Unknown},
		{"it fails on IPv6 addresses, knows an IPv4 one", "acme.com. A 192.0.2.1", map[string]int{"acme.com. AAAA": dns.RcodeServerFailure}, Deliverable},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := NewResolver(serve(t, newZone(t, tc.zone, tc.codes)))
			verdicts, err := Check(t.Context(), r, []string{"acme.com"}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if got := verdicts["acme.com"]; got != tc.want {
				t.Errorf("verdict %d, want %d", got, tc.want)
			}
		})
	}
}

var manyExchangers = strings.Repeat("acme.com. MX 10 "+strings.Repeat("m", 60)+".acme.com.\n", 100)

func TestNoNameServer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close() // whoever asks there is refused
	verdicts, err := Check(t.Context(), NewResolver(l.Addr().String()), domains(100), nil)
	if !errors.Is(err, ErrNoAnswer) || len(verdicts) != 0 {
		t.Errorf("verdicts %v, error %v", verdicts, err)
	}
}

func TestACancelEndsTheWaitForASilentNameServer(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	address := serve(t, dns.HandlerFunc(func(dns.ResponseWriter, *dns.Msg) { cancel() }))
	if _, err := Check(ctx, NewResolver(address), []string{"acme.com"}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("check: %v", err)
	}

	ctx, cancel = context.WithCancel(t.Context())
	conn, err := NewResolver(address).Dial(ctx, "udp", "")
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	conn.SetDeadline(time.Now().Add(time.Minute)) // lest the test hang
	if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("read: %v", err)
	}
}
