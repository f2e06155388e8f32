package widgets

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"

	"wirebench/sessions/capture"
	"wirebench/widgets/grid"
)

var (
	trafficStart = time.Date(2024, 5, 6, 15, 4, 5, 123456000, time.Local)
	trafficFlow  = capture.Flow{Proto: capture.TCP, Local: netip.MustParseAddrPort("127.0.0.1:50000"), Remote: netip.MustParseAddrPort("127.0.0.1:7777")}
)

// fakeRecords makes records up from their numbers, so that there can be any number of them, and counts what is read.
type fakeRecords struct {
	first, last int64
	evicted     int64
	change      func(r *capture.Record)
	payload     func(number int64) []byte
	fail        error // of everything that reads

	described, payloads int // records and payloads read
}

func (f *fakeRecords) Stats() capture.Stats {
	return capture.Stats{
		First: f.first, Last: f.last, EvictedRecords: f.evicted, EvictedBytes: f.evicted * 1024,
		Start: trafficStart, End: trafficStart.Add(time.Duration(min(f.last-1, 1<<30)) * 1500 * time.Microsecond),
	}
}

func (f *fakeRecords) data(n int64) []byte {
	if f.payload != nil {
		return f.payload(n)
	}
	return fmt.Appendf(nil, "payload of record %d", n)
}

func (f *fakeRecords) make(n int64) capture.Record {
	r := capture.Record{
		Number: n, Time: trafficStart.Add(time.Duration(n-1) * 1500 * time.Microsecond), Dir: capture.Direction(n % 2), Flow: trafficFlow,
		Len: len(f.data(n)), WireLen: len(f.data(n)),
	}
	if f.change != nil {
		f.change(&r)
	}
	return r
}

func (f *fakeRecords) Record(n int64) (capture.Record, error) {
	var r [1]capture.Record
	_, err := f.Records(n, r[:])
	return r[0], err
}

func (f *fakeRecords) Records(from int64, dst []capture.Record) (int, error) {
	switch {
	case f.fail != nil:
		return 0, f.fail
	case from < f.first:
		return 0, capture.ErrEvicted
	}
	for i := range dst {
		if from+int64(i) > f.last {
			return i, io.EOF
		}
		dst[i] = f.make(from + int64(i))
		f.described++
	}
	return len(dst), nil
}

