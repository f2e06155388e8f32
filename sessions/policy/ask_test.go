package policy

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// place is a server for policy files, or something else, on a port of its own. Each connection is f's.
type place struct {
	port  uint16
	asked atomic.Int32
}

func serve(t *testing.T, f func(c *net.TCPConn)) *place {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &place{port: uint16(l.Addr().(*net.TCPAddr).Port)}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			p.asked.Add(1)
			f(c.(*net.TCPConn))
			c.Close()
		}
	}()
	t.Cleanup(func() {
		l.Close()
		<-ended
	})
	return p
}

// answering serves what is asked for as it should be, and then says what is not to be said.
func answering(t *testing.T, answer string) *place {
	return serve(t, func(c *net.TCPConn) {
		if got, err := bufio.NewReader(c).ReadString(0); got != Request {
			t.Errorf("asked with %q (%v)", got, err)
		}
		_, _ = io.WriteString(c, answer)
	})
}

// closed is a port that nothing listens on.
func closed(t *testing.T) *place {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return &place{port: uint16(l.Addr().(*net.TCPAddr).Port)}
}

// silent takes connections and says nothing until the other side closes.
func silent(t *testing.T) *place {
	return serve(t, func(c *net.TCPConn) { _, _ = io.Copy(io.Discard, c) })
}

const everything = `<cross-domain-policy><allow-access-from domain="*" to-ports="*"/></cross-domain-policy>`

func asked(t *testing.T, master, port *place, o Options) (Answer, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	o.MasterPort = master.port
	return Ask(ctx, "127.0.0.1", port.port, o)
}

func TestBothPlacesAreAsked(t *testing.T) {
	master, port := answering(t, rules(domains("a"))+"\x00"), answering(t, rules(domains("b"))+"\x00")
	a, err := asked(t, master, port, Options{})
	if err != nil || len(a.Sources) != 2 || a.NotAsked != "" {
		t.Fatalf("%+v, %v", a, err)
	}
	for i, want := range []struct {
		at   *place
		name string
	}{{master, "a"}, {port, "b"}} {
		s := a.Sources[i]
		if s.Port != want.at.port || s.Master != (i == 0) || s.Address != fmt.Sprintf("127.0.0.1:%d", s.Port) || s.Ending != ZeroByte ||
			string(s.Raw) != rules(domains(want.name)) || s.Usable() == nil || s.File.Rules[0].Domain != want.name || len(s.Problems) != 0 || s.Took <= 0 {
			t.Errorf("%d: %+v", i, s)
		}
	}
	for domain, from := range map[string]uint16{"a": master.port, "b": port.port, "c": 0} {
		if r := a.Explain(Query{domain, 5000, false}); r.FromPort != from || r.Granted != (from != 0) {
			t.Errorf("%s: %+v", domain, r)
		}
	}
}

func TestOneFileIsEnough(t *testing.T) {
	good := everything + "\x00"
	for _, tt := range []struct {
		name         string
		master, port *place
		from         int // the source that has the file
	}{
		{"from 843", answering(t, good), closed(t), 0},
		{"from the port itself", closed(t), answering(t, good), 1},
		{"from the port itself where 843 says nothing", silent(t), answering(t, good), 1},
		{"from the port itself where 843 says something else", answering(t, "SSH-2.0-x\r\n"), answering(t, good), 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a, err := asked(t, tt.master, tt.port, Options{MasterTimeout: 2 * time.Second}) // which an answer needs on a busy machine
			if err != nil || len(a.Sources) != 2 || a.Sources[tt.from].Usable() == nil || a.Sources[1-tt.from].Usable() != nil || a.Sources[1-tt.from].Err == nil {
				t.Fatalf("%+v, %v", a, err)
			}
			r := a.Explain(Query{"x.example", 5000, false})
			if !r.Granted || r.FromPort != a.Sources[tt.from].Port || !strings.Contains(r.Reasons[1], fmt.Sprintf("port %d, line 1", r.FromPort)) {
				t.Errorf("%s", r)
			}
		})
	}
}

