package widgets

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"wirebench/widgets/grid"
)

// client is a row with a number, ready to be changed.
func client(n int64, change func(r *ClientRow)) ClientRow {
	r := ClientRow{
		Number: n, Address: fmt.Sprintf("127.0.0.1:%d", 50000+n), Local: "127.0.0.1:7777", State: ClientOpen,
		Since: clientsNow.Add(-time.Hour), Seen: clientsNow.Add(-3 * time.Second),
	}
	if change != nil {
		change(&r)
	}
	return r
}

func clientsTo(n int64) (rows []ClientRow) {
	for i := int64(1); i <= n; i++ {
		rows = append(rows, client(i, nil))
	}
	return rows
}

func newTestClients(t *testing.T, width float32, rows []ClientRow) (*ClientList, fyne.Window) {
	l := NewClientList()
	w := stage(t, container.NewStack(l), fyne.NewSize(width, 300))
	l.SetClients(rows, clientsNow)
	return l, w
}

// clientLine returns a row as text, without the blanks at its end.
func clientLine(l *ClientList, row int64) string {
	return strings.TrimRight(cellsText(l.rows.Row(row, nil)), " ")
}

func clientHead(l *ClientList) string { return strings.TrimRight(cellsText(l.grid.HeaderLine), " ") }

// order is the numbers of the rows from the top.
func order(l *ClientList) (all []int64) {
	for row := range l.rows.Rows() {
		all = append(all, l.rows.number(row))
	}
	return all
}

func wantNumbers(t *testing.T, what string, got []int64, want ...int64) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestAClientIsARowOfColumns(t *testing.T) {
	l, _ := newTestClients(t, 1900, []ClientRow{
		client(1, func(r *ClientRow) {
			r.BytesIn, r.BytesOut, r.MessagesIn, r.MessagesOut = 1234, 5<<20, 1234, 56
			r.Rate, r.Pending, r.Dropped, r.TLS = 2048, 100, 7, "TLS 1.3, CN=ada"
		}),
		client(2, func(r *ClientRow) {
			r.State, r.By, r.Why, r.Ended = ClientReset, "reset", "reset by peer", clientsNow.Add(-time.Minute)
		}),
	})
	for want, got := range map[string]string{
		"   #▲ address          since       seen        in       out  msgs in  msgs out        rate   waiting  dropped  state          ended     why                   TLS":             clientHead(l),
		"   1  127.0.0.1:50001  14:04:05     3 s   1.2 KiB   5.0 MiB    1,234        56   2.0 KiB/s     100 B        7  ● open                                         TLS 1.3, CN=ada": clientLine(l, 0),
		"   2  127.0.0.1:50002  14:04:05     3 s       0 B       0 B        0         0                                 ✗ reset        15:03:05  reset by peer":                         clientLine(l, 1),
	} {
		if got != want {
			t.Errorf("got\n%q, want\n%q", got, want)
		}
	}
	l.SetTimeMode(TimeRelative)
	if got := clientLine(l, 1); !strings.Contains(got, "00:59:00") || !strings.Contains(clientHead(l), "  for  ") {
		t.Errorf("relative:\n%q\n%q", clientHead(l), got)
	}
	if l.TimeMode() != TimeRelative {
		t.Error("the mode is not remembered")
	}
}

func TestColumnsNobodyFillsAreLeftOut(t *testing.T) {
	l, _ := newTestClients(t, 1900, clientsTo(3))
	for _, name := range []string{"dropped", "ended", "why", "TLS"} {
		if strings.Contains(clientHead(l), name) {
			t.Errorf("%q stands over nothing", name)
		}
	}
	rows := clientsTo(3)
	rows[1].Dropped = 1
	l.SetClients(rows, clientsNow)
	if !strings.Contains(clientHead(l), "dropped") || strings.Contains(clientHead(l), "why") {
		t.Errorf("the header is %q", clientHead(l))
	}
}

