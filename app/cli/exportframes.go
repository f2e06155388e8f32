package cli

import (
	"context"
	"errors"
	"io"
	"math"

	"wirebench/sessions"
	"wirebench/sessions/capture"
	"wirebench/sessions/framing"
	"wirebench/sessions/jsonl"
)

// framePart is how much of a frame whose length cannot be believed is written as one: it may be all that is left of a
// connection. Other frames are at most what their framing allows.
const framePart = 1 << 20

// frameExport hands the frames of a capture to an export.
type frameExport struct {
	index *framing.Index
	by    framings
	next  int64 // number of the frame that is next
	batch []framing.Frame
	ahead []framing.Frame // of batch, those that were not written
}

// newFrameExport cuts a capture into frames. The caller closes the index.
func newFrameExport(ctx context.Context, log *capture.Log, by framings) (*frameExport, error) {
	index, err := framing.NewIndex(log, framing.Options{In: by[capture.In], Out: by[capture.Out]})
	if err != nil {
		return nil, err
	}
	select {
	case <-index.Ready():
	case <-ctx.Done():
		index.Close()
		return nil, context.Cause(ctx)
	}
	st := index.Stats()
	if st.Err != nil {
		index.Close()
		return nil, st.Err
	}
	return &frameExport{index: index, by: by, next: st.First, batch: make([]framing.Frame, 1024)}, nil
}

// until is a capture.Pieces.
func (x *frameExport) until(record int64, emit func(*capture.Piece) error) error {
	for {
		if len(x.ahead) == 0 {
			n, err := x.index.Frames(x.batch, x.next)
			if n == 0 && !errors.Is(err, io.EOF) {
				return err
			}
			x.ahead = x.batch[:n]
			x.next += int64(n)
		}
		if len(x.ahead) == 0 {
			break
		}
		if f := &x.ahead[0]; f.Last > record {
			return nil
		} else if err := x.frame(f, f.Number, emit); err != nil {
			return err
		}
		x.ahead = x.ahead[1:]
	}
	if record < math.MaxInt64 {
		return nil
	}
	for i, f := range x.index.AllGrowing() { // what never ended
		if err := x.frame(&f, x.next+int64(i), emit); err != nil {
			return err
		}
	}
	return nil
}

// frame hands a frame over, or what is left of it.
func (x *frameExport) frame(f *framing.Frame, number int64, emit func(*capture.Piece) error) error {
	part := f.Len
	if f.State == framing.Oversize || f.State == framing.Malformed {
		part = framePart
	}
	for off := f.Lost; off < f.Len || f.Len == 0; off += part {
		b := make([]byte, min(part, f.Len-off))
		if n, err := x.index.ReadAt(f, b, off); n < len(b) {
			return err
		}
		if err := emit(x.piece(f, number, b)); err != nil || f.Len == 0 {
			return err
		}
	}
	return nil
}

// piece is how a frame, of whose bytes whole are there, is written.
func (x *frameExport) piece(f *framing.Frame, number int64, whole []byte) *capture.Piece {
	p := &capture.Piece{Number: number, At: f.Time, Dir: f.Dir, Flow: f.Flow, Data: whole, Words: f.Trouble()}
	by := x.by[f.Dir]
	if f.Flow.Proto == capture.UDP {
		by = framing.Framing{}
	}
	header, payload := parts(f, whole)
	complete, at := f.State == framing.Complete, f.Time.UTC()
	if by.Kind == framing.XML {
		m, words := checked(payload)
		m.Head, m.Direction, m.Peer = jsonl.At(at, "data"), f.Dir.String(), f.Flow.Remote.String()
		m.Complete, m.Trouble = complete, p.Words
		if p.Words == "" {
			p.Words = words
		}
		p.Event = m
		return p
	}
	d := jsonl.Data{Head: jsonl.At(at, sessions.EventSocketData), Direction: f.Dir.String(), Peer: f.Flow.Remote.String(), Length: len(payload), Data: payload}
	if by.Kind != framing.Raw {
		d.Header, d.Complete, d.Trouble = header, &complete, p.Words
	}
	p.Event = d
	return p
}
