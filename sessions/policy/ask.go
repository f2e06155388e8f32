package policy

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

// MaxAnswer is how many bytes [Ask] reads of an answer. Clients take no notice of one longer than MaxSize; more
// is read to show it.
const MaxAnswer = 1 << 20

// The times a server has when Options say nothing.
const (
	DefaultMasterTimeout = 3 * time.Second // as a client gives port 843
	DefaultTimeout       = 10 * time.Second
)

// Options say how [Ask] asks. The zero value is ready.
type Options struct {
	// MasterTimeout is for connecting to port 843 and having the answer whole, Timeout for the other port.
	// 0 is DefaultMasterTimeout and DefaultTimeout.
	MasterTimeout, Timeout time.Duration
	// MasterPort is the port in place of 843; 0 is 843. What comes from there counts as the master policy file.
	MasterPort uint16
	// Want, if it is not nil, ends the asking as a client's would end: when the file from port 843 grants it, or
	// forbids files from elsewhere, the other port is not asked.
	Want *Query
	// Dial connects; nil is the system's.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Ending is how the answer of a server ended.
type Ending uint8

const (
	Unanswered Ending = iota // there was no connection
	ZeroByte                 // with the zero byte that belongs there
	Closed                   // the server closed without one
	TooLong                  // it was longer than MaxAnswer
	TimedOut                 // nothing more came in time
	Broken                   // the connection broke
)

// String gives the ending in words.
func (e Ending) String() string {
	switch e {
	case Unanswered:
		return "unanswered"
	case ZeroByte:
		return "zero byte"
	case Closed:
		return "closed"
	case TooLong:
		return "too long"
	case TimedOut:
		return "timed out"
	case Broken:
		return "broken"
	}
	return fmt.Sprintf("Ending(%d)", uint8(e))
}

// Source is one place that was asked for a policy file.
type Source struct {
	Port    uint16
	Master  bool          // it is the place of the master policy file
	Address string        // the address that was connected to, "" when there was no connection
	Raw     []byte        // what came, without the zero byte and what followed that
	Ending  Ending        // how that ended
	Took    time.Duration // from the begin of connecting on
	// Sent and Received are the bytes that went over the connection: of the request, and of all that came.
	Sent, Received int64
	// File is what the file says, nil where it cannot be read, and Problems are everything wrong with it and
	// with how it was served.
	File     *File
	Problems []Problem
	// Err is why a client takes no notice of what is there, or nil where it does. The file may be there in
	// spite of that.
	Err error
}

// Usable gives the file if a client takes notice of it, or nil.
func (s Source) Usable() *File {
	if s.Err != nil {
		return nil
	}
	return s.File
}

// Answer is what [Ask] finds.
type Answer struct {
	Host    string
	Port    uint16   // the port that is wanted; 0 for none but 843
	Sources []Source // in the order they were asked
	// NotAsked says why the port that is wanted was not asked, "" where it was.
	NotAsked string
}

// Ask asks a host for its policy files as AIR and Flash Player do before they connect to a port of it: on port 843
// first and then on the port itself. With port 0, or 843, there is only the first. On each it sends [Request], and
// reads up to a zero byte, the end, or MaxAnswer bytes.
//
// Where no file is found that a client would use, there is an answer and an error that says why for each port. The
// error wraps ctx's when that ended it. Ask leaves no goroutine behind, if Dial does not.
func Ask(ctx context.Context, host string, port uint16, o Options) (Answer, error) {
	if host == "" {
		return Answer{}, errors.New("ask for a policy file: the host is missing")
	}
	a := Answer{Host: host, Port: port}
	master := o.MasterPort
	if master == 0 {
		master = MasterPort
	}
	places := []uint16{master, port}
	if port == 0 || port == master {
		places = places[:1]
	}
	for i, p := range places {
		s := Source{Port: p, Master: i == 0}
		limit := orElse(o.Timeout, DefaultTimeout)
		if s.Master {
			limit = orElse(o.MasterTimeout, DefaultMasterTimeout)
		} else if a.NotAsked = a.enough(o.Want); a.NotAsked != "" {
			break
		}
		s.ask(ctx, host, limit, o.Dial)
		a.Sources = append(a.Sources, s)
		if ctx.Err() != nil {
			return a, fmt.Errorf("ask %s for a policy file: %w", host, ctx.Err())
		}
	}
	var whys []string
	var errs []error
	for _, s := range a.Sources {
		if s.Usable() != nil {
			return a, nil
		}
		whys, errs = append(whys, s.Err.Error()), append(errs, s.Err)
	}
	return a, &noFile{host, strings.Join(whys, "; "), errs}
}

// noFile is the error of a host that has no policy file.
type noFile struct {
	host, text string
	errs       []error
}

func (e *noFile) Error() string   { return fmt.Sprintf("%s has no policy file: %s", e.host, e.text) }
func (e *noFile) Unwrap() []error { return e.errs }

func orElse(d, otherwise time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return otherwise
}

// enough says why a client that wants this asks no further, or gives "".
func (a *Answer) enough(want *Query) string {
	f := a.Sources[0].Usable()
	switch {
	case want == nil || f == nil:
		return ""
	case f.SiteControl == "none", f.SiteControl == "master-only":
		return fmt.Sprintf("the policy file of port %d says permitted-cross-domain-policies=%q", a.Sources[0].Port, f.SiteControl)
	case Explain(f, MasterPort, *want).Granted:
		return fmt.Sprintf("the policy file of port %d grants it", a.Sources[0].Port)
	}
	return ""
}

// Explain says what becomes of a query by all the files that were found: what Explain says of each, in the order
// they were asked, and whether the master policy file lets the other one count.
func (a Answer) Explain(q Query) Ruling {
	all := Ruling{Reasons: []string{fmt.Sprintf("nothing lets a SWF from %s reach port %d of %s", shown(q.Domain), q.Port, shown(a.Host))}}
	control := ""
	for _, s := range a.Sources {
		place := fmt.Sprintf("port %d", s.Port)
		f := s.Usable()
		from := s.Port
		switch {
		case f == nil && s.Err != nil:
			why := s.Err.Error()
			if !strings.HasPrefix(why, place) {
				why = place + ": " + why
			}
			all.Reasons = append(all.Reasons, why)
			continue
		case s.Master:
			from, control = MasterPort, f.SiteControl
		case control == "none", control == "master-only":
			all.Reasons = append(all.Reasons, fmt.Sprintf("%s: its policy file does not count, as that of port %d says permitted-cross-domain-policies=%q", place, a.Sources[0].Port, control))
			continue
		}
		r := Explain(f, from, q)
		if r.Granted {
			r.FromPort = s.Port
			for i := range r.Reasons[1:] {
				r.Reasons[i+1] = place + ", " + r.Reasons[i+1]
			}
			return r
		}
		for _, why := range r.Reasons[1:] {
			all.Reasons = append(all.Reasons, place+", "+why)
		}
	}
	if a.NotAsked != "" {
		all.Reasons = append(all.Reasons, fmt.Sprintf("port %d was not asked: %s", a.Port, a.NotAsked))
	}
	return all
}

// ask fills the source.
func (s *Source) ask(ctx context.Context, host string, limit time.Duration, dial func(context.Context, string, string) (net.Conn, error)) {
	began := time.Now()
	defer func() { s.Took = time.Since(began) }()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	address := net.JoinHostPort(host, strconv.Itoa(int(s.Port)))
	conn, err := dial(ctx, "tcp", address)
	if err != nil {
		s.Err = because("connect "+address, err, limit)
		return
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	if a := conn.RemoteAddr(); a != nil {
		s.Address = a.String()
	}
	raw, err := s.exchange(conn)
	if s.Ending == Broken && ctx.Err() != nil {
		s.Ending, err = TimedOut, ctx.Err()
	}
	if err != nil {
		err = because("ask "+address, err, limit)
	}
	s.judge(raw, err, limit)
}

// exchange sends the request, reads the answer up to what ends it, with what came in the same read, and closes. It
// fills Ending, Sent and Received.
func (s *Source) exchange(conn net.Conn) (raw []byte, err error) {
	sent := make(chan int)
	// A server may send its file at once and read nothing. What becomes of the request shows in the answer.
	go func() {
		n, _ := io.WriteString(conn, Request)
		sent <- n
	}()
	defer func() {
		conn.Close()
		s.Sent = int64(<-sent)
	}()
	buf := make([]byte, 4096)
	for {
		n, err := conn.Read(buf)
		s.Received += int64(n)
		before := len(raw)
		raw = append(raw, buf[:n]...)
		switch {
		case bytes.IndexByte(raw[before:], 0) >= 0:
			s.Ending = ZeroByte
			return raw, nil
		case len(raw) > MaxAnswer:
			s.Ending = TooLong
			return raw[:MaxAnswer], nil
		case errors.Is(err, io.EOF):
			s.Ending = Closed
			return raw, nil
		case err != nil:
			s.Ending = Broken
			return raw, err
		}
	}
}

// judge says what an answer is worth.
func (s *Source) judge(raw []byte, failed error, limit time.Duration) {
	raw, behind, _ := bytes.Cut(raw, []byte{0})
	s.Raw = raw
	if len(raw) == 0 {
		switch {
		case failed != nil:
			s.Err = failed
		case s.Ending == ZeroByte:
			s.Err = fmt.Errorf("port %d answers with nothing but a zero byte", s.Port)
		default:
			s.Err = fmt.Errorf("port %d closes without an answer (it does not serve policy files, or not to this address)", s.Port)
		}
		return
	}
	if trimmed := bytes.TrimLeft(bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf")), " \t\r\n"); len(trimmed) > 0 && trimmed[0] != '<' {
		s.Err = fmt.Errorf("port %d answers with something else than a policy file: %s", s.Port, quoted(string(trimmed)))
		return
	}
	s.File, s.Problems = Parse(raw)
	problem := func(text string) { s.Problems = append(s.Problems, Problem{0, text}) }
	switch s.Ending {
	case ZeroByte:
		if len(behind) > 0 {
			problem(fmt.Sprintf("more follows the zero byte, which clients throw away: %s", quoted(string(behind))))
		}
	case Closed:
		problem("the zero byte behind the policy file is missing, which clients wait for: send one, and close then")
	case TimedOut:
		problem(fmt.Sprintf("the zero byte behind the policy file did not come within %s: send one, and close then", limit))
	case TooLong:
		problem(fmt.Sprintf("the answer has no end: no more than %d bytes were read", MaxAnswer))
	case Broken:
		problem(fmt.Sprintf("the connection broke before the zero byte: %v", failed))
	}
	switch {
	case s.Ending != ZeroByte:
		s.Err = fmt.Errorf("port %d: %s", s.Port, s.Problems[len(s.Problems)-1].Text)
	case s.File == nil:
		s.Err = fmt.Errorf("port %d: %s", s.Port, s.unreadable())
	}
}

// unreadable is the problem that makes a file one that cannot be read: the last one as a rule, as nothing is read
// behind it, or the first where it is about the file as a whole.
func (s *Source) unreadable() string {
	last := s.Problems[len(s.Problems)-1]
	if first := s.Problems[0]; first.Line == 0 {
		last = first
	}
	return last.String()
}