func TestThePlainColumnsFitAUsualWindowWithoutScrollingSideways(t *testing.T) {
	rows := someClients(10000, true)
	for _, width := range []float32{1024, 700} {
		l, w := newTestClients(t, width, rows)
		fyne.CurrentApp().Settings().SetTheme(denseTheme{fixedTheme{0}})
		w.Resize(fyne.NewSize(width+1, 300))
		w.Resize(fyne.NewSize(width, 300))
		l.Refresh()
		if l.grid.Columns > l.grid.VisibleColumns() {
			t.Errorf("%v wide: %d columns, %d to be seen", width, l.grid.Columns, l.grid.VisibleColumns())
		}
		for _, name := range []string{"#", "address", "in", "out", "rate", "state"} {
			if !slices.Contains(strings.Fields(strings.ReplaceAll(clientHead(l), "▲", "")), name) {
				t.Errorf("%v wide: %q is missing from %q", width, name, clientHead(l))
			}
		}
		for row := range l.rows.Rows() {
			if got := len(l.rows.Row(row, nil)); got > l.grid.Columns {
				t.Fatalf("row %d is %d wide of %d: %q", row, got, l.grid.Columns, clientLine(l, row))
			}
		}
	}
}

func TestTheSortedColumnStaysWhenTheListIsNarrow(t *testing.T) {
	l, _ := newTestClients(t, 620, clientsTo(3))
	if strings.Contains(clientHead(l), "msgs out") {
		t.Fatalf("there is room for everything: %q", clientHead(l))
	}
	l.SetSort(ColumnMessagesOut, true)
	if !strings.Contains(clientHead(l), "msgs out▼") {
		t.Errorf("the header is %q", clientHead(l))
	}
}

func TestWhyIsReadInFullBeforeLesserColumnsAreShown(t *testing.T) {
	l, w := newTestClients(t, 1300, []ClientRow{client(1, func(r *ClientRow) {
		r.State, r.Why = ClientReset, "reset by peer: connection reset"
	})})
	for width := float32(1600); width > 500; width -= 50 {
		w.Resize(fyne.NewSize(width, 300))
		head, row := clientHead(l), clientLine(l, 0)
		if strings.Contains(head, "msgs in") && !strings.Contains(row, "connection reset") {
			t.Fatalf("%v wide:\n%s\n%s", width, head, row)
		}
	}
	if strings.Contains(clientHead(l), "msgs in") {
		t.Error("messages are counted in the narrowest list")
	}
}

func TestAWidthNeverCutsANumber(t *testing.T) {
	for range 20000 {
		n := rand.Int64N(1 << (1 + rand.IntN(62)))
		if got, has := sizeWidth(n), len(FormatSize(n)); got < has {
			t.Fatalf("%s takes %d cells and gets %d", FormatSize(n), has, got)
		}
		if got, has := countWidth(n), len(FormatCount(n)); got != has {
			t.Fatalf("%s takes %d cells and gets %d", FormatCount(n), has, got)
		}
	}
	for _, n := range []int64{0, 1023, 1024, 1023 * 1024, 1024*1024 - 1, 1 << 20, math.MaxInt64} {
		if got, has := sizeWidth(n), len(FormatSize(n)); got < has {
			t.Errorf("%s takes %d cells and gets %d", FormatSize(n), has, got)
		}
	}
}

