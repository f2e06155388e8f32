package cli

import (
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"wirebench/sessions"
	"wirebench/sessions/capture"
	"wirebench/sessions/framing"
	"wirebench/sessions/inspect"
	"wirebench/sessions/jsonl"
	"wirebench/sessions/xmlsocket"
)

// framed is the part of a command's help about frames.
const framed = `With --framing, what is received and sent is cut into frames, and each is printed when it has ended, in
place of reads and writes: by its payload, and under --json what stands before that as "header". What
a connection's end cuts off is printed too, and is not "complete". Frames that have not ended take at
most 256 MiB, or as much as two of the longest that are allowed; beyond that, what comes of a frame is
printed as it comes, with "part 2 of a frame that there is no memory left for". The framing is one of

` + framing.Notation + `

or one each way: in=lf,out=u16be,offset=1 (what is left out is raw).
Under --json, each document of --framing xml is an event "data" with its text.`

// ended is what a client's help has beyond that.
const ended = ` A zero byte is put behind
what --send says then.`

// framings are those of the two directions, by capture.Direction.
type framings [2]framing.Framing

func parseFramings(s string) (by framings, err error) {
	by[capture.In], by[capture.Out], err = framing.ParseBoth(s)
	return by, err
}

// raw tells whether there are no frames to be made.
func (by framings) raw() bool {
	return by[capture.In].Kind == framing.Raw && by[capture.Out].Kind == framing.Raw
}

// framingFlag adds --framing, which fills o.framing.
func (o *runOptions) framingFlag(f *pflag.FlagSet) {
	f.Var(parsed(&o.framing, "framing", parseFramings), "framing", "print frames, cut as this says (lf, u16be, xml, gap:50ms, in=lf,out=u8...), in place of reads and writes")
}

// cutter cuts what a session carries into frames, each direction of each connection by itself. Its reporter's mu guards
// it.
type cutter struct {
	by     framings
	lanes  map[cutKey]*cutLane
	budget *framing.Budget // of all lanes
}

// frameBudget is how many bytes of frames that have not ended are held, of all connections together, where none may be
// longer than half of it.
const frameBudget = 256 << 20

// memory is how much is held of frames that have not ended.
func (by framings) memory() int64 {
	return max(frameBudget, 2*by[capture.In].Most(), 2*by[capture.Out].Most())
}

type cutKey struct {
	flow capture.Flow
	dir  capture.Direction
}

// cutLane is one direction of one connection.
type cutLane struct {
	messages *framing.Messages
	client   int64
	timer    *time.Timer // ends a frame after silence; nil where silence ends none
}

// cut makes the reporter print frames, unless by is raw both ways. It is for the time before anything is reported.
func (r *reporter) cut(by framings) {
	if !by.raw() {
		r.frames = &cutter{by: by, lanes: map[cutKey]*cutLane{}, budget: framing.NewBudget(by.memory())}
	}
}

// feed cuts a read or a write; mu is held.
func (r *reporter) feed(k cutKey, p []byte, client int64) {
	l := r.frames.lanes[k]
	if l == nil {
		m, err := framing.NewMessages(r.frames.by[k.dir])
		if err != nil {
			panic(err) // what was parsed can be used
		}
		m.Whole()
		m.Share(r.frames.budget)
		l = &cutLane{messages: m, client: client}
		r.frames.lanes[k] = l
	}
	l.messages.Feed(p, 0, time.Now(), func(f framing.Frame, whole []byte) { r.frame(k, l, f, whole) })
	r.awaitSilence(k, l)
}

// awaitSilence lets silence end the frame that has begun, if it does; mu is held.
func (r *reporter) awaitSilence(k cutKey, l *cutLane) {
	at, ok := l.messages.Deadline()
	if !ok {
		return
	}
	if l.timer != nil {
		l.timer.Reset(time.Until(at))
		return
	}
	l.timer = time.AfterFunc(time.Until(at), func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.frames == nil || r.frames.lanes[k] != l {
			return // its connection has ended
		}
		l.messages.Idle(time.Now(), func(f framing.Frame, whole []byte) { r.frame(k, l, f, whole) })
		r.awaitSilence(k, l)
	})
}

// endFrames prints what is left of the frames of the connection that an event is about; mu is held.
func (r *reporter) endFrames(e sessions.Event) {
	if r.frames == nil || e.Name != sessions.EventClose && e.Name != sessions.EventConnect {
		return
	}
	for _, d := range []capture.Direction{capture.In, capture.Out} {
		r.endFramesOf(cutKey{capture.Flow{Proto: capture.TCP, Local: e.Local, Remote: e.Remote}, d})
	}
}