func (f *fakeRecords) Payload(r capture.Record, p []byte, off int) (int, error) {
	f.payloads++
	if r.Number < f.first {
		return 0, capture.ErrEvicted
	}
	n := copy(p, f.data(r.Number)[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// listFilter is a RecordFilter over a list of numbers.
type listFilter []int64

func (l listFilter) Len() int64 { return int64(len(l)) }
func (l listFilter) Nth(i int64) (int64, bool) {
	if i < 0 || i >= int64(len(l)) {
		return 0, false
	}
	return l[i], true
}
func (l listFilter) IndexOf(n int64) int64 {
	i, _ := slices.BinarySearch(l, n)
	return int64(i)
}

func newTestTraffic(t *testing.T, src *fakeRecords) (*TrafficList, fyne.Window) {
	l := NewTrafficList(src)
	w := stage(t, container.NewStack(l), fyne.NewSize(1000, 400))
	l.Update()
	return l, w
}

// line returns a row as text, without the blanks at its end.
func line(l *TrafficList, row int64) string {
	var b strings.Builder
	for _, c := range l.rows.Row(row, nil) {
		if c.Rune != 0 {
			b.WriteRune(c.Rune)
		}
	}
	return strings.TrimRight(b.String(), " ")
}

func TestARecordIsARowOfColumns(t *testing.T) {
	l, _ := newTestTraffic(t, &fakeRecords{first: 1, last: 3})
	for row, want := range map[int64]string{
		1: "   1  15:04:05.123456                →  127.0.0.1:7777      19  payload of record 1",
		2: "   2  15:04:05.124956     +0.001500  ←  127.0.0.1:7777      19  payload of record 2",
	} {
		if got := line(l, row); got != want {
			t.Errorf("row %d is\n%q, want\n%q", row, got, want)
		}
	}
	l.SetTimeMode(TimeRelative)
	want := "   3     0.003000     +0.001500  →  127.0.0.1:7777      19  payload of record 3"
	if got := line(l, 3); got != want {
		t.Errorf("row 3 is\n%q, want\n%q", got, want)
	}
	header := ""
	for _, c := range l.grid.HeaderLine {
		header += string(c.Rune)
	}
	if want := "   #      seconds         delta     peer            length  data"; strings.TrimRight(header, " ") != want {
		t.Errorf("header is\n%q, want\n%q", header, want)
	}
}

func TestTheHeaderStandsOverItsColumns(t *testing.T) {
	l, _ := newTestTraffic(t, &fakeRecords{first: 1, last: 123_456_789})
	header := ""
	for _, c := range l.grid.HeaderLine {
		header += string(c.Rune)
	}
	row := []rune(line(l, 123_456_789))
	for name, at := range map[string]string{"peer": "127.0.0.1:7777", "data": "payload"} {
		if i, j := strings.Index(header, name), len([]rune(strings.Split(string(row), at)[0])); i != j {
			t.Errorf("%s stands at %d and its column at %d", name, i, j)
		}
	}
}

func TestDirectionsDifferByArrowAndByColour(t *testing.T) {
	l, _ := newTestTraffic(t, &fakeRecords{first: 1, last: 2})
	for row, want := range map[int64]grid.Cell{1: {Rune: '→', Fg: grid.Out}, 2: {Rune: '←', Fg: grid.In}} {
		found := false
		for _, c := range l.rows.Row(row, nil) {
			found = found || c.Rune == want.Rune && c.Fg == want.Fg
		}
		if !found {
			t.Errorf("row %d has no %c in its colour", row, want.Rune)
		}
	}
}

func TestRowsWithoutPayloadShowTheirNoteMuted(t *testing.T) {
	kinds := map[int64]capture.Kind{1: capture.Open, 2: capture.Close, 3: capture.Reset, 4: capture.Note, 5: capture.Close, 6: capture.Data}
	notes := map[int64]string{1: "connected in 1.2 ms", 2: "closed by peer (FIN)", 3: "reset by peer", 4: "half-closed \u202eby us\n", 6: "replayed"}
	l, _ := newTestTraffic(t, &fakeRecords{first: 1, last: 6, change: func(r *capture.Record) {
		r.Kind, r.Note = kinds[r.Number], notes[r.Number]
		if r.Kind != capture.Data {
			r.Len = 0
		}
	}})
	for row, want := range map[int64]string{
		1: "· open: connected in 1.2 ms", 2: "· close: closed by peer (FIN)", 3: "· reset: reset by peer", 4: `· half-closed \u202eby us\n`, 5: "· close",
		6: "payload of record 6  replayed",
	} {
		if got := line(l, row); !strings.HasSuffix(got, "  "+want) {
			t.Errorf("row %d is %q, want it to end in %q", row, got, want)
		}
	}
	if cells := l.rows.Row(2, nil); cells[len(cells)-1].Fg != grid.Muted {
		t.Error("a row without payload is not muted")
	}
	if got := line(l, 4); strings.ContainsAny(got, "←→") {
		t.Errorf("a note has a direction: %q", got)
	}
}

func TestHostilePayloadIsShownAndNotObeyed(t *testing.T) {
	l, _ := newTestTraffic(t, &fakeRecords{first: 1, last: 1, payload: func(int64) []byte {
		return []byte("\x1b[2Jevil\u202egpj\x00\xff\r\n\u200bé漢")
	}})
	got := line(l, 1)
	for _, bad := range []string{"\x1b", "\u202e", "\x00", "\r", "\n", "\u200b"} {
		if strings.Contains(got, bad) {
			t.Errorf("%q reached the screen in %q", bad, got)
		}
	}
	if !strings.Contains(got, "evil") || !strings.Contains(got, "é漢") {
		t.Errorf("the harmless part is missing: %q", got)
	}
}

func TestControlCharactersAreMutedEscapesThatFit(t *testing.T) {
	l, _ := newTestTraffic(t, &fakeRecords{first: 1, last: 2, payload: func(n int64) []byte {
		if n == 1 {
			return []byte("a\r\n\t\x00\x1b\\n")
		}
		return bytes.Repeat([]byte("\r\n"), 1000)
	}})
	cells := l.rows.Row(1, nil)
	text, muted := "", ""
	for _, c := range cells[l.rows.fixed():] {
		text += string(c.Rune)
		muted += map[bool]string{true: "m", false: "-"}[c.Fg == grid.Muted]
	}
	if text != `a\r\n\t\0·\n` || muted != "-mmmmmmmmm--" {
		t.Errorf("shown as %s, muted %s", text, muted)
	}
	if n := len(l.rows.Row(2, nil)); n != l.rows.fixed()+l.rows.previewWidth {
		t.Errorf("a row is %d cells wide, want %d", n, l.rows.fixed()+l.rows.previewWidth)
	}
}

func TestUpdateReadsOnlyWhatIsOnScreenAndThatOnce(t *testing.T) {
	src := &fakeRecords{first: 1, last: 1 << 50} // far beyond what a float32 can count
	l, _ := newTestTraffic(t, src)
	rows := l.grid.VisibleRows()
	src.described, src.payloads = 0, 0
	src.last += 1000
	l.Update()
	if src.described > rows+4 || src.payloads > rows+2 || src.payloads < rows-1 {
		t.Errorf("%d rows on screen, %d records and %d payloads read", rows, src.described, src.payloads)
	}
	if got := line(l, src.last); !strings.HasPrefix(got, "1125899906843624  ") {
		t.Errorf("last row is %q", got)
	}
	src.described, src.payloads = 0, 0
	l.Update()
	if src.described != 0 || src.payloads != 0 {
		t.Errorf("nothing new, and %d records and %d payloads read", src.described, src.payloads)
	}
	src.last += 3
	l.Update()
	if src.described > 4 || src.payloads > 4 {
		t.Errorf("three new rows, and %d records and %d payloads read", src.described, src.payloads)
	}
}

func TestTheListFollowsTheEndUntilItIsScrolledUp(t *testing.T) {
	src := &fakeRecords{first: 1, last: 10000}
	l, _ := newTestTraffic(t, src)
	end := func() int64 { return l.grid.Top() + int64(l.grid.VisibleRows()) - 1 }
	if end() != 10000 || !l.Following() {
		t.Fatalf("shows up to %d, following %v", end(), l.Following())
	}
	src.last = 20000
	l.Update()
	if end() != 20000 {
		t.Errorf("shows up to %d after new records", end())
	}
	l.grid.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, 200)})
	top := l.grid.Top()
	src.last = 30000
	l.Update()
	if l.grid.Top() != top || l.Following() {
		t.Errorf("top moved from %d to %d, following %v", top, l.grid.Top(), l.Following())
	}
	l.grid.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEnd})
	if end() != 30000 || !l.Following() {
		t.Errorf("End shows up to %d, following %v", end(), l.Following())
	}
}

