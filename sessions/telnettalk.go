package sessions

import (
	"errors"
	"fmt"
	"sync"

	"wirebench/sessions/capture"
	"wirebench/sessions/telnet"
)

// Bounds on what a [TelnetTalk] keeps.
const (
	// telnetLines and telnetBytes are how much of the text it remembers, the newest.
	telnetLines = 20_000
	telnetBytes = 8 << 20
	// telnetAnswers is how much may wait to be sent in answer to negotiation: a peer that asks without end
	// is not answered without end.
	telnetAnswers = 64 << 10
	// telnetNotes is how many commands of one read are told one by one: a peer that sends nothing else must not
	// fill the capture with what is said of it.
	telnetNotes = 64
)

// TelnetLine is a line of the text of a Telnet connection.
type TelnetLine struct {
	// Text may hold control characters and broken UTF-8: it is shown only escaped.
	Text string
	// Own says that this side sent it, and the peer does not echo.
	Own bool
	// Sequences is how many sequences for a terminal stood in it and were left out.
	Sequences int
}

// TelnetTalk speaks Telnet over a client's connection: it answers the peer's negotiation, writes into the
// capture what that was in words, makes lines of the text, and puts lines and control functions into their
// form on the wire. While it is off it does none of that.
//
// It stands between the session and its observer: make it with [NewTelnetTalk], give it to the session as its
// Observer, and then the session to Bind. All methods may be called from any goroutine.
type TelnetTalk struct {
	next Observer

	mu      sync.Mutex
	link    TelnetLink
	on      bool
	parser  telnet.Parser
	agent   *telnet.Negotiator
	text    telnet.Text
	lines   []TelnetLine // the newest
	first   int64        // number of lines[0]
	bytes   int          // of lines
	echoes  echoes
	version uint64
	answers []byte // wait to be sent
	refused int64  // bytes of answers that had no room
	wake    chan struct{}
	done    chan struct{}
	closed  bool
}

var _ Observer = (*TelnetTalk)(nil)

// TelnetLink is the client session that is talked over.
type TelnetLink interface {
	Send(p []byte) error
	SendSynch() error
	Traffic() *capture.Log
}

// NewTelnetTalk makes one that is off and tells next everything that the session tells it. Close ends it.
func NewTelnetTalk(next Observer) *TelnetTalk {
	t := &TelnetTalk{next: next, wake: make(chan struct{}, 1), done: make(chan struct{})}
	t.begin()
	go t.run()
	return t
}

// Bind says which session is talked over.
func (t *TelnetTalk) Bind(link TelnetLink) {
	t.mu.Lock()
	t.link = link
	t.mu.Unlock()
}

// begin makes everything as it is on a new connection. mu is held.
func (t *TelnetTalk) begin() {
	t.parser, t.text = telnet.Parser{}, telnet.Text{}
	t.agent = telnet.NewNegotiator(telnet.DefaultConfig())
	t.answers = nil
	t.echoes.awaited = nil
}

// SetOn begins or ends to speak Telnet. What came before is not read again.
func (t *TelnetTalk) SetOn(on bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.on != on {
		t.on = on
		t.begin()
		t.version++
	}
}

// On reports whether it is spoken.
func (t *TelnetTalk) On() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.on
}

// Event implements [Observer].
func (t *TelnetTalk) Event(e Event) {
	if e.Name == EventConnect {
		t.mu.Lock()
		t.begin()
		t.mu.Unlock()
	}
	t.next.Event(e)
}

// Data implements [Observer].
func (t *TelnetTalk) Data(f capture.Flow, d capture.Direction, p []byte) {
	if d == capture.In {
		t.receive(f, p)
	}
	t.next.Data(f, d, p)
}

func (t *TelnetTalk) receive(f capture.Flow, p []byte) {
	for _, note := range t.hear(p) {
		t.bound().Traffic().Append(f, capture.In, capture.Note, nil, "Telnet: "+note)
	}
}

func (t *TelnetTalk) bound() TelnetLink {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.link
}

// toldCommands are what is said of the commands of one read: the first few, those alike in a row as one.
type toldCommands struct {
	notes []string
	times int // that the last of them came
	more  int // that are not told
}

func (c *toldCommands) add(note string) {
	last := len(c.notes) - 1
	switch {
	case c.more > 0:
		c.more++
	case last >= 0 && c.notes[last] == note:
		c.times++
	case last+1 == telnetNotes:
		c.more++
	default:
		c.count()
		c.notes, c.times = append(c.notes, note), 1
	}
}

// count says of the last how often it came.
func (c *toldCommands) count() {
	if c.times > 1 {
		c.notes[len(c.notes)-1] += fmt.Sprintf(", %d times", c.times)
	}
}

func (c *toldCommands) all() []string {
	c.count()
	if c.more > 0 {
		c.notes = append(c.notes, fmt.Sprintf("%d commands more in the same read", c.more))
	}
	return c.notes
}

// hear takes what the peer sent, and returns what it negotiated, in words.
func (t *TelnetTalk) hear(p []byte) []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.on || t.link == nil {
		return nil
	}
	t.version++
	var told toldCommands
	t.parser.Feed(p, func(e telnet.Event) {
		if e.Kind == telnet.Data {
			t.echoes.hear(e.Bytes)
			t.text.Feed(e.Bytes, func(l telnet.Line) { t.add(TelnetLine{Text: l.Text, Sequences: l.Sequences}) })
			return
		}
		note := telnet.Describe(telnet.Server, e)
		r := t.agent.Receive(e)
		if r.Note != "" {
			note += ": " + r.Note
		}
		told.add(note)
		t.answer(r.Bytes)
	})
	return told.all()
}

