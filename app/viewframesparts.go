package app

import (
	"errors"

	"wirebench/sessions/capture"
	"wirebench/sessions/framing"
	"wirebench/widgets"
)

// mostParts is how many pieces of a frame are selected: what lies in more of them is selected up to there.
const mostParts = 4096

// partedFrame is a frame whose bytes are in several places of a stream, of which only the first is selected.
type partedFrame struct {
	frame  framing.Frame
	stream capture.Stream
	off, n int64 // of what is selected
}

// partsKey asks where the bytes of a frame are.
type partsKey struct {
	first, last int64
	start, end  int
	stream      capture.Stream
}

// selectParts selects all bytes of a frame, as soon as it is known where they are.
func (v *trafficView) selectParts() {
	x := &v.frames
	p := x.parted
	if off, n := v.hex.Selection(); p.stream != v.stream || off != p.off || n != p.n {
		x.parted = nil // something else is selected by now
		return
	}
	f, stream, src := p.frame, p.stream, v.bytes()
	key := partsKey{f.First, f.Last, f.Start, f.End, stream}
	got, err := x.reader.answered(key, func() (any, error) { return frameParts(v.log, src, &f, stream) })
	if errors.Is(err, widgets.ErrNotYet) {
		return
	}
	x.parted = nil
	if parts, _ := got.([]widgets.HexRange); len(parts) > 0 {
		if first := parts[0]; first.Off != p.off || first.Len != p.n { // the next record is the next piece of it
			v.hex.SetSelection(first.Off, first.Len)
		}
		v.hex.SelectParts(parts)
	}
}

// frameParts returns where the kept bytes of a frame are in a stream of the bytes that are shown, src. It may be called
// on any goroutine.
func frameParts(log *capture.Log, src byteSource, f *framing.Frame, stream capture.Stream) (parts []widgets.HexRange, err error) {
	s := log.NewScanner([]capture.FlowSpan{{Flow: f.Flow}})
	defer s.Close()
	for number := max(f.First, log.Stats().First); number <= f.Last; number = s.Next() {
		ok, err := s.Load(number)
		if !ok {
			return parts, err
		}
		for s.Scan() && s.Number <= f.Last {
			if s.Kind != capture.Data || s.Dir != f.Dir || len(s.Payload) == 0 {
				continue
			}
			r, err := log.Record(s.Number)
			if err != nil {
				continue // evicted
			}
			if thread, ok := src.(*capture.Thread); ok {
				if r, ok = thread.Place(r); !ok {
					continue
				}
			}
			from, to := 0, r.Len
			if s.Number == f.First {
				from = f.Start
			}
			if s.Number == f.Last {
				to = f.End
			}
			off, n := r.In(stream)+int64(from), int64(to-from)
			if last := len(parts) - 1; last >= 0 && parts[last].Off+parts[last].Len == off {
				parts[last].Len += n
			} else if len(parts) == mostParts {
				return parts, nil
			} else {
				parts = append(parts, widgets.HexRange{Off: off, Len: n})
			}
		}
		if err := s.Err(); err != nil {
			return parts, err
		}
	}
	return parts, nil
}
