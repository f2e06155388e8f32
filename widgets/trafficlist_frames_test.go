package widgets

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"wirebench/sessions/capture"
	"wirebench/sessions/framing"
	"wirebench/widgets/grid"
)

// framesUnderTest is a live capture, a list of it, and how it is cut.
type framesUnderTest struct {
	t    *testing.T
	log  *capture.Log
	x    *framing.Index
	list *TrafficList
	now  time.Time
}

var gameFlow = capture.Flow{Proto: capture.TCP, Local: netip.MustParseAddrPort("127.0.0.1:5000"), Remote: netip.MustParseAddrPort("127.0.0.1:7777")}

func newFramesUnderTest(t *testing.T, options capture.Options) *framesUnderTest {
	t.Helper()
	u := &framesUnderTest{t: t, now: time.Date(2026, 1, 31, 15, 4, 5, 0, time.Local)}
	options.Dir = t.TempDir()
	options.Clock = func() time.Time { return u.now }
	l, err := capture.Create(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Delete() })
	u.log = l
	u.add(capture.Out, capture.Open, "")
	u.add(capture.In, capture.Open, "")
	u.list = NewTrafficList(l)
	stage(t, container.NewStack(u.list), fyne.NewSize(1000, 400))
	return u
}

// add appends a record, a millisecond after the one before.
func (u *framesUnderTest) add(d capture.Direction, k capture.Kind, p string) {
	u.now = u.now.Add(time.Millisecond)
	u.log.Append(gameFlow, d, k, []byte(p), "")
}

// cut shows frames.
func (u *framesUnderTest) cut(by string, more func(*FrameList)) {
	u.t.Helper()
	f, err := framing.Parse(by)
	if err != nil {
		u.t.Fatal(err)
	}
	if u.x, err = framing.NewIndex(u.log, framing.Options{In: f, Out: f, Events: true}); err != nil {
		u.t.Fatal(err)
	}
	u.t.Cleanup(u.x.Close)
	list := &FrameList{Frames: u.x}
	if more != nil {
		more(list)
	}
	u.list.SetFrames(list)
	u.settle()
}

// settle waits until all is cut and brings the list up to date.
func (u *framesUnderTest) settle() {
	u.t.Helper()
	if err := u.log.Flush(context.Background()); err != nil {
		u.t.Fatal(err)
	}
	last := u.log.Stats().Last
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
		st := u.x.Stats()
		if f, err := u.x.IndexOf(last); st.Done == st.Total && err == nil && f <= st.Last+1 && u.caughtUp(last) {
			break
		}
		if time.Now().After(end) {
			u.t.Fatal("the index does not catch up")
		}
	}
	u.list.Update()
}

// caughtUp tells whether the index has come to a record.
func (u *framesUnderTest) caughtUp(record int64) bool {
	_, err := u.x.FrameOf(record, 0)
	return err == nil || !strings.Contains(err.Error(), "EOF")
}

// rows are all rows as text.
func (u *framesUnderTest) rows() (all []string) {
	for row := u.list.rows.First(); row < u.list.rows.Rows(); row++ {
		all = append(all, line(u.list, row))
	}
	return all
}

