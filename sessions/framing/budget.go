package framing

import "sync/atomic"

// Budget is memory that any number of [Messages] share for frames that go on in a further read. It is safe for concurrent
// use.
type Budget struct{ left atomic.Int64 }

// NewBudget returns a Budget of so many bytes.
func NewBudget(bytes int64) *Budget {
	b := &Budget{}
	b.left.Store(bytes)
	return b
}

// take reports whether there were n bytes left, which are taken then.
func (b *Budget) take(n int64) bool {
	for {
		left := b.left.Load()
		if left < n {
			return false
		}
		if b.left.CompareAndSwap(left, left-n) {
			return true
		}
	}
}

func (b *Budget) give(n int64) { b.left.Add(n) }

// Share makes the Messages take its memory from b, before it is fed anything; between two frames it has none then. What
// it still has it gives back with End.
//
// A frame for which there is not enough is handed on in parts, Oversize: what there is of it at once, and what follows as
// it comes, up to its end. All its bytes are handed on, those of its length and its delimiter too. The frame behind it is
// as good as any.
func (m *Messages) Share(b *Budget) { m.budget = b }

// hold keeps bytes of the frame that goes on, and reports whether there was memory for them.
func (m *Messages) hold(p []byte) bool {
	if need := int64(len(m.buf) + len(p)); m.budget != nil && need > int64(cap(m.buf)) {
		had, size := int64(cap(m.buf)), need
		if more := min(max(2*had, 512), m.cutter.rule.most); more > need && m.budget.take(more-had) {
			size = more
		} else if !m.budget.take(need - had) {
			return false
		}
		m.buf = append(make([]byte, 0, size), m.buf...)
	}
	m.buf = append(m.buf, p...)
	return true
}

// apart hands on what is held of the frame f and p, which follows that and ended with a read or with the frame.
func (m *Messages) apart(f Frame, p []byte, message func(f Frame, payload []byte)) {
	w, held := &m.cutter.where, m.buf
	if f.State != Malformed {
		f.State = Oversize
	}
	f.Header, f.Trailer = 0, 0
	if len(held) > 0 {
		m.parts++
		f.Part, f.Len, f.Last, f.End = m.parts, int64(len(held)), w.number, w.at-len(p)
		message(f, held)
		m.clear()
	}
	if len(p) > 0 {
		m.parts++
		f.Part, f.Len, f.First, f.Start, f.Offset = m.parts, int64(len(p)), w.number, w.at-len(p), w.offset-int64(len(p))
		f.Last, f.End = w.number, w.at
		message(f, p)
	}
}
