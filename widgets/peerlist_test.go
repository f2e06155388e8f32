package widgets

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
)

func peerAt(i int) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}), uint16(40000+i%20000))
}

// somePeers makes n peers up that are always the same: the first seen first.
func somePeers(n int) []PeerRow {
	dice := rand.New(rand.NewPCG(3, 4))
	rows := make([]PeerRow, n)
	for i := range rows {
		r := &rows[i]
		r.Addr = peerAt(i)
		if i%9 == 4 {
			a := netip.MustParseAddr(fmt.Sprintf("2001:db8::%x:%x", dice.IntN(1<<16), i))
			r.Addr = netip.AddrPortFrom(a, uint16(32768+dice.IntN(28000)))
		}
		r.In, r.Out = dice.Int64N(1<<(1+dice.IntN(20))), max(dice.Int64N(1<<(1+dice.IntN(16)))-4, 0)
		r.BytesIn, r.BytesOut = r.In*dice.Int64N(1400), r.Out*dice.Int64N(1400)
		if dice.IntN(3) == 0 {
			r.Rate = float64(dice.IntN(1 << (4 + dice.IntN(20))))
		}
		r.First = clientsNow.Add(-time.Duration(n-i) * 300 * time.Millisecond)
		r.Last = r.First.Add(time.Duration(dice.Int64N(int64(clientsNow.Sub(r.First)))))
	}
	return rows
}

func newTestPeers(t *testing.T, width float32, rows []PeerRow) (*PeerList, fyne.Window) {
	l := NewPeerList()
	w := stage(t, container.NewStack(l), fyne.NewSize(width, 300))
	l.SetPeers(rows, clientsNow)
	return l, w
}

// peerLines are the header and the rows as text.
func peerLines(l *PeerList) []string {
	lines := []string{strings.TrimRight(cellsText(l.grid.HeaderLine), " ")}
	for row := range l.rows.Rows() {
		lines = append(lines, strings.TrimRight(cellsText(l.rows.Row(row, nil)), " "))
	}
	return lines
}

// peerOrder are the ports of the rows from the top.
func peerOrder(l *PeerList) (ports []int64) {
	for row := range l.rows.Rows() {
		ports = append(ports, int64(l.rows.at(row).row.Addr.Port()))
	}
	return ports
}