func TestEveryColumnSortsByWhatItMeans(t *testing.T) {
	at := func(s int) time.Time { return clientsNow.Add(time.Duration(s) * time.Second) }
	l, _ := newTestClients(t, 1900, []ClientRow{ // given in no order
		client(3, func(r *ClientRow) {
			r.Address, r.Since, r.Seen = "10.0.0.9:100", at(-30), at(-5)
			r.BytesIn, r.BytesOut, r.MessagesIn, r.MessagesOut = 900, 5, 7, 1
			r.Rate, r.Pending, r.Dropped, r.State = 0.5, 0, 0, ClientShaking
			r.TLS = "TLS 1.3 with a long beginning, CN=b"
		}),
		client(1, func(r *ClientRow) {
			r.Address, r.Since, r.Seen, r.Ended = "10.0.0.10:99", at(-20), at(-50), at(-2)
			r.BytesIn, r.BytesOut, r.MessagesIn, r.MessagesOut = 1024, 10, 7, 2
			r.Rate, r.Pending, r.Dropped, r.State = math.NaN(), 9, 1, ClientReset
			r.Why, r.TLS = "reset by peer: broken pipe", "TLS 1.3 with a long beginning, CN=a"
		}),
		client(2, func(r *ClientRow) {
			r.Address, r.Since, r.Seen, r.Ended = "10.0.0.9:1000", at(-40), time.Time{}, at(-1)
			r.BytesIn, r.BytesOut, r.MessagesIn, r.MessagesOut = 10, 5, 8, 3
			r.Rate, r.Pending, r.Dropped, r.State = 12, 10, 2, ClientClosed
			r.Why = "closed by peer"
		}),
	})
	for _, c := range []struct {
		column   ClientColumn
		up, down []int64
	}{
		{ColumnNumber, []int64{1, 2, 3}, []int64{3, 2, 1}},
		{ColumnAddress, []int64{3, 2, 1}, []int64{1, 2, 3}}, // by value: 9 before 10, and then by port
		{ColumnSince, []int64{2, 3, 1}, []int64{1, 3, 2}},
		{ColumnSeen, []int64{3, 1, 2}, []int64{1, 3, 2}}, // never comes last either way
		{ColumnIn, []int64{2, 3, 1}, []int64{1, 3, 2}},
		{ColumnOut, []int64{2, 3, 1}, []int64{1, 2, 3}}, // 2 and 3 are equal and stand by number
		{ColumnMessagesIn, []int64{1, 3, 2}, []int64{2, 1, 3}},
		{ColumnMessagesOut, []int64{3, 1, 2}, []int64{2, 1, 3}},
		{ColumnRate, []int64{1, 3, 2}, []int64{2, 3, 1}},
		{ColumnPending, []int64{3, 1, 2}, []int64{2, 1, 3}},
		{ColumnDropped, []int64{3, 1, 2}, []int64{2, 1, 3}},
		{ColumnState, []int64{3, 2, 1}, []int64{1, 2, 3}},
		{ColumnEnded, []int64{1, 2, 3}, []int64{2, 1, 3}}, // who has not ended comes last
		{ColumnWhy, []int64{2, 1, 3}, []int64{1, 2, 3}},
		{ColumnTLS, []int64{1, 3, 2}, []int64{3, 1, 2}}, // beyond the beginning, which is the same
	} {
		l.SetSort(c.column, false)
		wantNumbers(t, clientColumnKinds[c.column].title.English(), order(l), c.up...)
		if head := clientHead(l); strings.Count(head, "▲") != 1 || strings.Contains(head, "▼") {
			t.Errorf("the arrow is wrong in %q", head)
		}
		l.SetSort(c.column, true)
		wantNumbers(t, clientColumnKinds[c.column].title.English()+" descending", order(l), c.down...)
		if head := clientHead(l); strings.Count(head, "▼") != 1 || strings.Contains(head, "▲") {
			t.Errorf("the arrow is wrong in %q", head)
		}
	}
	l.SetTimeMode(TimeRelative)
	l.SetSort(ColumnSince, false)
	wantNumbers(t, "how long", order(l), 1, 3, 2)
}

// tapHeader presses the primary button on the name of a column.
func tapHeader(t *testing.T, l *ClientList, c ClientColumn) {
	t.Helper()
	for _, p := range l.rows.placed {
		if p.column == c {
			l.grid.OnHeaderTapped(p.start, 0)
			return
		}
	}
	t.Fatalf("there is no column %q", clientColumnKinds[c].title)
}

