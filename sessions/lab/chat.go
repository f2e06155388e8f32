package lab

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"wirebench/sessions/policy"
	"wirebench/sessions/xmlsocket"
)

// maxDocument bounds a document of the chat, in bytes without the zero byte.
const maxDocument = 64 << 10

// chat relays XML documents.
type chat struct {
	hub[*member]
}

func startChat(l *Lab, e *Entry) (server, error) {
	room := &chat{hub[*member]{members: map[int64]*member{}}}
	return l.listen(e.ID, func(_ context.Context, c *conn) { room.serve(c) })
}

func guest(number int64) string { return fmt.Sprintf("guest%d", number) }

// askWait is how long a client has to ask for a policy file before the chat says its first word, which would be taken
// for the answer.
const askWait = 300 * time.Millisecond

// serve talks with one client.
func (room *chat) serve(c *conn) {
	var who policy.Responder
	var verdict policy.Verdict
	var rest []byte
	buf := make([]byte, readChunk)
	c.TCPConn.SetReadDeadline(time.Now().Add(askWait))
	for verdict == policy.Undecided {
		n, err := c.read(buf)
		if verdict, rest = who.Feed(buf[:n]); verdict == policy.Asked {
			c.servePolicy()
			return
		}
		if errors.Is(err, os.ErrDeadlineExceeded) {
			break
		}
		if err != nil && n == 0 {
			return
		}
	}
	m := newMember(c)
	room.join(m)
	defer func() {
		room.leave(m)
		m.leave()
		c.hangUp()
	}()
	documents := splitter{most: maxDocument}
	for {
		if verdict == policy.Asked {
			m.send([]byte(policyFile + "\x00"))
			return
		}
		if !documents.feed(rest, func(doc []byte) { room.said(m, doc) }) {
			m.send(problem(fmt.Sprintf("more than %d bytes without a zero byte; this is the end", maxDocument)))
			return
		}
		n, err := c.Read(buf)
		if n == 0 && err != nil {
			return
		}
		verdict, rest = who.Feed(buf[:n])
	}
}

func (room *chat) join(m *member) {
	room.mu.Lock()
	defer room.mu.Unlock()
	others := room.others(m.number, document("joined", "who", guest(m.number)))
	room.members[m.number] = m
	m.send(document("welcome", "you", guest(m.number), "others", fmt.Sprint(others)))
}

func (room *chat) leave(m *member) {
	room.mu.Lock()
	defer room.mu.Unlock()
	delete(room.members, m.number)
	room.others(m.number, document("left", "who", guest(m.number)))
}

// said relays a document as it is, and tells its sender how many hear it.
func (room *chat) said(m *member, doc []byte) {
	if len(bytes.TrimSpace(doc)) == 0 {
		return
	}
	report := xmlsocket.Check(doc)
	if !report.WellFormed {
		text := report.Problem
		if report.Line > 0 {
			text = fmt.Sprintf("line %d, column %d: %s", report.Line, report.Column, text)
		}
		m.send(problem(text))
		return
	}
	if report.Doctype {
		m.send(problem("a DOCTYPE is not relayed"))
		return
	}
	room.mu.Lock()
	defer room.mu.Unlock()
	if report.Root == "who" {
		numbers := make([]int64, 0, len(room.members))
		for number := range room.members {
			numbers = append(numbers, number)
		}
		slices.Sort(numbers)
		names := make([]string, 0, len(numbers))
		for _, number := range numbers {
			names = append(names, guest(number))
		}
		m.send(document("here", "are", strings.Join(names, " ")))
		return
	}
	heard := room.others(m.number, append(bytes.Clone(doc), 0))
	m.send(document("heard", "by", fmt.Sprint(heard)))
}

func problem(text string) []byte { return document("error", "text", text) }

// document is an empty element with these attributes, and a zero byte.
func document(name string, attributes ...string) []byte {
	var b bytes.Buffer
	b.WriteString("<" + name)
	for i := 0; i+1 < len(attributes); i += 2 {
		b.WriteString(" " + attributes[i] + `="`)
		xml.EscapeText(&b, []byte(attributes[i+1])) // writing to a buffer never fails
		b.WriteByte('"')
	}
	b.WriteString("/>\x00")
	return b.Bytes()
}

// splitter cuts what a client sends behind each zero byte.
type splitter struct {
	most    int
	pending []byte
}

// feed takes the next bytes, and gives each document that they complete to emit, which may not keep it. It reports
// whether no document is too long; after one it is of no use.
func (s *splitter) feed(p []byte, emit func([]byte)) bool {
	for {
		end := bytes.IndexByte(p, 0)
		if end < 0 {
			end = len(p)
			if len(s.pending)+end > s.most {
				return false
			}
			s.pending = append(s.pending, p...)
			return true
		}
		if len(s.pending)+end > s.most {
			return false
		}
		s.pending = append(s.pending, p[:end]...)
		emit(s.pending)
		s.pending = s.pending[:0]
		p = p[end+1:]
	}
}
