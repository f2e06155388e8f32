package framing

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"wirebench/sessions/capture"
)

// model is what a capture should be cut into, worked out from what was appended to it, connection by connection with
// the reference.
type model struct {
	t       *testing.T
	log     *capture.Log
	framing [2]Framing
	number  int64
	offsets [2]int64
	lanes   map[laneKey]*modelLane
	done    []modelFrame
	said    []modelRecord
	start   time.Time
	now     time.Time
}

// modelRecord is a record that was appended.
type modelRecord struct {
	key  laneKey
	size int
}

// modelLane is the bytes of one direction of a connection since it was opened.
type modelLane struct {
	bytes  []byte
	places []modelByte
	done   int // frames that are in model.done
	torn   bool
}

type modelByte struct {
	number, offset int64
	at             int
}

type modelFrame struct {
	Frame
	bytes []byte
	ended int64 // number of the record that it ended with
	order int
}

func newModel(t *testing.T, o capture.Options, in, out Framing) *model {
	m := &model{t: t, framing: [2]Framing{in, out}, lanes: map[laneKey]*modelLane{}, now: time.Unix(1_700_000_000, 0)}
	m.start = m.now
	o.Dir = t.TempDir()
	o.Clock = func() time.Time { return m.now }
	l, err := capture.Create(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Delete() })
	m.log = l
	return m
}

// append adds a record to the capture, and to what is expected.
func (m *model) append(f capture.Flow, d capture.Direction, k capture.Kind, p []byte) {
	m.now = m.now.Add(time.Microsecond)
	m.log.Append(f, d, k, p, "")
	m.number++
	key := laneKey{f, d}
	m.said = append(m.said, modelRecord{key, len(p)})
	switch k {
	case capture.Open:
		m.end(key)
		m.lanes[key] = &modelLane{}
	case capture.Close:
		m.end(key)
	case capture.Reset:
		m.end(laneKey{f, capture.In}, laneKey{f, capture.Out})
	case capture.Data:
		if l := m.lanes[key]; f.Proto == capture.UDP || m.framing[d].Kind == Raw {
			m.add(modelFrame{bytes: p, ended: m.number, Frame: Frame{
				Dir: d, Flow: f, First: m.number, Last: m.number, End: len(p), Offset: m.offsets[d], Len: int64(len(p)), Declared: -1,
				Began: m.now, Time: m.now,
			}})
		} else {
			if l == nil {
				l = &modelLane{torn: true}
				m.lanes[key] = l
			}
			for i, b := range p {
				l.bytes = append(l.bytes, b)
				l.places = append(l.places, modelByte{m.number, m.offsets[d] + int64(i), i})
			}
			m.cut(key, false)
		}
		m.offsets[d] += int64(len(p))
	}
}

func (m *model) add(f modelFrame) {
	f.order = len(m.done)
	f.Number = int64(len(m.done) + 1)
	m.done = append(m.done, f)
}

// cut adds the frames of a lane that have ended, and at its end what is left.
func (m *model) cut(key laneKey, end bool) {
	l := m.lanes[key]
	list := reference(m.framing[key.dir], l.bytes)
	for i := l.done; i < len(list); i++ {
		f := m.frame(key, l, i, list[i])
		if last := i == len(list)-1; last && !end && !m.over(key, l, list[i]) {
			return
		}
		m.add(f)
		l.done++
	}
}

// over reports whether a lane's last frame has ended, as far as its bytes tell.
func (m *model) over(key laneKey, l *modelLane, c cutOf) bool {
	f := m.framing[key.dir]
	if d := f.delim(); d != "" {
		return bytes.HasSuffix(l.bytes[c.Offset:], []byte(d))
	}
	return c.State == Complete
}

func (m *model) frame(key laneKey, l *modelLane, i int, c cutOf) modelFrame {
	a, z := l.places[c.Offset], l.places[c.Offset+c.Len-1]
	return modelFrame{bytes: l.bytes[c.Offset : c.Offset+c.Len], ended: m.number, Frame: Frame{
		Dir: key.dir, Flow: key.flow, First: a.number, Last: z.number, Start: a.at, End: z.at + 1, Offset: a.offset,
		Began: m.at(a.number), Time: m.at(z.number),
		Len: c.Len, Header: c.Header, Trailer: c.Trailer, Declared: c.Declared, State: c.State, Torn: l.torn && i == 0,
	}}
}