func TestATapOnAHeaderSortsAndAnotherReverses(t *testing.T) {
	rows := clientsTo(3)
	rows[1].BytesIn, rows[2].BytesIn = 5, 9
	rows[0].Address = "9.9.9.9:1"
	l, _ := newTestClients(t, 1000, rows)
	told := 0
	l.OnSort = func() { told++ }
	tapHeader(t, l, ColumnIn)
	wantNumbers(t, "the most first", order(l), 3, 2, 1)
	tapHeader(t, l, ColumnIn)
	wantNumbers(t, "the least first", order(l), 1, 2, 3)
	tapHeader(t, l, ColumnAddress)
	if c, down := l.Sort(); c != ColumnAddress || down {
		t.Errorf("sorted by %v, descending %v", c, down)
	}
	l.SetSort(ColumnNumber, true)
	if told != 3 {
		t.Errorf("OnSort was called %d times for three taps", told)
	}
	// every cell of the header belongs to a column
	for cell := range l.grid.Columns + 40 {
		if c := l.rows.columnAt(cell); !slices.ContainsFunc(l.rows.placed, func(p placedColumn) bool { return p.column == c }) {
			t.Errorf("cell %d belongs to a column that is not there", cell)
		}
	}
}

func TestTheFilterLooksForEveryWord(t *testing.T) {
	l, _ := newTestClients(t, 1000, []ClientRow{
		client(1, func(r *ClientRow) { r.Address, r.TLS = "10.0.0.1:4000", "TLS 1.3, CN=Ärger" }),
		client(2, func(r *ClientRow) { r.Address, r.State = "[2001:db8::5]:4000", ClientHalfClosed }),
		client(12, func(r *ClientRow) { r.Address, r.Why = "10.0.0.3:77", "secret" }),
		client(345, func(r *ClientRow) { r.Address = "192.168.0.1:80" }),
	})
	for _, c := range []struct {
		text string
		want []int64
	}{
		{"", []int64{1, 2, 12, 345}},
		{"4000", []int64{1, 2}},
		{"10.0 4000", []int64{1}},
		{"HALF", []int64{2}},
		{"2001:DB8", []int64{2}},
		{"ärger", []int64{1}},
		{"CN=ÄRGER tls", []int64{1}},
		{"345", []int64{345}},
		{"#1", []int64{1}},
		{"#12  open", []int64{12}},
		{"#x", nil},
		{"secret", nil}, // the reason is not looked at
		{"nothing", nil},
	} {
		l.SetFilter(c.text)
		wantNumbers(t, fmt.Sprintf("filter %q", c.text), order(l), c.want...)
		if shown, all := l.Shown(); shown != len(c.want) || all != 4 {
			t.Errorf("filter %q: %d of %d shown", c.text, shown, all)
		}
	}
}

func TestAnEmptyListSaysWhy(t *testing.T) {
	l, _ := newTestClients(t, 1000, nil)
	hint := func(want string) {
		t.Helper()
		if l.grid.Hint != want || l.rows.Rows() != 0 {
			t.Errorf("%d rows and the hint %q, want %q", l.rows.Rows(), l.grid.Hint, want)
		}
	}
	hint("No clients yet")
	l.SetClients([]ClientRow{client(1, func(r *ClientRow) { r.State = ClientClosed })}, clientsNow)
	l.SetLiveOnly(true)
	hint("No client is connected now")
	l.SetLiveOnly(false)
	l.SetFilter("nobody")
	hint("No client matches the filter")
}

func TestClientsThatHaveEndedAreDim(t *testing.T) {
	l, _ := newTestClients(t, 1900, []ClientRow{
		client(1, nil),
		client(2, func(r *ClientRow) { r.State = ClientReset }),
		client(3, func(r *ClientRow) { r.State, r.Ended = ClientClosed, clientsNow }),
	})
	for row, dim := range []bool{false, true, true} {
		bright := 0
		for _, c := range l.rows.Row(int64(row), nil) {
			if c.Rune > ' ' && c.Rune < 0x80 && c.Fg != grid.Muted {
				bright++
			}
		}
		if dim != (bright == 0) {
			t.Errorf("row %d has %d letters that are not dim", row, bright)
		}
	}
}

