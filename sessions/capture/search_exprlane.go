package capture

import (
	"slices"
	"sort"
)

// exprLane is a row of consecutive bytes. As a tail, a match may begin at open
// and behind; seen is how much of the files was done when it was gone on with.
type exprLane struct {
	text  []byte
	parts []exprPart
	open  int
	seen  int64
}

// exprPart is where bytes of a lane lie: from at of its text to the next part,
// they are those of one record, from offset off of the stream searched.
type exprPart struct {
	at          int
	off, number int64
}

// goOn adds the bytes of next. A match may then begin at open.
func (l *exprLane) goOn(next *exprLane, open int) {
	if skip := open - exprContext - len(l.text); skip > 0 { // nothing of l is left
		l.parts = append(l.parts[:0], next.parts[next.part(skip):]...)
		l.text = append(l.text[:0], next.text[skip:]...)
		l.rebase(skip)
		l.open = exprContext
		return
	}
	for _, p := range next.parts {
		p.at += len(l.text)
		l.parts = append(l.parts, p)
	}
	l.text = append(l.text, next.text...)
	l.open = open
	l.trim()
}

// part returns the number of the part that byte i lies in.
func (l *exprLane) part(i int) int {
	return sort.Search(len(l.parts), func(n int) bool { return l.parts[n].at > i }) - 1
}

// rebase makes byte n, which is in the first part, the first one.
func (l *exprLane) rebase(n int) {
	l.parts[0].off += int64(n - l.parts[0].at)
	l.parts[0].at = n
	for i := range l.parts {
		l.parts[i].at -= n
	}
}

// trim drops what lies before the first place of a match, but for its context.
func (l *exprLane) trim() {
	n := l.open - exprContext
	if n <= 0 {
		return
	}
	l.parts = slices.Clone(l.parts[l.part(n):])
	l.rebase(n)
	// What is left is little, and what was there may have been much.
	l.text = slices.Clone(l.text[n:])
	l.open -= n
}

// place returns where byte i lies.
func (l *exprLane) place(i int) (off, number int64) {
	p := l.parts[l.part(i)]
	return p.off + int64(i-p.at), p.number
}
