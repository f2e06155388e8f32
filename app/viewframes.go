package app

import (
	"errors"
	"io"
	"sync/atomic"
	"time"

	"wirebench/sessions/capture"
	"wirebench/sessions/framing"
	"wirebench/widgets"
	"wirebench/widgets/words"
)

// frameView is how a view's traffic is cut into frames, while it is: the capture stays as it is.
type frameView struct {
	in, out framing.Framing
	index   atomic.Pointer[framing.Index] // nil while reads and writes are shown
	marks   *xmlMarks                     // nil without XML documents
	none    bool                          // there is nothing to choose: datagrams are what they are
	failed  bool                          // it was said why the index does not go on
	moved   atomic.Uint64                 // when marks, or a document, have come

	reader   *frameReader   // of index
	awaited  *framing.Frame // that is to be inspected as soon as it is read; nil for none
	parted   *partedFrame   // that is selected as soon as it is known where all of it is; nil for none
	document *documentPane  // nil while none is shown
}

// framed returns the index of the frames shown, nil while reads and writes are; any goroutine.
func (v *trafficView) framed() *framing.Index { return v.frames.index.Load() }

// frameAs cuts both directions as a row of the inspector takes the bytes under
// the cursor for a length.
func (v *trafficView) frameAs(notation string) {
	f, err := framing.Parse(notation)
	if err != nil {
		v.complain(err)
		return
	}
	v.setFramings(f, f)
}

// setFramings takes what a person chose, or what was saved.
func (v *trafficView) setFramings(in, out framing.Framing) {
	x := &v.frames
	if x.none {
		return
	}
	v.framingBar.SetFramings(in, out)
	v.framingForm.SetFramings(in, out)
	if in == x.in && out == x.out {
		return
	}
	had := x.out.Kind
	x.in, x.out = in, out
	v.relist()
	v.bench.rebuildMenu()
	if out.Kind == framing.XML && had != framing.XML && v.onXML != nil {
		v.onXML()
	}
}

// readFramings reads what was saved. What cannot be read any more is reads and writes.
func readFramings(s savedTab) (in, out framing.Framing) {
	parse := func(text string) framing.Framing {
		f, err := framing.Parse(text)
		if err != nil {
			return framing.Framing{}
		}
		return f
	}
	return parse(s.FramingIn), parse(s.FramingOut)
}

// saveFramings adds them to what is saved of a tab.
func (v *trafficView) saveFramings(s *savedTab) {
	if v.frames.in.Kind != framing.Raw || v.frames.out.Kind != framing.Raw {
		s.FramingIn, s.FramingOut = v.frames.in.String(), v.frames.out.String()
	}
}

// openFramingForm shows the form and puts the focus there.
func (v *trafficView) openFramingForm() {
	v.framingForm.Show()
	v.listPane.Refresh()
	v.framingForm.FocusForm(v.bench.win.Canvas())
}

func (v *trafficView) closeFramingForm() {
	v.framingForm.Hide()
	v.listPane.Refresh()
	v.list.Focus(v.bench.win.Canvas())
}

// relist shows what is asked for: frames as they are cut now, or records.
func (v *trafficView) relist() {
	old := v.frames.index.Swap(nil)
	x := &v.frames
	if x.marks != nil {
		x.marks.close()
		x.marks = nil
	}
	if x.reader != nil {
		x.reader.close()
		x.reader = nil
	}
	x.awaited, x.parted = nil, nil
	raw := v.frames.in.Kind == framing.Raw && v.frames.out.Kind == framing.Raw
	if p := v.frames.document; p != nil && raw {
		v.closeAside()
	} else if p != nil {
		p.clear()
	}
	if raw {
		if old != nil {
			v.list.SetFrames(nil)
		}
		v.refilter()
	} else {
		v.cut()
	}
	if old != nil {
		v.bench.work.Go(old.Close) // which waits for what it is reading
	}
}

