package capture

import "slices"

// lane is what a search remembers of one row of consecutive bytes: a whole
// stream, or one direction of one flow in a search through both directions.
type lane struct {
	tail  []byte // the last bytes, from the first place where a match may have begun; shorter than a match
	parts []part // where the bytes of tail lie

	head      []byte // the first bytes since the scanner began, at most one fewer than a match has
	headParts []part
}

// part is where some consecutive bytes of a lane lie: n bytes of one record,
// from offset off of the stream searched.
type part struct {
	off, number int64
	n           int
}

// reset empties the lane for other bytes. It keeps its memory, unless that is
// much: a lane of few bytes would hold what one of many needed.
func (l *lane) reset() {
	if cap(l.tail)+cap(l.head) > 4<<10 {
		*l = lane{}
	}
	l.tail, l.parts = l.tail[:0], l.parts[:0]
	l.head, l.headParts = l.head[:0], l.headParts[:0]
}

// setTail makes the tail that of other, without sharing its memory.
func (l *lane) setTail(other *lane) {
	l.tail = append(l.tail[:0], other.tail...)
	l.parts = append(l.parts[:0], other.parts...)
}

// extend adds the bytes of other's head to the tail.
func (l *lane) extend(other *lane) {
	l.tail = append(l.tail, other.head...)
	l.parts = append(l.parts, other.headParts...)
}

// trim drops the first n bytes of the tail.
func (l *lane) trim(n int) {
	if n == 0 {
		return
	}
	l.tail = slices.Delete(l.tail, 0, n)
	for i := range l.parts {
		if p := &l.parts[i]; n < p.n {
			p.off, p.n = p.off+int64(n), p.n-n
			l.parts = slices.Delete(l.parts, 0, i)
			return
		}
		n -= l.parts[i].n
	}
	l.parts = l.parts[:0]
}

// place returns where byte i of the tail lies.
func (l *lane) place(i int) (off, number int64) {
	for _, p := range l.parts {
		if i < p.n {
			return p.off + int64(i), p.number
		}
		i -= p.n
	}
	panic("capture: a search lost the place of a byte")
}

// scanner finds the matches in lanes whose bytes it is fed in order.
type scanner struct {
	needle needle
	emit   func(Match)
	heads  bool // keep the head of every lane

	finder finder
	window []byte
}

// feed goes on with lane l by bytes p of record number, the first of which
// has offset off in the stream searched. It emits the matches that end in p,
// in order; p is not kept.
func (s *scanner) feed(l *lane, p []byte, off, number int64) {
	keep := s.needle.max - 1
	if s.heads && len(l.head) < keep && len(p) > 0 {
		n := min(len(p), keep-len(l.head))
		l.head = append(l.head, p[:n]...)
		l.headParts = append(l.headParts, part{off, number, n})
	}
	from := 0
	if len(l.tail) > 0 {
		var open bool
		if from, open = s.cross(l, p, off, number); open {
			return
		}
		l.tail, l.parts = l.tail[:0], l.parts[:0]
	}
	s.finder.reset(&s.needle, p)
	for {
		at, length := s.finder.find(from)
		if at < 0 {
			break
		}
		s.emit(Match{Off: off + int64(at), Len: length, Number: number})
		from = at + length
	}
	if at := s.needle.undecided(p, from, &s.finder.pace); at < len(p) {
		l.tail = append(l.tail, p[at:]...)
		l.parts = append(l.parts, part{off + int64(at), number, len(p) - at})
	}
}

// cross finds the matches that begin in the lane's tail. It returns how many
// bytes of p they took. open says that p was too short to decide about all of
// the tail: it has then become part of the tail.
func (s *scanner) cross(l *lane, p []byte, off, number int64) (taken int, open bool) {
	n := min(len(p), s.needle.max-1)
	s.window = append(append(s.window[:0], l.tail...), p[:n]...)
	s.finder.reset(&s.needle, s.window)
	done := 0
	for done < len(l.tail) {
		at, length := s.finder.find(done)
		if at < 0 || at >= len(l.tail) {
			break
		}
		matchOff, matchNumber := l.place(at)
		s.emit(Match{Off: matchOff, Len: length, Number: matchNumber})
		done = at + length
	}
	if done >= len(l.tail) {
		return done - len(l.tail), false
	}
	if n == len(p) {
		if at := s.needle.undecided(s.window, done, &s.finder.pace); at < len(l.tail) {
			l.tail = append(l.tail, p...)
			l.parts = append(l.parts, part{off, number, len(p)})
			l.trim(at)
			return 0, true
		}
	}
	return 0, false
}

// crosses reports whether a match begins in the tail of l and ends in the
// head of next, the same lane in the bytes that follow.
func (s *scanner) crosses(l, next *lane) bool {
	s.window = append(append(s.window[:0], l.tail...), next.head...)
	s.finder.reset(&s.needle, s.window)
	at, _ := s.finder.find(0)
	return at >= 0 && at < len(l.tail)
}

// join makes l the lane it is after the bytes that next was fed, provided
// that no match crosses from one to the other.
func (s *scanner) join(l, next *lane) {
	if len(l.tail) > 0 && len(next.head) < s.needle.max-1 { // next is all head
		s.window = append(append(s.window[:0], l.tail...), next.head...)
		if at := s.needle.undecided(s.window, 0, &s.finder.pace); at < len(l.tail) {
			l.extend(next)
			l.trim(at)
			return
		}
	}
	l.setTail(next)
}