// endFramesOf prints what is left of the frame that one direction of a connection is in; mu is held.
func (r *reporter) endFramesOf(k cutKey) {
	l := r.frames.lanes[k]
	if l == nil {
		return
	}
	delete(r.frames.lanes, k)
	if l.timer != nil {
		l.timer.Stop()
	}
	l.messages.End(func(f framing.Frame, whole []byte) { r.frame(k, l, f, whole) })
}

// endAllFrames prints what is left when no more comes.
func (r *reporter) endAllFrames() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.frames == nil {
		return
	}
	for k := range r.frames.lanes {
		r.endFramesOf(k)
	}
}

// frame prints a frame that has ended, or will not; mu is held.
func (r *reporter) frame(k cutKey, l *cutLane, f framing.Frame, whole []byte) {
	arrow := "<-"
	if k.dir == capture.Out {
		arrow = "->"
	}
	switch {
	case f.Part > 1: // one frame
	case k.dir == capture.In:
		r.msgsIn++
	default:
		r.msgsOut++
	}
	if l.client != 0 {
		arrow = fmt.Sprintf("client %d %s", l.client, arrow)
	}
	header, payload, size := parts(&f, whole)
	if f.Part > 0 {
		size = unknownSize
	}
	now, complete, trouble := time.Now(), f.State == framing.Complete, f.Trouble()
	if r.frames.by[k.dir].Kind == framing.XML {
		r.document(k, l, now, arrow, payload, size, complete, trouble)
		return
	}
	if !r.json {
		if trouble != "" {
			trouble = "  (" + trouble + ")"
		}
		r.emit(nil, now, "%s %6d  %s%s", arrow, len(payload), inspect.Escape(payload), trouble)
		return
	}
	r.emit(jsonl.Data{
		Head: jsonl.At(now, sessions.EventSocketData), Client: l.client, Direction: k.dir.String(), Peer: k.flow.Remote.String(),
		Length: len(payload), Data: payload, Header: header, Complete: &complete, Trouble: trouble,
	}, now, "")
}

// payload is where the payload of a frame lies in it: all of it where a length cannot be believed, which is no header
// then.
func payload(f *framing.Frame) (from, to int64) {
	if f.State == framing.Malformed || f.State == framing.Oversize && f.Declared >= 0 {
		return 0, f.Len
	}
	return f.Payload()
}

// parts are the header and the payload of a frame, of whose bytes the first are there, and how many bytes its payload has.
func parts(f *framing.Frame, first []byte) (header, there []byte, size int64) {
	from, to := payload(f)
	n := int64(len(first))
	return first[:min(from, n)], first[min(from, n):min(to, n)], to - from
}

// unknownSize is that of a document of which there is a part, and who knows how much more.
const unknownSize = -1

// document prints an XML document, or a part of one of size bytes; mu is held.
func (r *reporter) document(k cutKey, l *cutLane, now time.Time, arrow string, doc []byte, size int64, complete bool, trouble string) {
	m, words := checked(doc, size)
	if r.json {
		m.Head, m.Client, m.Direction, m.Peer = jsonl.At(now, "data"), l.client, k.dir.String(), k.flow.Remote.String()
		m.Complete, m.Trouble = complete, trouble
		r.emit(m, now, "")
		return
	}
	if trouble != "" {
		words = trouble
	}
	if words != "" {
		words = "  (" + words + ")"
	}
	r.emit(nil, now, "%s %6d  %s%s", arrow, len(doc), inspect.Escape(doc), plain(words))
}

// checked is the event of a document, as far as the document itself tells, and what is wrong with it in words. Of a
// document of more bytes than doc has, which is a part of it, nothing can be told.
func checked(doc []byte, size int64) (m jsonl.Message, words string) {
	var x xmlsocket.Report
	switch n := int64(len(doc)); {
	case size == unknownSize:
		x.Unchecked, x.Problem = true, "this is a part of a message"
	case n < size:
		x.Unchecked, x.Problem = true, fmt.Sprintf("the message has %d bytes, of which %d are here", size, n)
	default:
		x = xmlsocket.Check(doc)
	}
	m = jsonl.Message{Text: string(doc), WellFormed: x.WellFormed, Problem: x.Problem}
	if x.Line > 0 {
		m.Problem = fmt.Sprintf("line %d, column %d: %s", x.Line, x.Column, x.Problem)
	}
	switch {
	case x.Unchecked:
		words = "not checked: " + m.Problem
	case !x.WellFormed:
		words = "not well-formed: " + m.Problem
	}
	return m, words
}

// endDocuments puts a zero byte behind each text that is sent, unless it has one.
func endDocuments(list []message) {
	for i := range list {
		m := &list[i]
		if n := len(m.bytes); m.text && (n == 0 || m.bytes[n-1] != 0) {
			m.bytes = append(m.bytes, 0)
		}
	}
}
