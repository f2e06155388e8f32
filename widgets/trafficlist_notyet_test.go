package widgets

import (
	"fmt"
	"strings"
	"testing"

	"wirebench/sessions/capture"
	"wirebench/sessions/framing"
)

// slowFrames answers each question when it is asked for the second time.
type slowFrames struct {
	*framing.Index
	asked   map[string]bool
	patient bool
	refused int
}

func (s *slowFrames) late(question string) bool {
	if s.patient || s.asked[question] {
		delete(s.asked, question)
		return false
	}
	s.asked[question] = true
	s.refused++
	return true
}

func (s *slowFrames) Frames(dst []framing.Frame, from int64) (int, error) {
	if s.late(fmt.Sprint("frames", from)) {
		return 0, ErrNotYet
	}
	return s.Index.Frames(dst, from)
}

func (s *slowFrames) FrameOf(record int64, at int) (framing.Frame, error) {
	if s.late(fmt.Sprint("of", record, at)) {
		return framing.Frame{}, ErrNotYet
	}
	return s.Index.FrameOf(record, at)
}

func (s *slowFrames) IndexOf(record int64) (int64, error) {
	if s.late(fmt.Sprint("index", record)) {
		return 0, ErrNotYet
	}
	return s.Index.IndexOf(record)
}

func (s *slowFrames) ReadAt(f *framing.Frame, p []byte, off int64) (int, error) {
	if s.late(fmt.Sprint("bytes", f.First, f.Start, off)) {
		return 0, ErrNotYet
	}
	return s.Index.ReadAt(f, p, off)
}

func (s *slowFrames) Patiently(do func()) {
	s.patient = true
	do()
	s.patient = false
}

func TestFramesThatAreReadLaterAreShownAndToldOf(t *testing.T) {
	u := newFramesUnderTest(t, capture.Options{})
	u.add(capture.In, capture.Data, "one\ntwo\nth")
	u.add(capture.In, capture.Data, "ree\nfour")
	slow := &slowFrames{asked: map[string]bool{}}
	u.cut("lf", func(l *FrameList) {
		slow.Index = u.x
		l.Frames = slow
	})
	for range 20 {
		u.list.Update()
	}
	text := strings.Join(u.rows(), "\n")
	for _, want := range []string{"one", "two", "three", "four"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not shown in\n%s", want, text)
		}
	}
	if slow.refused == 0 || strings.Contains(text, "not read") {
		t.Errorf("%d questions were answered late, and the rows are\n%s", slow.refused, text)
	}

	var told []int64
	u.list.OnSelectFrame = func(f framing.Frame) { told = append(told, f.Number) }
	clear(u.list.rows.entries) // as when they are far from what is on screen
	slow.asked = map[string]bool{}
	if !u.list.SelectListed(4) {
		t.Fatal("frame 4 is not listed")
	}
	for range 5 {
		u.list.Update()
	}
	if len(told) != 1 || told[0] != 4 {
		t.Errorf("told of %v, want frame 4 once", told)
	}

	// A byte of the frame that goes on, which is looked up again when it ends.
	u.list.SelectByte(4, 5)
	for range 5 {
		u.list.Update()
	}
	if f, ok := u.list.SelectedFrame(); !ok || f.Number != 0 || f.Len != 4 {
		t.Errorf("the last byte selected %+v, %v", f, ok)
	}
	u.add(capture.In, capture.Data, "!\nfive\n")
	u.settle()
	for range 20 {
		u.list.Update()
	}
	if f, ok := u.list.SelectedFrame(); !ok || f.Number != 6 || f.Len != 6 {
		t.Errorf("when it has ended, %+v is selected, %v", f, ok)
	}

	u.list.selectAll()
	clear(u.list.rows.entries)
	slow.asked = map[string]bool{}
	if text, rows, _ := u.list.CopyText(); rows != 7 || !strings.Contains(text, "three") || strings.Contains(text, "…") {
		t.Errorf("copied are %d rows:\n%s", rows, text)
	}
}