// answer has bytes sent when it can be. mu is held.
func (t *TelnetTalk) answer(p []byte) {
	if len(p) == 0 || t.closed {
		return
	}
	if len(t.answers)+len(p) > telnetAnswers {
		t.refused += int64(len(p))
		return
	}
	t.answers = append(t.answers, p...)
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// run sends answers: a session must not be sent with from inside its observer.
func (t *TelnetTalk) run() {
	defer close(t.done)
	for range t.wake {
		t.mu.Lock()
		p, link, closed := t.answers, t.link, t.closed
		t.answers = nil
		t.mu.Unlock()
		if closed {
			return
		}
		if link == nil || len(p) == 0 {
			continue
		}
		// Where the connection has gone its own events tell.
		if err := link.Send(p); errors.Is(err, ErrBacklog) {
			t.mu.Lock()
			t.refused += int64(len(p))
			t.mu.Unlock()
		}
	}
}

// add keeps a line, and gives the oldest up where there are too many. mu is held.
func (t *TelnetTalk) add(l TelnetLine) {
	t.lines = append(t.lines, l)
	t.bytes += len(l.Text)
	drop := 0
	for len(t.lines)-drop > telnetLines || t.bytes > telnetBytes {
		t.bytes -= len(t.lines[drop].Text)
		t.lines[drop] = TelnetLine{}
		drop++
	}
	t.lines = t.lines[drop:]
	t.first += int64(drop)
}

// SendLine sends a line of text with the line end of the network virtual terminal. Where the peer does not
// echo, it is among the lines as this side's own.
func (t *TelnetTalk) SendLine(text string) error {
	p := append(telnet.Encode(nil, []byte(text)), "\r\n"...)
	var here bool // this side shows it
	return t.send(func(l TelnetLink) error {
		t.mu.Lock()
		if here = t.agent.Them(telnet.Echo) != telnet.Yes; !here {
			t.echoes.await(text) // the echo may be back before Send is
		}
		t.mu.Unlock()
		err := l.Send(p)
		if err != nil && !here {
			t.mu.Lock()
			t.echoes.unsent(text)
			t.mu.Unlock()
		}
		return err
	}, func() {
		if here {
			t.echoes.see(text)
		}
		if t.agent.Them(telnet.Echo) != telnet.Yes {
			// It ends the line of the prompt, as the echo would.
			t.text.Feed([]byte(text+"\n"), func(l telnet.Line) { t.add(TelnetLine{Text: l.Text, Own: true, Sequences: l.Sequences}) })
		}
	})
}

// Echoed gives the lines that were sent in sight since it was called last, the latest last: those that this side shows
// because the server does not echo, and those that the server has sent back. A password is none of them, since a server
// that asks for one echoes nothing.
func (t *TelnetTalk) Echoed() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	seen := t.echoes.seen
	t.echoes.seen = nil
	return seen
}

// SendFunction sends a control function.
func (t *TelnetTalk) SendFunction(f telnet.ControlFunction) error {
	return t.send(func(l TelnetLink) error { return l.Send(f.Bytes()) }, func() {})
}

// SendSynch sends a synch: the server throws away what it has not read yet, commands excepted. It returns
// [ErrNoUrgent] where the connection has no urgent data.
func (t *TelnetTalk) SendSynch() error {
	return t.send(TelnetLink.SendSynch, func() {})
}

// ErrNoTelnet says that Telnet is not spoken.
var ErrNoTelnet = errors.New("the tab does not speak Telnet")

func (t *TelnetTalk) send(what func(TelnetLink) error, sent func()) error {
	t.mu.Lock()
	on, link := t.on, t.link
	t.mu.Unlock()
	if !on || link == nil {
		return ErrNoTelnet
	}
	if err := what(link); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	sent()
	t.version++
	return nil
}

// Version moves whenever there is other text.
func (t *TelnetTalk) Version() uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.version
}

// Lines are the numbers of the first line that is remembered and of the one behind the last, which is the one
// that is not ended yet.
func (t *TelnetTalk) Lines() (first, end int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.first, t.first + int64(len(t.lines))
}

// Line returns the line of a number; that of the number behind the last is the one that is not ended yet,
// which is where a prompt is. Others are empty.
func (t *TelnetTalk) Line(n int64) TelnetLine {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch i := n - t.first; {
	case i >= 0 && i < int64(len(t.lines)):
		return t.lines[i]
	case i == int64(len(t.lines)):
		l := t.text.Line()
		return TelnetLine{Text: l.Text, Sequences: l.Sequences}
	}
	return TelnetLine{}
}

// Summary says what was left out of the text, and what was not answered; "" for nothing.
func (t *TelnetTalk) Summary() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	text := telnet.Summary(t.text.Counts(), 3)
	if text != "" {
		text = "Left out: " + text
	}
	if t.refused > 0 {
		if text != "" {
			text += "; "
		}
		text += fmt.Sprintf("%s of answers not sent: the peer asks faster than it listens", countBytes(t.refused))
	}
	return text
}

// Close ends it and waits for its goroutine. The session is closed first. Close again does nothing.
func (t *TelnetTalk) Close() {
	t.mu.Lock()
	first := !t.closed
	t.closed = true
	t.mu.Unlock()
	if first {
		close(t.wake)
	}
	<-t.done
}