func TestEveryStateHasAShapeAndAWordOfItsOwn(t *testing.T) {
	words := map[string]bool{}
	looks := map[string]bool{}
	for s := ClientShaking; s <= ClientReset; s++ {
		words[s.String()] = true
		like := grid.Cell{}
		cells := appendState(nil, &ClientRow{State: s}, like)
		looks[cellsText(cells)] = true
		if len(cells) > clientColumnKinds[ColumnState].least {
			t.Errorf("%q is too long for its column", cellsText(cells))
		}
	}
	if len(words) != 7 || len(looks) != 7 || words[""] {
		t.Errorf("the words are %v", words)
	}
	if got := ClientState(99).String(); got != "" {
		t.Errorf("an unknown state is %q", got)
	}
	newTestClients(t, 800, []ClientRow{{Number: 1, State: 99}}) // and does no harm
}

func TestNothingAPeerMadeUpReachesTheScreenAsItIs(t *testing.T) {
	evil := "CN=a\x1b[2J\r\nb\u202ec\u200b\x00\xff" + strings.Repeat("x", 100000)
	l, _ := newTestClients(t, 1900, []ClientRow{client(1, func(r *ClientRow) {
		r.TLS, r.Why, r.By, r.Address, r.State = evil, evil, evil, evil, ClientClosed
	})})
	l.SelectAll()
	text, _, _ := l.CopyText()
	line := text[strings.Index(text, "\n")+1 : len(text)-1]
	if strings.Count(line, "\t") != strings.Count(clientCopyHeader, "\t") || len(line) > 4000 {
		t.Errorf("copied as %d bytes: %q", len(line), clip(line, 300))
	}
	for what, shown := range map[string]string{"row": clientLine(l, 0), "copy": strings.ReplaceAll(line, "\t", "")} {
		for _, r := range shown {
			if !harmless(r, false) || r == utf8.RuneError {
				t.Errorf("the %s holds %q", what, r)
			}
		}
		if !strings.Contains(shown, `CN=a\x1b`) {
			t.Errorf("the %s does not say what there was: %q", what, clip(shown, 300))
		}
	}
	if n := len(l.rows.Row(0, nil)); n != l.grid.Columns {
		t.Errorf("the row is %d cells wide and the columns %d", n, l.grid.Columns)
	}
}

func TestHowAConnectionEndedIsSaidOnce(t *testing.T) {
	for want, r := range map[string]ClientRow{
		"closed by peer (FIN)":   {State: ClientClosed, By: "peer", Why: "closed by peer (FIN)"},
		"idle for 5 min (local)": {State: ClientClosed, By: "local", Why: "idle for 5 min"},
		"by local":               {State: ClientClosed, By: "local"},
		"":                       {State: ClientOpen, Why: "not yet"},
	} {
		if got := endWords(&r); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestTimesAreWrittenInTheUnitOfTheirSize(t *testing.T) {
	for want, d := range map[string]time.Duration{
		"now": 0, "59 s": 59 * time.Second, "1 min": 119 * time.Second, "59 min": time.Hour - 1, "23 h": 24*time.Hour - 1, "1 d": 24 * time.Hour,
	} {
		if got := string(appendAgo(nil, clientsNow.Add(-d), clientsNow)); got != want {
			t.Errorf("%v ago is %q, want %q", d, got, want)
		}
	}
	if got := string(appendAgo(nil, clientsNow.Add(time.Hour), clientsNow)); got != "now" {
		t.Errorf("the future is %q", got)
	}
	if got := string(appendAgo(nil, time.Time{}, clientsNow)); got != "never" {
		t.Errorf("never is %q", got)
	}
	yesterday := client(1, func(r *ClientRow) { r.Since = clientsNow.Add(-24 * time.Hour) })
	l, _ := newTestClients(t, 1900, []ClientRow{yesterday, client(2, nil)})
	if got := clientLine(l, 0); !strings.Contains(got, "2024-05-05 15:04  ") {
		t.Errorf("yesterday is %q", got)
	}
	if got := clientLine(l, 1); !strings.Contains(got, "  14:04:05  ") {
		t.Errorf("an hour ago is %q", got)
	}
}
