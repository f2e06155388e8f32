package app

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"

	"wirebench/sessions/capture"
	"wirebench/sessions/framing"
	"wirebench/sessions/xmlsocket"
	"wirebench/widgets/words"
)

const (
	// xmlAhead is how many documents may wait to be checked: what is on screen, and some more.
	xmlAhead = 256
	// xmlKept is how many are remembered.
	xmlKept = 1 << 14
)

// xmlMarks finds out which documents are not well-formed, beside the window: those on screen, the last asked for first.
type xmlMarks struct {
	index *framing.Index
	xml   [2]bool // by direction
	moved *atomic.Uint64
	run   func(func()) // starts a goroutine
	ctx   context.Context
	close context.CancelFunc // ends checking, and does not wait for what is being checked

	mu    sync.Mutex
	known map[int64]string // by the frame's number, what is wrong, "" for nothing
	wants []framing.Frame
	busy  bool // there is a goroutine that checks
}

// newXMLMarks adds one to moved whenever something was found out. run starts a goroutine, which ends when it has checked
// what was asked for.
func newXMLMarks(index *framing.Index, in, out framing.Framing, moved *atomic.Uint64, run func(func())) *xmlMarks {
	ctx, cancel := context.WithCancel(context.Background())
	m := &xmlMarks{index: index, moved: moved, run: run, ctx: ctx, close: cancel, known: map[int64]string{}}
	m.xml[capture.In], m.xml[capture.Out] = in.Kind == framing.XML, out.Kind == framing.XML
	return m
}

// remark is what the list says of a frame; see [widgets.FrameList].
func (m *xmlMarks) remark(f *framing.Frame) (text string, known bool) {
	if !m.checks(f) {
		return "", true
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if text, known = m.known[f.Number]; known {
		return text, true
	}
	for i := range m.wants {
		if m.wants[i].Number == f.Number {
			return "", false
		}
	}
	if len(m.wants) == xmlAhead {
		m.wants = append(m.wants[:0], m.wants[1:]...)
	}
	m.wants = append(m.wants, *f)
	if !m.busy {
		m.busy = true
		m.run(m.check)
	}
	return "", false
}

// checks tells whether a frame is a document to be checked, and nothing else is to be said of it.
func (m *xmlMarks) checks(f *framing.Frame) bool {
	if !m.xml[f.Dir] || f.State != framing.Complete || f.Torn || f.Lost > 0 || f.Flow.Proto == capture.UDP {
		return false
	}
	_, to := f.Payload()
	return to <= xmlsocket.MaxSize
}

// saidOf returns what was found out of a frame.
func (m *xmlMarks) saidOf(f *framing.Frame) (text string, known bool) {
	if !m.checks(f) {
		return "", true
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	text, known = m.known[f.Number]
	return text, known
}

// all returns what there is to say of each of these frames, and looks at those it does not know. It may be called on any
// goroutine.
func (m *xmlMarks) all(ctx context.Context, frames []framing.Frame, progress func(done, total int64)) ([]string, error) {
	texts := make([]string, len(frames))
	for i := range frames {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		text, known := m.saidOf(&frames[i])
		if !known {
			text = m.look(&frames[i])
		}
		texts[i] = text
		progress(int64(i+1), int64(len(frames)))
	}
	return texts, nil
}

// remarks is what the list asks for when it copies; see [widgets.FrameList].
func (v *trafficView) remarks(m *xmlMarks) func(frames []framing.Frame, then func(texts []string)) {
	return func(frames []framing.Frame, then func(texts []string)) {
		if !slices.ContainsFunc(frames, func(f framing.Frame) bool { _, known := m.saidOf(&f); return !known }) {
			texts, _ := m.all(v.ctx, frames, func(int64, int64) {})
			then(texts)
			return
		}
		var texts []string
		v.run(words.Say("Checking the documents to be copied"), func(ctx context.Context, progress func(done, total int64)) (err error) {
			texts, err = m.all(ctx, frames, progress)
			return err
		}, func(err error) {
			if err != nil {
				v.tell(words.Say("Copying was cancelled."))
				return
			}
			then(texts)
		})
	}
}

// check looks at what is asked for.
func (m *xmlMarks) check() {
	for {
		m.mu.Lock()
		n := len(m.wants)
		if n == 0 || m.ctx.Err() != nil {
			m.busy = false
			m.mu.Unlock()
			return
		}
		f := m.wants[n-1]
		m.mu.Unlock()

		text := m.look(&f)

		m.mu.Lock()
		if len(m.known) >= xmlKept {
			clear(m.known)
		}
		m.known[f.Number] = text
		for i := range m.wants {
			if m.wants[i].Number == f.Number {
				m.wants = append(m.wants[:i], m.wants[i+1:]...)
				break
			}
		}
		m.mu.Unlock()
		m.moved.Add(1)
	}
}

// look says what is wrong with a document.
func (m *xmlMarks) look(f *framing.Frame) string {
	from, to := f.Payload()
	doc := make([]byte, to-from)
	if n, _ := m.index.ReadAt(f, doc, from); n < len(doc) {
		return "" // evicted
	}
	r := xmlsocket.Check(doc)
	switch {
	case r.WellFormed:
		return ""
	case r.Unchecked:
		return words.Say("not checked: %s", r.Problem)
	case r.Line > 0:
		return words.Say("not well-formed: line %s, column %s: %s", strconv.Itoa(r.Line), strconv.Itoa(r.Column), r.Problem)
	}
	return words.Say("not well-formed: %s", r.Problem)
}