// click presses the primary button on the i-th row on screen.
func click(l *TrafficList, i int, mods fyne.KeyModifier) {
	h := l.grid.CellSize().Height
	l.grid.MouseDown(&desktop.MouseEvent{Button: desktop.MouseButtonPrimary, Modifier: mods,
		PointEvent: fyne.PointEvent{Position: fyne.NewPos(200, h*(float32(i)+2)-2)}})
	l.grid.MouseUp(&desktop.MouseEvent{Button: desktop.MouseButtonPrimary})
}

func TestRowsAreSelectedByClickAndByKey(t *testing.T) {
	src := &fakeRecords{first: 1, last: 1000}
	l, _ := newTestTraffic(t, src)
	var got []int64
	l.OnSelect = func(r capture.Record) { got = append(got, r.Number) }
	l.SetFollow(false)
	l.grid.ScrollToTop(100)
	l.Update()
	click(l, 2, 0)
	click(l, 5, fyne.KeyModifierShift)
	if a, b, ok := l.Selection(); !ok || a != 102 || b != 105 {
		t.Fatalf("selected %d to %d (%v)", a, b, ok)
	}
	if !l.holds(103) || l.holds(106) || l.holds(101) {
		t.Error("the range is wrong")
	}
	if c := l.rows.Row(104, nil); c[0].Bg != grid.Selection {
		t.Error("a selected row does not look selected")
	}
	key := func(k fyne.KeyName, mods fyne.KeyModifier) { l.key(&fyne.KeyEvent{Name: k}, mods) }
	key(fyne.KeyDown, 0)
	key(fyne.KeyUp, fyne.KeyModifierShift)
	key(fyne.KeyHome, 0)
	key(fyne.KeyUp, 0)
	key(fyne.KeyEnd, 0)
	key(fyne.KeyPageUp, 0)
	page := int64(l.grid.VisibleRows() - 1)
	if want := []int64{102, 105, 106, 105, 1, 1000, 1000 - page}; !slices.Equal(got, want) {
		t.Errorf("selected %v, want %v", got, want)
	}
	key(fyne.KeyEscape, 0)
	if _, ok := l.Selected(); ok {
		t.Error("Escape does not clear the selection")
	}
	key(fyne.KeyA, fyne.KeyModifierShortcutDefault)
	if a, b, _ := l.Selection(); a != 1 || b != 1000 {
		t.Errorf("everything is %d to %d", a, b)
	}
}

