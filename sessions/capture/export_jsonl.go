package capture

import (
	"bufio"
	"encoding/json"
	"strings"
	"time"

	"wirebench/sessions/jsonl"
)

// phase is how far an export has told the story of a connection: both sides
// open and close it, and one line tells of either.
type phase struct {
	opened [2]bool // by Direction
	closed bool
}

// maxPhases bounds how many connections of an export are kept apart at a time:
// the last so many that opened or closed, and up to as many ahead of them.
const maxPhases = 1 << 16

// phases are the connections of an export, bounded. The zero value is ready.
type phases struct{ recent, before map[Flow]phase }

func (p *phases) of(f Flow) phase {
	if x, ok := p.recent[f]; ok {
		return x
	}
	return p.before[f]
}

func (p *phases) set(f Flow, x phase) {
	if p.recent == nil || len(p.recent) >= maxPhases {
		p.recent, p.before = make(map[Flow]phase), p.recent
	}
	p.recent[f] = x
}

// jsonlExporter writes the events of the command line's --json.
type jsonlExporter struct {
	encoder *json.Encoder
	phases  phases
	sum     jsonl.Summary
	first   int64 // time of the first record, in nanoseconds since 1970
	last    int64
	any     bool
}

func (e *jsonlExporter) begin(out *bufio.Writer, st Stats) error {
	e.encoder = jsonl.NewEncoder(out)
	e.sum = jsonl.Summary{Evicted: st.EvictedRecords,
		Kept: &jsonl.Kept{EvictedBytes: st.EvictedBytes, Lost: st.LostRecords, LostBytes: st.LostBytes}}
	return nil
}

// count takes a record down for the summary, but for how many messages there are.
func (e *jsonlExporter) count(w *runReader) {
	if e.last = w.time().UnixNano(); !e.any {
		e.first, e.any = e.last, true
	}
	switch {
	case w.kind != Data:
	case w.dir == In:
		e.sum.BytesIn += int64(len(w.payload))
	default:
		e.sum.BytesOut += int64(len(w.payload))
	}
}

func (e *jsonlExporter) record(_ *bufio.Writer, w *runReader) error {
	at := w.time()
	e.count(w)
	flow := w.flow()
	peer := ""
	if flow.Remote.IsValid() {
		peer = flow.Remote.String()
	}
	note := string(w.note())
	switch w.kind {
	case Data:
		n := len(w.payload)
		line := jsonl.Data{Head: head(at, "socketData"), Direction: w.dir.String(), Peer: peer, Length: n, Data: w.payload, Note: note}
		if line.Data == nil {
			line.Data = []byte{}
		}
		if wire := w.wireLen(); wire > n {
			line.WireLength = wire
		}
		if w.dir == In {
			e.sum.MessagesIn++
		} else {
			e.sum.MessagesOut++
		}
		return e.encoder.Encode(line)
	case Open:
		p := e.phases.of(flow)
		answers := p.opened[1-w.dir] && !p.opened[w.dir]
		if !answers {
			p = phase{} // of one that may have ended without a word
		}
		p.opened[w.dir] = true
		e.phases.set(flow, p)
		if answers {
			return e.leftOver(w, at, peer, note)
		}
		line := jsonl.Connect{Head: head(at, "connect"), Note: note}
		if peer != "" {
			line.Local, line.Remote = flow.Local.String(), peer
		}
		return e.encoder.Encode(line)
	case Close, Reset:
		if e.phases.of(flow).closed {
			return e.leftOver(w, at, peer, note)
		}
		e.phases.set(flow, phase{closed: true})
		by := "local"
		switch {
		case w.kind == Reset && w.dir == In:
			by = "reset"
		case w.dir == In:
			by = "peer"
		}
		return e.encoder.Encode(jsonl.Close{Head: head(at, "close"), By: by, Peer: peer, Note: note})
	}
	return e.leftOver(w, at, peer, note)
}

// head begins an event of a capture, whose times are UTC.
func head(at time.Time, event string) jsonl.Head { return jsonl.At(at.UTC(), event) }

// leftOver writes what only a note tells. A note that gives a reason, as the
// errors of this program do ("connect ...: connection refused"), is an error;
// any other is a state.
func (e *jsonlExporter) leftOver(w *runReader, at time.Time, peer, note string) error {
	if note == "" || w.foreign != nil && (note == "ACK" || note == "not TCP or UDP") {
		return nil // a frame of another capture that no program saw
	}
	if strings.Contains(note, ": ") {
		return e.encoder.Encode(jsonl.Error{Head: head(at, "ioError"), Error: note, Peer: peer})
	}
	return e.encoder.Encode(jsonl.State{Head: head(at, "state"), Peer: peer, Text: note})
}

func (e *jsonlExporter) end(_ *bufio.Writer, st Stats) error {
	at := st.End
	if e.any {
		at = timeOf(e.last)
		e.sum.DurationMs = (e.last - e.first) / 1e6
	}
	e.sum.Head = head(at, "summary")
	return e.encoder.Encode(e.sum)
}