func TestWhatIsWrongWithAnAnswerIsTold(t *testing.T) {
	reset := func(c *net.TCPConn, text string) {
		_, _ = bufio.NewReader(c).ReadString(0)
		_, _ = io.WriteString(c, text)
		time.Sleep(500 * time.Millisecond) // a reset takes along what is on its way
		_ = c.SetLinger(0)
	}
	tests := []struct {
		name   string
		serve  *place
		ending Ending
		file   bool
		err    string // in Err; "" for none
		says   string // in the last problem
	}{
		{"nothing", serve(t, func(c *net.TCPConn) { _, _ = bufio.NewReader(c).ReadString(0) }), Closed, false, "closes without an answer", ""},
		{"nothing but a zero byte", answering(t, "\x00"), ZeroByte, false, "nothing but a zero byte", ""},
		{"silence", silent(t), TimedOut, false, "no answer within 3s", ""},
		{"nobody", closed(t), Unanswered, false, "connection refused (nothing listens there)", ""},
		{"a reset", serve(t, func(c *net.TCPConn) { reset(c, "") }), Broken, false, "connection reset by peer", ""},
		{"another protocol", answering(t, "220 mail\x1b ready\r\n"), Closed, false, `something else than a policy file: "220 mail&#x1b; ready`, ""},
		{"no zero byte", answering(t, everything), Closed, true, "the zero byte behind the policy file is missing", "send one, and close then"},
		{"no zero byte and no end", serve(t, func(c *net.TCPConn) { _, _ = io.WriteString(c, everything); _, _ = io.Copy(io.Discard, c) }), TimedOut, true, "did not come within 3s", "did not come"},
		{"no zero byte but a reset", serve(t, func(c *net.TCPConn) { reset(c, everything) }), Broken, true, "the connection broke before the zero byte", "reset by peer"},
		{"no end at all", serve(t, func(c *net.TCPConn) {
			for chunk := []byte(everything + strings.Repeat(" ", 60000)); ; {
				if _, err := c.Write(chunk); err != nil {
					return
				}
			}
		}), TooLong, false, "no more than 1048576 bytes were read", "no end"},
		{"more than clients read", answering(t, everything+strings.Repeat(" ", MaxSize)+"\x00"), ZeroByte, false, "clients take no notice of more than 20480", ""},
		{"bytes behind the zero byte", answering(t, everything+"\x00hello"), ZeroByte, true, "", `more follows the zero byte, which clients throw away: "hello"`},
		{"mistakes in a rule", answering(t, rules(domains("a b"))+"\x00"), ZeroByte, true, "", "write one name without spaces"},
		{"no XML", answering(t, "<cross-domain-policy\x00"), ZeroByte, false, "not XML", "not XML"},
		{"another document", answering(t, "<html></html>\x00"), ZeroByte, false, "the outermost element is <html>", ""},
		{"the file at once, and no reading", serve(t, func(c *net.TCPConn) {
			_, _ = io.WriteString(c, everything+"\x00")
			_ = c.CloseWrite()
			_, _ = io.Copy(io.Discard, c)
		}), ZeroByte, true, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a, err := asked(t, tt.serve, &place{}, Options{MasterTimeout: 3 * time.Second}) // which an answer needs on a busy machine
			if len(a.Sources) != 1 {
				t.Fatalf("%+v, %v", a, err)
			}
			s := a.Sources[0]
			if s.Ending != tt.ending || (s.File != nil) != tt.file || (s.Err == nil) != (tt.err == "") || (err == nil) != (s.Err == nil) || (s.Usable() != nil) != (tt.err == "") {
				t.Fatalf("%v, error %v, %+v", s.Ending, err, s)
			}
			if s.Err != nil {
				if !strings.Contains(s.Err.Error(), tt.err) || !strings.Contains(err.Error(), s.Err.Error()) || !strings.HasPrefix(err.Error(), "127.0.0.1 has no policy file: ") {
					t.Errorf("%v\nwant %q in it", err, tt.err)
				}
				fitToBeShown(t, s.Err)
				if r := a.Explain(Query{"a", 5000, false}); r.Granted || len(r.Reasons) != 2 || !strings.HasSuffix(r.Reasons[1], s.Err.Error()) {
					t.Errorf("%s", r)
				}
			}
			if tt.says != "" && (len(s.Problems) == 0 || !strings.Contains(s.Problems[len(s.Problems)-1].String(), tt.says)) {
				t.Errorf("problems %v, want %q", s.Problems, tt.says)
			}
		})
	}
}

func TestTheBytesBothWaysAreCounted(t *testing.T) {
	asks := int64(len(Request))
	for _, x := range []struct {
		name           string
		serve          *place
		sent, received int64
	}{
		{"an answer", answering(t, everything+"\x00"), asks, int64(len(everything)) + 1},
		{"bytes behind the zero byte", answering(t, everything+"\x00hello"), asks, int64(len(everything)) + 6},
		{"silence", silent(t), asks, 0},
		{"nobody", closed(t), 0, 0},
	} {
		a, _ := asked(t, x.serve, &place{}, Options{MasterTimeout: 2 * time.Second})
		if s := a.Sources[0]; s.Sent != x.sent || s.Received != x.received {
			t.Errorf("%s: %d bytes sent and %d received, want %d and %d", x.name, s.Sent, s.Received, x.sent, x.received)
		}
	}
}

func TestAFileInPiecesIsRead(t *testing.T) {
	p := serve(t, func(c *net.TCPConn) {
		for _, b := range []byte(everything + "\x00") {
			_, _ = c.Write([]byte{b})
		}
		_, _ = io.Copy(io.Discard, c)
	})
	if a, err := asked(t, p, &place{}, Options{}); err != nil || a.Sources[0].Usable() == nil {
		t.Errorf("%+v, %v", a, err)
	}
}

