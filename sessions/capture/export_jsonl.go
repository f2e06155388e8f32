package capture

import (
	"bufio"
	"encoding/json"
	"strings"
)

// event is one line of a JSON Lines export. The fields that an event has no
// use for are left out.
type event struct {
	Time      string `json:"time"`
	Event     string `json:"event"`
	Direction string `json:"direction,omitempty"`
	By        string `json:"by,omitempty"`
	Local     string `json:"local,omitempty"`
	Remote    string `json:"remote,omitempty"`
	Peer      string `json:"peer,omitempty"`
	Length    *int   `json:"length,omitempty"`
	WireLen   int    `json:"wireLength,omitempty"` // only where a foreign capture cut the packet
	Data      []byte `json:"data,omitzero"`        // base64; not nil where there is data, which may be none
	Error     string `json:"error,omitempty"`
	Text      string `json:"text,omitempty"`
	Note      string `json:"note,omitempty"`
}

type summaryEvent struct {
	Time         string `json:"time"`
	Event        string `json:"event"`
	BytesIn      int64  `json:"bytesIn"`
	BytesOut     int64  `json:"bytesOut"`
	MessagesIn   int64  `json:"messagesIn"`
	MessagesOut  int64  `json:"messagesOut"`
	Dropped      int64  `json:"kernelDropped"` // 0: a capture does not keep it
	Evicted      int64  `json:"evicted"`       // records
	EvictedBytes int64  `json:"evictedBytes"`  // of payload
	Lost         int64  `json:"lost"`
	LostBytes    int64  `json:"lostBytes"`
	DurationMS   int64  `json:"durationMs"`
	Status       int    `json:"status"`
}

// phase is how far an export has told the story of a connection: both sides
// open and close it, and one line tells of either.
type phase struct{ opened, closed bool }

// maxPhases bounds how many connections an export keeps apart at a time.
const maxPhases = 1 << 14

// jsonlExporter writes the events of the command line's --json.
type jsonlExporter struct {
	encoder *json.Encoder
	phases  map[Flow]phase
	sum     summaryEvent
	first   int64 // time of the first record, in nanoseconds since 1970
	last    int64
	any     bool
}

func (e *jsonlExporter) begin(out *bufio.Writer, st Stats) error {
	e.encoder = json.NewEncoder(out)
	e.encoder.SetEscapeHTML(false)
	e.phases = make(map[Flow]phase)
	e.sum = summaryEvent{Event: "summary",
		Evicted: st.EvictedRecords, EvictedBytes: st.EvictedBytes, Lost: st.LostRecords, LostBytes: st.LostBytes}
	return nil
}

func (e *jsonlExporter) record(_ *bufio.Writer, w *runReader) error {
	at := w.time()
	if e.last = at.UnixNano(); !e.any {
		e.first, e.any = e.last, true
	}
	flow := w.flow()
	ev := event{Time: at.UTC().Format(exportTime)}
	if flow.Remote.IsValid() {
		ev.Peer = flow.Remote.String()
	}
	note := string(w.note())
	switch w.kind {
	case Data:
		n := len(w.payload)
		ev.Event, ev.Direction, ev.Length, ev.Data, ev.Note = "socketData", w.dir.String(), &n, w.payload, note
		if ev.Data == nil {
			ev.Data = []byte{}
		}
		if wire := w.wireLen(); wire > n {
			ev.WireLen = wire
		}
		if w.dir == In {
			e.sum.BytesIn += int64(n)
			e.sum.MessagesIn++
		} else {
			e.sum.BytesOut += int64(n)
			e.sum.MessagesOut++
		}
	case Open:
		if p := e.phases[flow]; p.opened && !p.closed {
			return e.leftOver(w, ev, note)
		}
		e.set(flow, phase{opened: true})
		ev.Event, ev.Peer, ev.Note = "connect", "", note
		if flow.Remote.IsValid() {
			ev.Local, ev.Remote = flow.Local.String(), flow.Remote.String()
		}
	case Close, Reset:
		if e.phases[flow].closed {
			return e.leftOver(w, ev, note)
		}
		e.set(flow, phase{closed: true})
		ev.Event, ev.Note = "close", note
		switch {
		case w.kind == Reset && w.dir == In:
			ev.By = "reset"
		case w.dir == In:
			ev.By = "peer"
		default:
			ev.By = "local"
		}
	default:
		return e.leftOver(w, ev, note)
	}
	return e.encoder.Encode(ev)
}

// leftOver writes what only a note tells. A note that gives a reason, as the
// errors of this program do ("connect ...: connection refused"), is an error;
// any other is a state.
func (e *jsonlExporter) leftOver(w *runReader, ev event, note string) error {
	if note == "" || w.foreign != nil && (note == "ACK" || note == "not TCP or UDP") {
		return nil // a frame of another capture that no program saw
	}
	if strings.Contains(note, ": ") {
		ev.Event, ev.Error = "ioError", note
	} else {
		ev.Event, ev.Text = "state", note
	}
	return e.encoder.Encode(ev)
}

func (e *jsonlExporter) set(f Flow, p phase) {
	if len(e.phases) >= maxPhases {
		clear(e.phases)
	}
	e.phases[f] = p
}

func (e *jsonlExporter) end(_ *bufio.Writer, st Stats) error {
	at := st.End
	if e.any {
		at = timeOf(e.last)
		e.sum.DurationMS = (e.last - e.first) / 1e6
	}
	e.sum.Time = at.UTC().Format(exportTime)
	return e.encoder.Encode(e.sum)
}