func TestSelectingARowKeepsItInPlaceWhileTrafficGoesOn(t *testing.T) {
	src := &fakeRecords{first: 1, last: 1000}
	l, _ := newTestTraffic(t, src)
	click(l, 3, 0)
	r, _ := l.Selected()
	top := l.grid.Top()
	src.last = 5000
	l.Update()
	if l.grid.Top() != top || r.Number != top+3 {
		t.Errorf("top went from %d to %d; selected %d", top, l.grid.Top(), r.Number)
	}
	l.key(&fyne.KeyEvent{Name: fyne.KeyEnd}, 0)
	l.key(&fyne.KeyEvent{Name: fyne.KeyUp}, 0)
	top = l.grid.Top()
	src.last = 6000
	l.Update()
	if r, _ := l.Selected(); l.grid.Top() != top || r.Number != 4999 || l.Following() {
		t.Errorf("by key: top went from %d to %d; selected %d, following %v", top, l.grid.Top(), r.Number, l.Following())
	}
	l.key(&fyne.KeyEvent{Name: fyne.KeyEnd}, 0)
	src.last = 7000
	l.Update()
	if top := l.grid.Top() + int64(l.grid.VisibleRows()) - 1; top != 7000 {
		t.Errorf("the list does not follow again: it shows up to %d", top)
	}
}

func TestSelectNumberScrollsThereAndTellsWhenItCannot(t *testing.T) {
	src := &fakeRecords{first: 500, last: 1 << 40, evicted: 499}
	l, _ := newTestTraffic(t, src)
	if !l.SelectNumber(1<<39) || l.grid.Top() > 1<<39 || l.grid.Top()+int64(l.grid.VisibleRows()) <= 1<<39 {
		t.Errorf("not in view: top is %d", l.grid.Top())
	}
	for _, n := range []int64{0, -1, 499, 1<<40 + 1} {
		if l.SelectNumber(n) {
			t.Errorf("selected record %d, which is not there", n)
		}
	}
	if r, ok := l.Selected(); !ok || r.Number != 1<<39 {
		t.Errorf("the selection became %d", r.Number)
	}
}