// at is the time of a record: the clock goes on by a microsecond each.
func (m *model) at(number int64) time.Time {
	return m.start.Add(time.Duration(number) * time.Microsecond)
}

// end ends lanes, those first that were silent longest.
func (m *model) end(keys ...laneKey) {
	slices.SortFunc(keys, func(a, b laneKey) int { return cmp.Compare(m.lastOf(a), m.lastOf(b)) })
	for _, k := range keys {
		if m.lanes[k] != nil {
			m.cut(k, true)
			delete(m.lanes, k)
		}
	}
}

func (m *model) lastOf(k laneKey) int64 {
	if l := m.lanes[k]; l != nil && len(l.places) > 0 {
		return l.places[len(l.places)-1].number
	}
	return 0
}

// growing returns what has begun and not ended, by its last bytes.
func (m *model) growing() (list []modelFrame) {
	for k, l := range m.lanes {
		cuts := reference(m.framing[k.dir], l.bytes)
		if l.done == len(cuts) {
			continue
		}
		f := m.frame(k, l, l.done, cuts[l.done])
		if f.State == Incomplete || f.State == Complete {
			f.State = Growing
		}
		list = append(list, f)
	}
	slices.SortFunc(list, func(a, b modelFrame) int { return cmp.Compare(a.Last, b.Last) })
	return list
}

func (m *model) index(o Options, apart spacing) *Index {
	m.t.Helper()
	o.In, o.Out = m.framing[capture.In], m.framing[capture.Out]
	x, err := newIndex(m.log, o, apart)
	if err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(x.Close)
	return x
}

// await waits until x has looked at all that was appended.
func await(t testing.TB, l *capture.Log, x *Index) Stats {
	t.Helper()
	if err := l.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	last := l.Stats()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(100 * time.Microsecond) {
		x.mu.RLock()
		next, caught, first := x.next, x.caught, int64(0)
		if len(x.points) > 0 {
			first = x.points[0].number
		}
		x.mu.RUnlock()
		st := x.Stats()
		if next > last.Last && caught && (first >= last.First || last.Last == 0) {
			return st
		}
		if st.Err != nil || time.Now().After(deadline) {
			t.Fatalf("the index is at record %d of %d (%v)", next, last.Last, st.Err)
		}
	}
}

// apartFew makes a checkpoint of nearly every record.
var apartFew = spacing{bytes: 1, frames: 1, share: 0}

// same reports how two frames differ, "" if they do not.
func same(got, want Frame) string {
	got.Began, got.Time, want.Began, want.Time = got.Began.UTC(), got.Time.UTC(), want.Began.UTC(), want.Time.UTC()
	if got == want {
		return ""
	}
	return fmt.Sprintf("\n%+v, want\n%+v", got, want)
}

// testFlow is the n-th connection.
func testFlow(p capture.Proto, n int) capture.Flow {
	return capture.Flow{Proto: p, Local: netip.MustParseAddrPort("10.0.0.1:8087"), Remote: netip.AddrPortFrom(netip.MustParseAddr("10.0.0.2"), uint16(1000+n))}
}

// some makes bytes that f cuts into several frames: mostly well made ones, at times others.
func some(r *rand.Rand, f Framing) []byte {
	var b []byte
	for range 1 + r.IntN(3) {
		p := make([]byte, r.IntN(30))
		for i := range p {
			p[i] = byte(r.Uint32())
		}
		if f.Kind == Fixed {
			p = append(p, make([]byte, f.Size)...)[:f.Size]
		}
		if next, err := f.Append(b, p); err == nil && r.IntN(200) > 0 {
			b = next
		} else if f.delim() != "" || f.Kind == Fixed || r.IntN(40) == 0 { // the rest may become one broken frame
			b = append(b, p...)
		}
	}
	return b
}
