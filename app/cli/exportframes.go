package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"wirebench/sessions"
	"wirebench/sessions/capture"
	"wirebench/sessions/charset"
	"wirebench/sessions/framing"
	"wirebench/sessions/jsonl"
)

// framePart is how much of the payload of a frame that is longer than its framing allows is written as one: it may be
// all that is left of a connection. A document of more is too large to be checked.
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

// frame hands a frame over, or what is left of it. Where that may be long, its payload is cut into parts, and what stands
// before and behind it goes with the first and the last.
func (x *frameExport) frame(f *framing.Frame, number int64, emit func(*capture.Piece) error) error {
	by := x.by[f.Dir]
	if f.Flow.Proto == capture.UDP {
		by = framing.Framing{}
	}
	from, to := payload(f)
	from = max(from, f.Lost)
	to = max(from, to)
	most := to - from
	if f.State == framing.Oversize || f.State == framing.Malformed {
		most = framePart
	}
	for start, at := f.Lost, from; ; {
		end := min(at+most, to)
		behind := end
		if end == to {
			behind = f.Len
		}
		b := make([]byte, behind-start)
		if n, err := x.index.ReadAt(f, b, start); n < len(b) {
			return err
		}
		if end < to && by.Kind == framing.XML {
			b = charset.WholeUTF8(b)
			end = start + int64(len(b))
		}
		p := &capture.Piece{
			Number: number, At: f.Time, Dir: f.Dir, Flow: f.Flow, Data: b, Offset: start - f.Lost, Words: f.Trouble(),
		}
		if to-from > most {
			part := fmt.Sprintf("bytes %d to %d of the %d of its payload", at-from+1, end-from, to-from)
			p.Words = strings.TrimPrefix(p.Words+"; "+part, "; ")
		}
		x.describe(p, f, by, b[:at-start], b[at-start:end-start], to-from)
		if err := emit(p); err != nil || end == to {
			return err
		}
		start, at = end, end
	}
}

// describe fills in the event of a piece, and what there is to say of its document. The payload may be a part of one of
// size bytes.
func (x *frameExport) describe(p *capture.Piece, f *framing.Frame, by framing.Framing, header, payload []byte, size int64) {
	complete, at := f.State == framing.Complete, f.Time.UTC()
	if by.Kind == framing.XML {
		m, words := checked(payload, size)
		m.Head, m.Direction, m.Peer = jsonl.At(at, "data"), f.Dir.String(), f.Flow.Remote.String()
		m.Complete, m.Trouble = complete, p.Words
		if p.Words == "" {
			p.Words = words
		}
		p.Event = m
		return
	}
	d := jsonl.Data{
		Head: jsonl.At(at, sessions.EventSocketData), Direction: f.Dir.String(), Peer: f.Flow.Remote.String(),
		Length: len(payload), Data: payload,
	}
	if by.Kind != framing.Raw {
		d.Header, d.Complete, d.Trouble = header, &complete, p.Words
	}
	p.Event = d
}