func TestAFilterShowsItsRecordsAndKeepsTheSelectedOne(t *testing.T) {
	src := &fakeRecords{first: 1, last: 100000}
	l, _ := newTestTraffic(t, src)
	var f listFilter
	for n := int64(3); n <= 100000; n += 7 {
		f = append(f, n)
	}
	l.SelectNumber(5001) // 3 + 714*7
	l.SetFilter(f)
	if l.rows.Rows() != int64(len(f)) || l.rows.First() != 0 {
		t.Fatalf("%d rows from %d", l.rows.Rows(), l.rows.First())
	}
	if top := l.grid.Top(); top > 714 || top+int64(l.grid.VisibleRows()) <= 714 {
		t.Errorf("the selected record is at row 714, and the top row is %d", top)
	}
	if got := line(l, 714); !strings.HasPrefix(got, "  5001  ") || !strings.Contains(got, " +0.010500 ") {
		t.Errorf("row 714 is %q; its delta is to the row before", got)
	}
	if l.SelectNumber(5002) {
		t.Error("selected a record that is not chosen")
	}
	l.SetFilter(nil)
	if top := l.grid.Top(); top > 5001 || top+int64(l.grid.VisibleRows()) <= 5001 {
		t.Errorf("without the filter the top row is %d", top)
	}
	l.SetFilter(listFilter{})
	if l.rows.Rows() != 0 || !strings.Contains(l.grid.Hint, "filter") {
		t.Errorf("%d rows, hint %q", l.rows.Rows(), l.grid.Hint)
	}
}

func TestAFilterThatLosesRecordsKeepsTheViewInPlace(t *testing.T) {
	src := &fakeRecords{first: 1, last: 1000}
	l, _ := newTestTraffic(t, src)
	var f listFilter
	for n := int64(1); n <= 1000; n++ {
		f = append(f, n)
	}
	l.SetFilter(f)
	l.SetFollow(false)
	l.grid.ScrollToTop(500)
	l.Update()
	before, _ := l.rows.number(l.grid.Top())
	src.first, src.evicted = 200, 199
	l.rows.filter = f[199:]
	l.Update()
	if after, _ := l.rows.number(l.grid.Top()); after != before || before != 501 {
		t.Errorf("the top row went from record %d to %d", before, after)
	}
}

func TestEvictedRecordsAreAccountedForInARow(t *testing.T) {
	src := &fakeRecords{first: 1, last: 1000}
	l, _ := newTestTraffic(t, src)
	l.SetFollow(false)
	l.grid.ScrollToTop(1)
	l.Update()
	src.first, src.evicted = 501, 500
	l.Update()
	if l.rows.First() != 500 || line(l, 500) != "… 500 records (500.0 KiB) evicted to stay within the disk budget" {
		t.Errorf("first row %d is %q", l.rows.First(), line(l, 500))
	}
	if got := line(l, 7); got != "   7  evicted" {
		t.Errorf("a row that is still on screen is %q", got)
	}
	l.key(&fyne.KeyEvent{Name: fyne.KeyHome}, 0)
	if r, _ := l.Selected(); r.Number != 501 {
		t.Errorf("Home selects record %d", r.Number)
	}
	l.grid.OnTapped(500, 0, 0)
	if r, _ := l.Selected(); r.Number != 501 {
		t.Errorf("the row about eviction was selected as record %d", r.Number)
	}
}

func TestAReadErrorIsShownInItsRowAndTriedAgain(t *testing.T) {
	src := &fakeRecords{first: 1, last: 5, fail: errors.New("read segment: input/output error")}
	l, _ := newTestTraffic(t, src)
	if got := line(l, 3); !strings.Contains(got, "cannot be read: read segment") {
		t.Errorf("row is %q", got)
	}
	src.fail = nil
	l.Update()
	if got := line(l, 3); !strings.Contains(got, "payload of record 3") {
		t.Errorf("row is %q", got)
	}
}

func TestColumnsWidenToWhatIsInThemWithinBounds(t *testing.T) {
	src := &fakeRecords{first: 1, last: 3, change: func(r *capture.Record) {
		switch r.Number {
		case 2:
			r.Flow.Remote = netip.MustParseAddrPort("[2001:db8:1111:2222:3333:4444:5555:7777]:65535")
			r.Len, r.WireLen = 96, 1514
		case 3:
			r.Flow.Remote = netip.AddrPort{}
		}
	}, payload: func(int64) []byte { return bytes.Repeat([]byte("x"), 2000) }}
	l, _ := newTestTraffic(t, src)
	if l.rows.peerWidth != mostPeer {
		t.Errorf("the peer column is %d wide", l.rows.peerWidth)
	}
	if got := line(l, 2); !strings.Contains(got, "2001:db8") || !strings.Contains(got, "7777]:65535 ") || !strings.Contains(got, " 96/1,514 ") {
		t.Errorf("row 2 is %q", got)
	}
	x := func(row int64) int { return len([]rune(strings.Split(line(l, row), "xxx")[0])) }
	if x(1) != x(2) || x(2) != x(3) {
		t.Errorf("previews begin at %d, %d and %d", x(1), x(2), x(3))
	}
	if n := len([]rune(line(l, 1))); n > l.grid.VisibleColumns() {
		t.Errorf("a row is %d wide and %d fit", n, l.grid.VisibleColumns())
	}
}

