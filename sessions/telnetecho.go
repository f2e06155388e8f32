package sessions

import "wirebench/sessions/telnet"

// Bounds on what an [echoes] holds.
const (
	echoesAwaited = 16  // lines sent, and not seen to come back yet
	echoesSeen    = 100 // lines that were seen, and not asked for yet
)

// echoes tells the lines that were sent in sight from those that were not, which is what a server does with a password:
// it goes on to say that it echoes, as most servers do all the time, and sends nothing back. So a line has come in sight
// when it comes back as it was sent, before anything else does. Whoever is in doubt forgets the line.
type echoes struct {
	awaited []string
	seen    []string
	text    telnet.Text // what has come since the oldest awaited was sent
}

// await takes a line that is sent, and that this side does not show.
func (e *echoes) await(text string) {
	if text == "" {
		return
	}
	if len(e.awaited) == 0 {
		e.text = telnet.Text{}
	}
	e.awaited = append(e.awaited, text)
	e.awaited = e.awaited[max(0, len(e.awaited)-echoesAwaited):]
}

// unsent takes the latest line back.
func (e *echoes) unsent(text string) {
	if n := len(e.awaited); n > 0 && e.awaited[n-1] == text {
		e.awaited = e.awaited[:n-1]
	}
}

// hear takes data of the server's.
func (e *echoes) hear(p []byte) {
	if len(e.awaited) > 0 {
		e.text.Feed(p, e.line)
	}
}

// line takes a line of the server's. One that is none of those awaited is something else that the server says: they
// were not echoed.
func (e *echoes) line(l telnet.Line) {
	for i, text := range e.awaited {
		if !l.Broken && l.Text == printed(text) {
			e.see(text)
			e.awaited = e.awaited[i+1:]
			return
		}
	}
	e.awaited = nil
}

// see takes a line that came in sight.
func (e *echoes) see(text string) {
	if text == "" {
		return
	}
	e.seen = append(e.seen, text)
	e.seen = e.seen[max(0, len(e.seen)-echoesSeen):]
}

// printed is how a line looks that comes back as it was sent.
func printed(text string) (line string) {
	var t telnet.Text
	t.Feed([]byte(text), func(telnet.Line) {})
	return t.Line().Text
}