// cut begins to cut the capture into frames, and shows them.
func (v *trafficView) cut() {
	x := &v.frames
	c := criteria(v.spec)
	index, err := framing.NewIndex(v.log, framing.Options{
		In: x.in, Out: x.out, Flows: v.only,
		Events: !c.DataOnly, Dirs: c.Dirs, Text: c.Text, Hex: c.Hex, FoldCase: c.FoldCase,
	})
	if err != nil { // what was asked for cannot be looked for
		v.complain(err)
		index, err = framing.NewIndex(v.log, framing.Options{In: x.in, Out: x.out, Flows: v.only, Events: true})
	}
	if err != nil {
		v.complain(err)
		return
	}
	await(index.Ready())
	x.reader = newFrameReader(index, &x.moved, v.bench.work.Go)
	x.index.Store(index)
	x.failed = false
	list := &widgets.FrameList{Frames: x.reader, Filtered: !v.spec.Empty()}
	if x.in.Kind == framing.XML || x.out.Kind == framing.XML {
		x.marks = newXMLMarks(index, x.in, x.out, &x.moved, v.bench.work.Go)
		list.Remark, list.Remarks = x.marks.remark, v.remarks(x.marks)
	}
	v.list.SetFrames(list)
	if old := v.filter; old != nil {
		v.filter = nil
		v.list.SetFilter(nil)
		old.Close()
	}
	v.followed = 0
	v.tick()
}

// tickFrames shows how far cutting has come.
func (v *trafficView) tickFrames(index *framing.Index) {
	st := index.Stats()
	if p := v.frames.document; p != nil {
		p.tick()
	}
	if f := v.frames.awaited; f != nil {
		v.inspectFrame(f)
	}
	if v.frames.parted != nil {
		v.link(v.selectParts)
	}
	select {
	case <-index.Ready(): // what comes is cut as it comes
		v.filterBar.SetProgress(0, 0)
	default:
		v.filterBar.SetProgress(st.Done, st.Total)
	}
	if st.Err != nil && !v.frames.failed {
		v.frames.failed = true
		v.complain(st.Err)
	}
}

// countFrames says how many frames are listed, after the list has looked: those that have not ended stand in it too.
func (v *trafficView) countFrames(index *framing.Index) {
	st := index.Stats()
	all := st.In + st.Out
	listed := all
	behind, unfinished := v.list.Behind()
	if !v.spec.Empty() {
		listed = st.Last - st.Events
	}
	v.filterBar.SetFrameCount(listed+behind, all+st.Growing, unfinished)
}

// closeFrames ends cutting, for good.
func (v *trafficView) closeFrames() {
	if v.frames.marks != nil {
		v.frames.marks.close()
	}
	if v.frames.reader != nil {
		v.frames.reader.close()
	}
	if index := v.framed(); index != nil {
		index.Close()
	}
}

// frameChosen shows the bytes of the frame that was selected in the list, and its payload as values.
func (v *trafficView) frameChosen(f framing.Frame) {
	v.link(func() {
		v.following = false
		off, n, whole := v.frameBytes(&f)
		if n == 0 {
			return
		}
		v.hex.SetSelection(off, n)
		v.inspectFrame(&f)
		if !whole {
			v.frames.parted = &partedFrame{frame: f, stream: v.stream, off: off, n: n}
			v.selectParts()
		}
	})
}

// frameBytes returns where the bytes of a frame are in the stream shown, which it makes the one of the frame's direction
// where they are in a row only there. Of bytes that lie between those of other connections it is the first that are in a row,
// and whole is false; see selectParts. n is 0 when none is there, or none any more.
func (v *trafficView) frameBytes(f *framing.Frame) (off, n int64, whole bool) {
	one := capture.InOnly
	if f.Dir == capture.Out {
		one = capture.OutOnly
	}
	off, n, whole = v.frameIn(f, v.stream)
	if !whole {
		there, all, alone := v.frameIn(f, one)
		switch {
		case alone:
			v.setStream(one)
			return there, all, true
		case n == 0 && all > 0:
			v.setStream(capture.Both)
			off, n, whole = v.frameIn(f, capture.Both)
		}
	}
	return off, n, whole
}