func TestSelectedRowsAreCopiedAsTextWithinBounds(t *testing.T) {
	src := &fakeRecords{first: 1, last: 10000}
	l, _ := newTestTraffic(t, src)
	var notices []string
	l.OnNotice = func(s string) { notices = append(notices, s) }
	l.key(&fyne.KeyEvent{Name: fyne.KeyC}, fyne.KeyModifierShortcutDefault)
	if got := fyne.CurrentApp().Clipboard().Content(); got != "" {
		t.Errorf("copied %q with nothing selected", got)
	}
	l.SelectNumber(2)
	l.selectRow(3, true)
	l.key(&fyne.KeyEvent{Name: fyne.KeyC}, fyne.KeyModifierShortcutDefault)
	want := "2\t15:04:05.124956\tin\t127.0.0.1:7777\t19\tpayload of record 2\n3\t15:04:05.126456\tout\t127.0.0.1:7777\t19\tpayload of record 3\n"
	if got := fyne.CurrentApp().Clipboard().Content(); got != want {
		t.Errorf("copied\n%q, want\n%q", got, want)
	}
	l.selectAll()
	text, rows, left := l.CopyText()
	if rows != copiedRows || left != 5000 || strings.Count(text, "\n") != copiedRows {
		t.Errorf("copied %d rows, left out %d", rows, left)
	}
	l.Copy()
	if len(notices) != 1 || !strings.Contains(notices[0], "5,000 rows of 10,000") {
		t.Errorf("said %q", notices)
	}
}

func TestTheMenuSelectsWhatItIsAbout(t *testing.T) {
	l, _ := newTestTraffic(t, &fakeRecords{first: 1, last: 100})
	var got []int64
	l.OnMenu = func(r capture.Record, _ fyne.Position) { got = append(got, r.Number) }
	l.SelectNumber(10)
	l.selectRow(20, true)
	l.grid.OnMenu(15, 0, fyne.Position{})
	if a, b, _ := l.Selection(); a != 10 || b != 20 {
		t.Errorf("a menu within the selection changed it to %d to %d", a, b)
	}
	l.grid.OnMenu(30, 0, fyne.Position{})
	if a, b, _ := l.Selection(); a != 30 || b != 30 {
		t.Errorf("a menu beside the selection left it at %d to %d", a, b)
	}
	l.grid.OnMenu(-1, 0, fyne.Position{})
	if !slices.Equal(got, []int64{15, 30}) {
		t.Errorf("menus for %v", got)
	}
}

func TestAnEmptyListDoesNothing(t *testing.T) {
	l, _ := newTestTraffic(t, &fakeRecords{first: 1, last: 0})
	for _, k := range []fyne.KeyName{fyne.KeyUp, fyne.KeyDown, fyne.KeyHome, fyne.KeyEnd, fyne.KeyPageDown, fyne.KeyEscape} {
		l.key(&fyne.KeyEvent{Name: k}, 0)
	}
	l.selectAll()
	l.Copy()
	click(l, 0, 0)
	if _, ok := l.Selected(); ok || l.grid.Hint == "" {
		t.Errorf("something is selected, or hint %q", l.grid.Hint)
	}
}