func TestThePortIsNotAskedWhere843HasSettledIt(t *testing.T) {
	control := func(v string) string {
		return rules(`<site-control permitted-cross-domain-policies="`+v+`"/>`+domains("a")) + "\x00"
	}
	q := &Query{"b", 5000, false}
	tests := []struct {
		name, master string
		want         *Query
		notAsked     string
		granted      bool   // to b, which the port would let
		says         string // in the last reason
	}{
		{"granted", everything + "\x00", q, "grants it", true, "anywhere"},
		{"granted to somebody else", rules(domains("a")) + "\x00", q, "", true, "SWFs from b"},
		{"granted, and nobody says what is wanted", everything + "\x00", nil, "", true, "anywhere"},
		{"master-only", control("master-only"), q, `says permitted-cross-domain-policies="master-only"`, false, "was not asked"},
		{"none", control("none"), q, `says permitted-cross-domain-policies="none"`, false, "was not asked"},
		{"master-only, and nobody says what is wanted", control("master-only"), nil, "", false, "its policy file does not count"},
		{"all", control("all"), q, "", true, "SWFs from b"},
		{"master-only in a file that is not served as it should be", strings.TrimSuffix(control("master-only"), "\x00"), q, "", true, "SWFs from b"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			master, port := answering(t, tt.master), answering(t, rules(domains("b"))+"\x00")
			a, err := asked(t, master, port, Options{Want: tt.want})
			if err != nil || (port.asked.Load() == 0) != (tt.notAsked != "") || (len(a.Sources) == 1) != (tt.notAsked != "") || !strings.Contains(a.NotAsked, tt.notAsked) || (a.NotAsked == "") != (tt.notAsked == "") {
				t.Errorf("%+v, %v", a, err)
			}
			r := a.Explain(*q)
			if r.Granted != tt.granted || !strings.Contains(r.Reasons[len(r.Reasons)-1], tt.says) {
				t.Errorf("%s", r)
			}
		})
	}
}

func TestTheMasterPlaceAloneIsAskedWithoutAPort(t *testing.T) {
	for _, same := range []bool{false, true} {
		master := answering(t, everything+"\x00")
		port := &place{}
		if same {
			port = master
		}
		a, err := asked(t, master, port, Options{})
		if err != nil || len(a.Sources) != 1 || !a.Sources[0].Master || master.asked.Load() != 1 {
			t.Errorf("%+v, %v", a, err)
		}
	}
}

func TestALowPortIsGrantedByAFileFrom843(t *testing.T) {
	a, err := asked(t, answering(t, everything+"\x00"), answering(t, everything+"\x00"), Options{})
	if r := a.Explain(Query{"a", 80, false}); err != nil || !r.Granted || r.FromPort != a.Sources[0].Port {
		t.Errorf("%s (%v)", r, err)
	}
	a, err = asked(t, closed(t), answering(t, everything+"\x00"), Options{})
	if r := a.Explain(Query{"a", 80, false}); err != nil || r.Granted || !strings.Contains(r.Reasons[2], "below 1024") {
		t.Errorf("%s (%v)", r, err)
	}
}

func TestAskingIsCancelled(t *testing.T) {
	before := runtime.NumGoroutine()
	ctx, cancel := context.WithCancel(context.Background())
	p := serve(t, func(c *net.TCPConn) {
		cancel()
		_, _ = io.Copy(io.Discard, c)
	})
	a, err := Ask(ctx, "127.0.0.1", p.port, Options{MasterPort: p.port, MasterTimeout: time.Minute})
	if !errors.Is(err, context.Canceled) || len(a.Sources) != 1 {
		t.Errorf("%+v, %v", a, err)
	}
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if runtime.NumGoroutine() <= before+1 { // the server's
			return
		}
	}
	t.Errorf("%d goroutines are left of %d", runtime.NumGoroutine(), before)
}

func TestTheDialIsTheCallers(t *testing.T) {
	var to []string
	odd := errors.New("the cable is cut")
	limits, since := []time.Duration{3 * time.Second, 10 * time.Second}, time.Now()
	a, err := Ask(context.Background(), "::1", 5000, Options{Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
		end, _ := ctx.Deadline() // which was set at some time since
		if limit := limits[len(to)]; end.Sub(since) < limit || time.Until(end) > limit {
			t.Errorf("%s is given %v to %v, want %v", address, time.Until(end), end.Sub(since), limit)
		}
		since = time.Now()
		to = append(to, network+" "+address)
		if strings.HasSuffix(address, ":843") {
			return nil, odd
		}
		here, there := net.Pipe()
		go func() {
			defer there.Close()
			_, _ = io.ReadFull(there, make([]byte, len(Request)))
			_, _ = io.WriteString(there, everything+"\x00")
		}()
		return here, nil
	}})
	if err != nil || a.Sources[1].Usable() == nil || !errors.Is(a.Sources[0].Err, odd) {
		t.Errorf("%+v, %v", a, err)
	}
	if got := fmt.Sprint(to); got != "[tcp [::1]:843 tcp [::1]:5000]" {
		t.Error(got)
	}
	if _, err := Ask(context.Background(), "", 5000, Options{}); err == nil {
		t.Error("no host is asked")
	}
}

func TestEndingsNameThemselves(t *testing.T) {
	seen := map[string]bool{}
	for e := Unanswered; e <= Broken+1; e++ {
		seen[e.String()] = true
	}
	if len(seen) != 7 || !seen["zero byte"] || !seen["Ending(6)"] {
		t.Errorf("%v", seen)
	}
}