func TestAPeerIsARowOfColumns(t *testing.T) {
	l, _ := newTestPeers(t, 1000, []PeerRow{
		{Addr: netip.MustParseAddrPort("192.168.1.20:5000"), In: 1234, Out: 56, BytesIn: 5 << 20, BytesOut: 1234, Rate: 2048, First: clientsNow.Add(-time.Hour), Last: clientsNow.Add(-3 * time.Second)},
		{Addr: netip.MustParseAddrPort("[::ffff:10.0.0.1]:7"), Out: 1, First: clientsNow, Last: clientsNow}, // an empty datagram
	})
	want := []string{
		"address                     in      out  bytes in  bytes out        rate  first ▲     last",
		"192.168.1.20:5000        1,234       56   5.0 MiB    1.2 KiB   2.0 KiB/s  14:04:05     3 s",
		"10.0.0.1:7                            1                                   15:04:05     now",
	}
	if got := peerLines(l); !slices.Equal(got, want) {
		t.Errorf("got\n%s, want\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestEveryColumnOfPeersSortsByWhatItMeans(t *testing.T) {
	at := func(s int) time.Time { return clientsNow.Add(time.Duration(s) * time.Second) }
	p := netip.MustParseAddrPort
	l, _ := newTestPeers(t, 1000, []PeerRow{ // given in no order
		{Addr: p("10.0.0.9:3"), In: 5, Out: 1, BytesIn: 10, BytesOut: 900, Rate: 3, First: at(-10), Last: at(-3)},
		{Addr: p("10.0.0.10:1"), In: 4, Out: 3, BytesIn: 30, BytesOut: 90, Rate: 1, First: at(-30), Last: at(-2)},
		{Addr: p("[::1]:2"), In: 6, Out: 2, BytesIn: 20, BytesOut: 9000, Rate: 0.5, First: at(-20), Last: at(-1)},
	})
	wantNumbers(t, "by when they came", peerOrder(l), 1, 2, 3)
	for _, c := range []struct {
		column PeerColumn
		up     []int64
	}{
		{PeerAddress, []int64{2, 3, 1}}, {PeerIn, []int64{1, 3, 2}}, {PeerOut, []int64{3, 2, 1}}, {PeerBytesIn, []int64{3, 2, 1}},
		{PeerBytesOut, []int64{1, 3, 2}}, {PeerRate, []int64{2, 1, 3}}, {PeerFirst, []int64{1, 2, 3}}, {PeerLast, []int64{2, 1, 3}},
	} {
		name := peerColumnKinds[c.column].title.English()
		l.SetSort(c.column, false)
		wantNumbers(t, name, peerOrder(l), c.up...)
		slices.Reverse(c.up)
		l.SetSort(c.column, true)
		wantNumbers(t, name+" descending", peerOrder(l), c.up...)
	}
	told := 0
	l.OnSort = func() { told++ }
	for _, place := range l.rows.placed {
		if place.column == PeerIn {
			l.grid.OnHeaderTapped(place.start, 0)
		}
	}
	if c, down := l.Sort(); c != PeerIn || !down || told != 1 {
		t.Errorf("sorted by %v, descending %v, told %d times", c, down, told)
	}
}

func TestPeersAreFilteredByAddress(t *testing.T) {
	p := netip.MustParseAddrPort
	l, _ := newTestPeers(t, 1000, []PeerRow{{Addr: p("10.0.0.1:4000")}, {Addr: p("[2001:db8::5]:4001")}, {Addr: p("[::ffff:10.0.0.3]:77")}})
	if l.grid.Hint != "" && l.rows.Rows() == 0 {
		t.Error("no rows")
	}
	for _, c := range []struct {
		text string
		want int
	}{{"", 3}, {"10.0", 2}, {"10.0 77", 1}, {"DB8", 1}, {"ffff", 0}, {"#1", 0}} {
		l.SetFilter(c.text)
		if shown, all := l.Shown(); shown != c.want || all != 3 {
			t.Errorf("%q: %d of %d shown", c.text, shown, all)
		}
	}
	if l.grid.Hint != "No peer matches the filter" {
		t.Errorf("the hint is %q", l.grid.Hint)
	}
	l.SetPeers(nil, clientsNow)
	if l.grid.Hint != "No datagrams yet" {
		t.Errorf("the hint is %q", l.grid.Hint)
	}
}

func TestThePeersSelectedStaySoWhereverTheyGo(t *testing.T) {
	rows := somePeers(50)
	l, _ := newTestPeers(t, 1000, rows)
	told := 0
	l.OnSelect = func() { told++ }
	chosen := []netip.AddrPort{rows[7].Addr, rows[30].Addr}
	l.Select([]netip.AddrPort{rows[30].Addr, peerAt(9999), rows[7].Addr})
	if got := l.Selected(); !slices.Equal(got, chosen) || told != 1 {
		t.Fatalf("selected %v, told %d times", got, told)
	}
	slices.Reverse(rows) // an engine need not keep an order
	l.SetPeers(rows, clientsNow)
	l.SetSort(PeerBytesIn, true)
	l.SetFilter("2001:db8")
	if got := l.Selected(); !slices.Equal(got, chosen) || told != 1 || l.SelectedShown() != 0 {
		t.Errorf("selected %v of which %d shown, told %d times", got, l.SelectedShown(), told)
	}
	text, copied, left := l.CopyText()
	if copied != 2 || left != 0 || !strings.HasPrefix(text, peerCopyHeader+chosen[0].String()+"\t") {
		t.Errorf("copied %d, %d left:\n%s", copied, left, text)
	}
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		if strings.Count(line, "\t") != strings.Count(peerCopyHeader, "\t") {
			t.Errorf("columns differ: %q", line)
		}
	}
	l.SetPeers(slices.DeleteFunc(slices.Clone(rows), func(r PeerRow) bool { return r.Addr == chosen[0] }), clientsNow)
	if got := l.Selected(); !slices.Equal(got, chosen[1:]) || told != 2 {
		t.Errorf("one is gone: %v, told %d times", got, told)
	}
	l.SetPeers(rows, clientsNow) // and comes back, as another one
	if got := l.Selected(); !slices.Equal(got, chosen[1:]) || len(l.known) != 50 {
		t.Errorf("it came back: %v, %d known", got, len(l.known))
	}
	l.SetPeers(nil, clientsNow)
	if len(l.Selected()) != 0 || len(l.known) != 0 || told != 3 {
		t.Errorf("all gone: %v, %d known, told %d times", l.Selected(), len(l.known), told)
	}
}

func TestEnterAndADoubleClickOpenAPeer(t *testing.T) {
	rows := somePeers(5)
	l, w := newTestPeers(t, 1000, rows)
	var opened []netip.AddrPort
	if l.grid.OnKey(&fyne.KeyEvent{Name: fyne.KeyReturn}, 0) {
		t.Error("Enter did something without a peer")
	}
	l.OnActivate = func(a netip.AddrPort) { opened = append(opened, a) }
	l.Focus(w.Canvas())
	if !l.grid.Focused() {
		t.Error("no keyboard")
	}
	press(w, fyne.KeyDown, fyne.KeyDown, fyne.KeyReturn)
	l.grid.OnTapped(3, 0, 0)
	l.grid.OnDoubleTapped(3, 0, 0)
	if want := []netip.AddrPort{rows[1].Addr, rows[3].Addr}; !slices.Equal(opened, want) {
		t.Errorf("opened %v, want %v", opened, want)
	}
	if l.grid.OnKey(&fyne.KeyEvent{Name: fyne.KeyDelete}, 0) {
		t.Error("Delete did something")
	}
}

func TestThePeersInViewStayThereWhileOthersCome(t *testing.T) {
	rows := somePeers(2000)
	l, _ := newTestPeers(t, 1000, rows[:1000])
	l.SetSort(PeerFirst, true)
	l.grid.ScrollToTop(500)
	was := l.rows.at(l.grid.Top()).row.Addr
	l.SetPeers(rows, clientsNow)
	if got := l.rows.at(l.grid.Top()).row.Addr; got != was {
		t.Errorf("%v is at the top, want %v", got, was)
	}
}

// The most peers there can be, and many, are shown in a small part of the quarter of a second between two calls.
func BenchmarkSetPeers(b *testing.B) {
	test.NewTempApp(b)
	for _, n := range []int{10000, 65536} {
		rows := somePeers(n)
		l := NewPeerList()
		l.CreateRenderer().Layout(fyne.NewSize(1000, 600))
		for _, c := range []PeerColumn{PeerFirst, PeerAddress, PeerRate} {
			for _, filter := range []string{"", "10.0 77"} {
				b.Run(fmt.Sprint(n, " ", peerColumnKinds[c].title, " ", filter), func(b *testing.B) {
					l.SetSort(c, true)
					l.SetFilter(filter)
					for b.Loop() {
						l.SetPeers(rows, clientsNow)
					}
				})
			}
		}
	}
}

func TestShowingTheMostPeersAgainMakesNoGarbage(t *testing.T) {
	rows := somePeers(65536)
	l, _ := newTestPeers(t, 1000, rows)
	l.SetSort(PeerBytesIn, true)
	if n := testing.AllocsPerRun(3, func() { l.SetPeers(rows, clientsNow) }); n > 200 {
		t.Errorf("%.0f allocations", n)
	}
	if shown, all := l.Shown(); shown != 65536 || all != 65536 {
		t.Errorf("%d of %d shown", shown, all)
	}
}

func TestThePeerBarTellsAndCounts(t *testing.T) {
	b := NewPeerBar()
	w := stage(t, container.NewVBox(b), fyne.NewSize(700, 60))
	log := &[]string{}
	b.OnFilter = func(text string) { *log = append(*log, "filter "+text) }
	b.OnLeave = func() { *log = append(*log, "leave") }
	b.OnTraffic = func(selected bool) { *log = append(*log, fmt.Sprint("traffic ", selected)) }
	b.FocusFilter(w.Canvas())
	typing(w, "10")
	press(w, fyne.KeyReturn, fyne.KeyEscape, fyne.KeyEscape)
	wantLog(t, log, "filter 1", "filter 10", "leave", "filter ", "leave")
	w.Canvas().Focus(b.traffic)
	press(w, fyne.KeyRight, fyne.KeyLeft)
	wantLog(t, log, "traffic true", "traffic false")
	b.SetTraffic(true)
	wantLog(t, log)
	if b.traffic.chosen != 1 {
		t.Errorf("traffic %d", b.traffic.chosen)
	}
	for _, c := range []struct {
		peers, shown     int
		forgotten        int64
		selected, hidden int
		want             string
	}{
		{0, 0, 0, 0, 0, "0 peers"}, {1, 1, 0, 0, 0, "1 peer"}, {1200, 1200, 0, 0, 0, "1,200 peers"},
		{1200, 7, 0, 0, 0, "7 of 1,200 shown"}, {1200, 7, 9, 3, 0, "3 of 1,200 selected"}, {1200, 7, 0, 3, 2, "3 of 1,200 selected, 2 hidden"},
		{65536, 65536, 1000, 0, 0, "65,536 peers, 1,000 longest silent forgotten"},
	} {
		b.SetCounts(c.peers, c.shown, c.forgotten)
		b.SetSelection(c.selected, c.hidden)
		if got := b.counts.Text.Text; got != c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
}