func TestARealCaptureIsShown(t *testing.T) {
	log, err := capture.Create(capture.Options{Dir: t.TempDir(), Meta: capture.Meta{Kind: "tcp", Name: "127.0.0.1:7777"}})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Release()
	defer log.Close()
	log.Append(trafficFlow, capture.Out, capture.Open, nil, "connecting")
	log.Append(trafficFlow, capture.Out, capture.Data, []byte("GET / HTTP/1.1\r\n\r\n"), "")
	log.Append(trafficFlow, capture.In, capture.Data, bytes.Repeat([]byte("0123456789"), 1000), "")
	if err := log.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	l := NewTrafficList(log)
	stage(t, l, fyne.NewSize(900, 300))
	l.Update()
	last := log.Stats().Last
	if got := line(l, last); !strings.Contains(got, "10,000  0123456789") {
		t.Errorf("last row is %q", got)
	}
	if got := line(l, last-1); !strings.Contains(got, `GET / HTTP/1.1\r\n\r\n`) {
		t.Errorf("row before is %q", got)
	}
	f := capture.NewFilter(log, capture.Criteria{Text: "GET"})
	defer f.Close()
	l.SetFilter(f)
	if got := l.rows.Rows(); got > 1 {
		t.Errorf("%d rows through the filter", got)
	}
}

func TestTheTrafficListLooksRight(t *testing.T) {
	src := &fakeRecords{first: 1, last: 24, payload: func(n int64) []byte {
		switch n % 5 {
		case 0:
			return []byte("GET /index.html HTTP/1.1\r\nHost: example.org\r\nAccept: */*\r\n\r\n")
		case 1:
			return []byte("\x00\x01\x02\xff\xfe binary \x1b[31m\u202e and 漢字 text")
		}
		return bytes.Repeat([]byte("HTTP/1.1 200 OK\r\nContent-Length: 12345 "), int(min(n, 100)))
	}, change: func(r *capture.Record) {
		switch r.Number {
		case 1:
			r.Kind, r.Note, r.Len = capture.Open, "connected in 1.2 ms", 0
		case 9:
			r.Flow.Remote = netip.MustParseAddrPort("[2001:db8::7777]:443")
		case 12:
			r.Kind, r.Note, r.Len = capture.Note, "half-closed by us, waiting for the peer", 0
		case 13:
			r.Kind, r.Note, r.Len, r.Dir = capture.Close, "closed by peer (FIN)", 0, capture.In
		case 14:
			r.Kind, r.Note, r.Len, r.Dir = capture.Reset, "reset by peer: connection reset", 0, capture.In
		}
	}}
	l, w := newTestTraffic(t, src)
	l.SelectNumber(5)
	l.selectRow(7, true)
	looks(t, w, "traffic-few")
	src.last, src.first, src.evicted = 1_234_567, 1_200_000, 1_199_999
	l.SetTimeMode(TimeRelative)
	l.SetFollow(false)
	l.Update()
	l.key(&fyne.KeyEvent{Name: fyne.KeyHome}, 0)
	l.grid.ScrollToTop(1_199_999)
	looks(t, w, "traffic-many")
	w.Resize(fyne.NewSize(480, 300))
	looks(t, w, "traffic-narrow")
	empty, we := newTestTraffic(t, &fakeRecords{first: 1, last: 0})
	looks(t, we, "traffic-empty")
	_ = empty
}

func BenchmarkUpdateWithAllRowsChanged(b *testing.B) {
	src := &fakeRecords{first: 1, last: 1000, payload: func(n int64) []byte { return benchPayload[n%16:] }}
	l := NewTrafficList(src)
	l.Resize(fyne.NewSize(1200, 900))
	l.CreateRenderer().Layout(fyne.NewSize(1200, 900))
	l.Update()
	b.ReportMetric(float64(l.grid.VisibleRows()), "rows")
	b.ReportAllocs()
	for b.Loop() {
		src.last += 1000
		l.Update()
	}
}

func BenchmarkUpdateWithNothingNew(b *testing.B) {
	src := &fakeRecords{first: 1, last: 1000}
	l := NewTrafficList(src)
	l.CreateRenderer().Layout(fyne.NewSize(1200, 900))
	l.Update()
	b.ReportAllocs()
	for b.Loop() {
		l.Update()
	}
}

var benchPayload = bytes.Repeat([]byte("GET /index.html HTTP/1.1\r\n"), 40)
