package framing

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

func TestMessagesThatShareABudgetTakeNoMore(t *testing.T) {
	const budget, frame = 1 << 20, 100_000
	shared := NewBudget(budget)
	var list []*Messages
	stream := fmt.Appendf(nil, "\x00\x01\x86\xa0%s", bytes.Repeat([]byte("x"), frame))
	whole, parts, handed := 0, 0, 0
	note := func(f Frame, p []byte) {
		handed += len(p)
		if f.Part > 0 {
			if f.State != Oversize || f.Len != int64(len(p)) || f.Declared != int64(len(stream)) {
				t.Errorf("a part is %+v", f)
			}
			parts++
		} else if f.State == Complete {
			whole++
		}
	}
	for range 30 {
		m, _ := NewMessages(parsed(t, "u32be"))
		m.Whole()
		m.Share(shared)
		list = append(list, m)
	}
	for at := 0; at < len(stream); at += 10_000 {
		held := 0
		for _, m := range list {
			m.Feed(stream[at:min(at+10_000, len(stream))], 1, capturedAt, note)
			held += cap(m.buf)
		}
		if held > budget || int64(held) != budget-shared.left.Load() {
			t.Fatalf("%d bytes are held of a budget of %d, of which %d are left", held, budget, shared.left.Load())
		}
	}
	if handed != len(list)*len(stream) || whole < 5 || parts < 10 {
		t.Errorf("%d bytes in %d whole frames and %d parts of others", handed, whole, parts)
	}
	for _, m := range list { // there is memory again
		m.Feed(stream[:10_000], 1, capturedAt, note)
		m.Feed(stream[10_000:], 1, capturedAt, note)
		m.Feed(stream[:100], 1, capturedAt, note)
	}
	if whole < 5+len(list) {
		t.Errorf("%d frames are whole, after the others have ended", whole)
	}
	for _, m := range list {
		m.End(note)
	}
	if left := shared.left.Load(); left != budget {
		t.Errorf("%d of %d bytes are given back", left, budget)
	}
}

// Whatever there is memory for, all bytes are handed on, and what is no part is what it is without a budget.
func TestABudgetChangesNoFrameThatIsHandedOnWhole(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	whole, parts := 0, 0
	for _, name := range []string{"lf", "crlf,keep", "u16be", "u8,max=100", "varint,offset=1", "mcvarint,max=300", "fixed:77", "gap:50ms", "xml"} {
		for range 300 {
			stream := make([]byte, r.IntN(600))
			for i := range stream {
				stream[i] = "\r\n\x00\x00\x00\x01\x7f\x80ab\xff"[r.IntN(11)]
			}
			free, tight := &handed{}, &handed{}
			a, _ := NewMessages(parsed(t, name))
			b, _ := NewMessages(parsed(t, name))
			a.Whole()
			b.Whole()
			budget := NewBudget(r.Int64N(200))
			had := budget.left.Load()
			b.Share(budget)
			now := capturedAt
			for at := 0; at < len(stream); {
				n := min(1+r.IntN(60), len(stream)-at)
				now = now.Add(time.Duration(r.IntN(80)) * time.Millisecond)
				a.Feed(stream[at:at+n], int64(at), now, free.take)
				b.Feed(stream[at:at+n], int64(at), now, tight.take)
				at += n
			}
			a.End(free.take)
			b.End(tight.take)
			if !bytes.Equal(tight.all, stream) {
				t.Fatalf("%s: %q is handed on as %q", name, stream, tight.all)
			}
			for at, f := range tight.frames {
				if f.Part > 0 {
					parts++
					if f.Trouble() == "" || !strings.Contains(f.Trouble(), "no memory left") {
						t.Fatalf("a part says %q", f.Trouble())
					}
				} else if whole++; f.State == Complete && free.frames[at] != f {
					t.Fatalf("%s: a frame is %+v, want %+v", name, f, free.frames[at])
				}
			}
			if tight.astray > 0 {
				t.Fatalf("%s: %d frames and parts are not where they say", name, tight.astray)
			}
			if budget.left.Load() != had {
				t.Fatalf("%s: %d of %d bytes are given back", name, budget.left.Load(), had)
			}
		}
	}
	if whole < 1000 || parts < 1000 {
		t.Errorf("%d frames and %d parts are no test", whole, parts)
	}
}

// handed is what was handed on.
type handed struct {
	all    []byte
	frames map[int64]Frame // by offset
	astray int
}

func (h *handed) take(f Frame, p []byte) {
	if h.frames == nil {
		h.frames = map[int64]Frame{}
	}
	if f.Offset != int64(len(h.all)) {
		h.astray++ // it is not where it says
	}
	h.frames[f.Offset] = f
	h.all = append(h.all, p...)
}