// frameIn returns where the bytes of a frame begin in a stream, and how many of them are in a row; whole says that it is
// all that are kept.
func (v *trafficView) frameIn(f *framing.Frame, s capture.Stream) (off, n int64, whole bool) {
	number, start, skipped := f.First, f.Start, int64(0)
	if f.Lost > 0 || f.First < v.log.Stats().First {
		number, start, skipped = f.Last, 0, f.Len-int64(f.End) // at least what its last record has
	}
	first, ok := v.placed(number)
	if !ok || first.In(s) < 0 {
		return 0, 0, false
	}
	last, ok := v.placed(f.Last)
	if !ok {
		return 0, 0, false
	}
	off = first.In(s) + int64(start)
	if end := last.In(s) + int64(f.End); end-off == f.Len-skipped {
		return off, end - off, true
	}
	return off, min(int64(first.Len-start), f.Len), false
}

// placed returns a record with its offsets in the bytes shown.
func (v *trafficView) placed(number int64) (capture.Record, bool) {
	r, err := v.log.Record(number)
	if err != nil {
		return r, false
	}
	return v.place(r)
}

// inspectFrame shows the payload of a frame in the inspector, or the frame where it has none, without moving the cursor.
func (v *trafficView) inspectFrame(f *framing.Frame) {
	v.frames.awaited = nil
	if v.framed() == nil {
		return
	}
	if p := v.frames.document; p != nil {
		p.follow(f)
	}
	from, to := f.Payload()
	payload := from < to
	if !payload {
		from, to = 0, f.Len
	}
	from = max(from, f.Lost)
	buf := make([]byte, min(max(to-from, 0), inspectBytes))
	n, err := v.frames.reader.ReadAt(f, buf, from)
	if errors.Is(err, widgets.ErrNotYet) {
		of := *f
		v.frames.awaited = &of
		return
	}
	if n == 0 || err != nil && !errors.Is(err, io.EOF) {
		return
	}
	v.stopCounting()
	v.inspector.SetFrame(v.frameByte(f, from), buf[:n], to-from, payload)
}

// frameByte returns where byte at of a frame is in the stream shown, if none of other connections lie before it in the
// frame, or the frame's last record has it.
func (v *trafficView) frameByte(f *framing.Frame, at int64) int64 {
	if last, ok := v.placed(f.Last); ok && last.In(v.stream) >= 0 && f.Len-at <= int64(f.End) {
		return last.In(v.stream) + int64(f.End) - (f.Len - at)
	}
	off, _, _ := v.frameIn(f, v.stream)
	return off + at - f.Lost
}

// showFrameAt marks the frame that has a byte of a record.
func (v *trafficView) showFrameAt(r capture.Record, at int) { v.list.SelectByte(r.Number, at) }

// newestFrame returns the newest frame that is listed, among the last few.
func newestFrame(index widgets.Frames, last int64) (framing.Frame, error) {
	var few [16]framing.Frame
	from := max(last-int64(len(few))+1, index.Stats().First)
	n, err := index.Frames(few[:last-from+1], from)
	for i := n - 1; i >= 0; i-- {
		if few[i].Kind == capture.Data {
			return few[i], nil
		}
	}
	if err == nil {
		err = io.EOF
	}
	return framing.Frame{}, err
}

// followFrames is followNewest where frames are shown.
func (v *trafficView) followFrames(index *framing.Index) {
	last := index.Stats().Last
	if last == v.followed {
		return
	}
	f, err := newestFrame(v.frames.reader, last)
	if errors.Is(err, widgets.ErrNotYet) {
		v.moved = time.Time{} // with the next look
		return
	}
	if err == nil {
		v.followed = last
		v.inspectFrame(&f)
	}
}

// goToFrame selects what has that number in the list of frames.
func (v *trafficView) goToFrame(index *framing.Index, number int64) error {
	if !v.list.SelectListed(number) {
		s := index.Stats()
		return errors.New(words.Say("there is no frame %d: the list holds %d to %d", number, s.First, s.Last))
	}
	return nil
}