func (u *framesUnderTest) want(rows ...string) {
	u.t.Helper()
	got := u.rows()
	if strings.Join(got, "\n") != strings.Join(rows, "\n") {
		u.t.Errorf("rows are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(rows, "\n"))
	}
}

func TestAFrameIsARowWithItsPayloadAndWhatIsWrongWithIt(t *testing.T) {
	u := newFramesUnderTest(t, capture.Options{})
	u.add(capture.In, capture.Data, "\x00\x05he")
	u.add(capture.In, capture.Data, "llo\x00\x00\x00\x04bye!\x01\x2ctwelve bytes")
	u.add(capture.Out, capture.Data, "\x00\x02ok")
	u.cut("u16be,max=1000", nil)
	u.want(
		"   1  15:04:05.001000                →  127.0.0.1:7777                   · open",
		"   2  15:04:05.002000     +0.001000  ←  127.0.0.1:7777                   · open",
		"   3  15:04:05.004000     +0.002000  ←  127.0.0.1:7777       7        5  hello",
		"   4  15:04:05.004000     +0.000000  ←  127.0.0.1:7777       2        0",
		"   5  15:04:05.004000     +0.000000  ←  127.0.0.1:7777       6        4  bye!",
		"   6  15:04:05.005000     +0.001000  →  127.0.0.1:7777       4        2  ok",
		"   7  15:04:05.004000                ←  127.0.0.1:7777      14       12  … 14 of 302 bytes  twelve bytes",
	)
	u.add(capture.In, capture.Close, "")
	u.add(capture.Out, capture.Data, "\xff\xff!")
	u.settle()
	got := u.rows()
	if !strings.HasSuffix(got[6], "  ! 14 of 302 bytes  twelve bytes") || !strings.HasSuffix(got[7], "· close") ||
		!strings.HasSuffix(got[8], "  ! declares 65,537 bytes: more than 1000 B  !") {
		t.Errorf("rows are\n%s", strings.Join(got, "\n"))
	}
	header := ""
	for _, c := range u.list.grid.HeaderLine {
		header += string(c.Rune)
	}
	if want := "   #  time                    delta     peer             whole  payload  data"; strings.TrimRight(header, " ") != want {
		t.Errorf("header is\n%q, want\n%q", header, want)
	}
	cells := u.list.rows.Row(7, nil)
	mark := strings.IndexRune(got[6], '!')
	if at := len([]rune(got[6][:mark])); cells[at].Rune != '!' || cells[at].Fg != grid.Error || !cells[at].Bold {
		t.Errorf("the mark is %+v", cells[at])
	}
}

func TestTheStateOfAFrameIsSaidInAFewWords(t *testing.T) {
	by := framing.Framing{Kind: framing.Prefix, Width: 4}
	for want, f := range map[string]framing.Frame{
		"":                 {Len: 4, Declared: 4},
		"12 of 300 bytes":  {Len: 12, Declared: 300, State: framing.Incomplete},
		"1 of 1 byte":      {Len: 1, Declared: 1, State: framing.Growing},
		"cut off":          {Len: 12, Declared: -1, State: framing.Incomplete},
		"goes on":          {Len: 12, Declared: -1, State: framing.Growing},
		"more than 16 MiB": {Len: 12, Declared: -1, State: framing.Oversize},
		"declares 70,000,000 bytes: more than 16 MiB":  {Len: 12, Declared: 70_000_000, State: framing.Oversize},
		"declares 2 bytes: less than its length takes": {Len: 12, Declared: 2, State: framing.Malformed},
		"its length cannot be read":                    {Len: 12, Declared: -1, State: framing.Malformed},
		"beginning lost":                               {Len: 12, Declared: 12, Torn: true},
		"12 of 300 bytes, its first 5 bytes evicted":   {Len: 12, Declared: 300, State: framing.Incomplete, Lost: 5, Torn: true},
	} {
		if got := FrameState(&f, by); got != want {
			t.Errorf("%+v is %q, want %q", f, got, want)
		}
	}
}

func TestWithoutHeadersThereIsOneLength(t *testing.T) {
	u := newFramesUnderTest(t, capture.Options{})
	u.add(capture.In, capture.Data, "12345678")
	u.cut("fixed:4", nil)
	if got := u.rows()[3]; got != "   4  15:04:05.003000     +0.000000  ←  127.0.0.1:7777       4  5678" {
		t.Errorf("a row is %q", got)
	}
}

func TestASelectedFrameStaysSelectedWhenItEnds(t *testing.T) {
	u := newFramesUnderTest(t, capture.Options{})
	u.add(capture.In, capture.Data, "begun")
	u.add(capture.Out, capture.Data, "other")
	u.cut("lf", nil)
	var told []string
	u.list.OnSelectFrame = func(f framing.Frame) { told = append(told, fmt.Sprintf("%d %s", f.Number, f.Dir)) }
	u.list.OnSelect = func(r capture.Record) { told = append(told, fmt.Sprintf("record %d", r.Number)) }
	if !u.list.SelectListed(3) || !u.list.SelectListed(1) || !u.list.SelectListed(3) {
		t.Fatal("it cannot be selected")
	}
	if got := strings.Join(told, ", "); got != "0 in, record 1, 0 in" {
		t.Errorf("told of %s", got)
	}
	u.add(capture.Out, capture.Data, "s\n")
	u.settle()
	if f, ok := u.list.SelectedFrame(); !ok || f.Dir != capture.In || f.Number != 0 || !u.list.holds(4) {
		t.Errorf("selected is %+v", f)
	}
	u.add(capture.In, capture.Data, "!\n")
	u.settle()
	if f, ok := u.list.SelectedFrame(); !ok || f.Number != 4 || f.Dir != capture.In {
		t.Errorf("selected is %+v", f)
	}
	if _, ok := u.list.Selected(); ok {
		t.Error("a record is selected")
	}
}

func TestWhatWasSelectedStaysSoWhileTheListBecomesAnother(t *testing.T) {
	u := newFramesUnderTest(t, capture.Options{})
	for i := range 400 {
		u.add(capture.In, capture.Data, fmt.Sprintf("%03d\nsecond line %03d\n", i, i))
	}
	if err := u.log.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	u.list.Update()
	u.list.SelectNumber(103) // the 101st read
	u.cut("lf", nil)
	if f, _ := u.list.SelectedFrame(); f.First != 103 || f.Start != 0 {
		t.Errorf("selected is %+v", f)
	}
	if top := u.list.grid.Top(); top > 203 || top+int64(u.list.grid.VisibleRows()) <= 203 {
		t.Errorf("frame 203 is selected, and the top row is %d", top)
	}
	u.list.SelectListed(304)
	u.list.SetFrames(nil)
	if r, ok := u.list.Selected(); !ok || r.Number != 153 {
		t.Errorf("selected is record %d", r.Number)
	}

	// Without a selection it is the top row that stays.
	u.list.ClearSelection()
	u.list.SetFollow(false)
	u.list.grid.ScrollToTop(53)
	u.list.Update()
	u.cut("lf", nil)
	if top := u.list.grid.Top(); top != 103 {
		t.Errorf("the top row is %d, want that of the frame with the first byte of record 53", top)
	}
	// And the end, where the list follows it.
	u.list.SetFollow(true)
	u.list.SetFrames(nil)
	if !u.list.Following() || u.list.grid.Top()+int64(u.list.grid.VisibleRows()) != 403 {
		t.Errorf("the list shows up to %d", u.list.grid.Top()+int64(u.list.grid.VisibleRows())-1)
	}
}

func TestARecordIsSelectedAsTheFrameWithItsFirstByte(t *testing.T) {
	u := newFramesUnderTest(t, capture.Options{})
	u.add(capture.In, capture.Data, "one\ntw")
	u.add(capture.In, capture.Data, "o\nthree\n")
	u.cut("lf", nil)
	for record, want := range map[int64]int64{1: 1, 3: 3, 4: 4} {
		u.list.SelectNumber(record)
		if u.list.head != want {
			t.Errorf("record %d selects row %d, want %d", record, u.list.head, want)
		}
	}
}

func TestARemarkStandsBeforeThePayloadOnceItIsKnown(t *testing.T) {
	u := newFramesUnderTest(t, capture.Options{})
	u.add(capture.In, capture.Data, "<a/>\x00<b\x00")
	known := false
	asked := 0
	u.cut("xml", func(l *FrameList) {
		l.Remark = func(f *framing.Frame) (string, bool) {
			asked++
			if f.Number == 4 {
				return "not well-formed", known
			}
			return "", true
		}
	})
	if got := u.rows()[3]; strings.Contains(got, "!") && !known {
		t.Errorf("a row is %q before it is known", got)
	}
	known = true
	u.list.Update()
	if got := u.rows()[3]; !strings.HasSuffix(got, "  ! not well-formed  <b") {
		t.Errorf("a row is %q", got)
	}
	asked = 0
	u.list.Update()
	u.rows()
	if asked != 0 {
		t.Errorf("%d frames were asked about again", asked)
	}
}

func TestWhatIsCopiedHasTheRemarksThatWereNotDrawn(t *testing.T) {
	u := newFramesUnderTest(t, capture.Options{})
	u.add(capture.In, capture.Data, "<a/>\x00<b\x00<c\x00")
	var asked []int64
	var later func()
	u.cut("xml", func(l *FrameList) {
		l.Remark = func(*framing.Frame) (string, bool) { return "", false }
		l.Remarks = func(frames []framing.Frame, then func(texts []string)) {
			var texts []string
			for _, f := range frames {
				asked = append(asked, f.Number)
				texts = append(texts, map[bool]string{true: "not well-formed"}[f.Number > 3])
			}
			later = func() { then(texts) }
		}
	})
	clipboard := fyne.CurrentApp().Clipboard()
	clipboard.SetContent("before")
	u.list.SelectListed(3)
	u.list.selectRow(5, true)
	u.list.Copy()
	if got := clipboard.Content(); got != "before" || len(asked) != 3 {
		t.Fatalf("%q is copied before it is known, frames %v were asked about", got, asked)
	}
	later()
	lines := strings.Split(clipboard.Content(), "\n")
	for i, want := range []string{"<a/>", "<b\tnot well-formed", "<c\tnot well-formed", ""} {
		if i >= len(lines) || !strings.HasSuffix(lines[i], want) || want == "" && lines[i] != "" {
			t.Errorf("row %d of %q does not end in %q", i, lines, want)
		}
	}
	// What is copied later is not overtaken by it.
	first := later
	u.list.SelectListed(4)
	u.list.Copy()
	later()
	now := clipboard.Content()
	if first(); clipboard.Content() != now || strings.Count(now, "\n") != 1 {
		t.Errorf("%q is copied, and then %q", now, clipboard.Content())
	}
}

func TestFramesAreCopiedAsText(t *testing.T) {
	u := newFramesUnderTest(t, capture.Options{})
	u.add(capture.In, capture.Data, "\x00\x02hi\x00\x09cut")
	u.add(capture.In, capture.Close, "")
	u.cut("u16be", nil)
	u.list.SelectListed(2)
	u.list.selectRow(5, true)
	text, rows, left := u.list.CopyText()
	want := "2\t15:04:05.002000\tin\t127.0.0.1:7777\t\t· open\n" +
		"3\t15:04:05.003000\tin\t127.0.0.1:7777\t4\t2\thi\n" +
		"4\t15:04:05.003000\tin\t127.0.0.1:7777\t5\t3\tcut\t5 of 11 bytes\n" +
		"5\t15:04:05.004000\tin\t127.0.0.1:7777\t\t· close\n"
	if text != want || rows != 4 || left != 0 {
		t.Errorf("copied %d rows, %d left:\n%s\nwant\n%s", rows, left, text, want)
	}
}

func TestFramesThatWereEvictedAreAccountedFor(t *testing.T) {
	u := newFramesUnderTest(t, capture.Options{SegmentSize: 64 << 10, Budget: 256 << 10})
	u.cut("lf", nil)
	for range 100 {
		for i := range 50 {
			u.add(capture.In, capture.Data, strings.Repeat("x", 90+i)+"\n")
		}
		if err := u.log.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	u.settle()
	st, first := u.log.Stats(), u.list.rows.First()
	if st.EvictedRecords == 0 || first < 2 {
		t.Fatalf("%d records were evicted, the first row is %d", st.EvictedRecords, first)
	}
	if got := line(u.list, first); !strings.Contains(got, "evicted to stay within the disk budget") {
		t.Errorf("the first row is %q", got)
	}
	if got := line(u.list, first+1); !strings.Contains(got, "xxx") || !strings.HasPrefix(strings.TrimSpace(got), fmt.Sprint(first+1)) {
		t.Errorf("the second row is %q", got)
	}
	u.list.key(&fyne.KeyEvent{Name: fyne.KeyHome}, 0)
	if f, ok := u.list.SelectedFrame(); !ok || f.Number != first+1 {
		t.Errorf("Home selects frame %d", f.Number)
	}
}

func TestTheNewestOfManyFramesThatGrowAreShown(t *testing.T) {
	u := newFramesUnderTest(t, capture.Options{})
	for i := range 100 {
		f := gameFlow
		f.Remote = netip.AddrPortFrom(f.Remote.Addr(), uint16(20000+i))
		u.log.Append(f, capture.In, capture.Data, fmt.Appendf(nil, "client %d", i), "")
	}
	u.cut("lf", nil)
	got := u.rows()
	if n := len(got) - 2; n != mostGrowing || !strings.HasSuffix(got[len(got)-1], "client 99") {
		t.Errorf("%d frames that go on are shown, the last is %q", n, got[len(got)-1])
	}
}
