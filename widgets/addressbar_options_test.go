package widgets

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
)

func TestConnectOptionsSayWhatToWrite(t *testing.T) {
	o := NewConnectOptions(ConnectValues{Timeout: 20 * time.Second, NoDelay: true, KeepAlive: 15 * time.Second})
	stage(t, o, fyne.NewSize(900, 300))
	for _, c := range []struct {
		field func() *checkedEntry
		text  string
		want  string // in the sentence; "" for good
	}{
		{func() *checkedEntry { return o.timeout }, "20s", ""},
		{func() *checkedEntry { return o.timeout }, "1m30s", ""},
		{func() *checkedEntry { return o.timeout }, "500ms", ""},
		{func() *checkedEntry { return o.timeout }, " 5 ", ""},
		{func() *checkedEntry { return o.timeout }, "", "like 20s"},
		{func() *checkedEntry { return o.timeout }, "soon", "with its unit"},
		{func() *checkedEntry { return o.timeout }, "NaN", "with its unit"},
		{func() *checkedEntry { return o.timeout }, "0s", "1ms or more"},
		{func() *checkedEntry { return o.timeout }, "-3s", "1ms or more"},
		{func() *checkedEntry { return o.timeout }, "2h", "at most 1h"},
		{func() *checkedEntry { return o.timeout }, "1e300", "at most 1h"},
		{func() *checkedEntry { return o.local }, "", ""},
		{func() *checkedEntry { return o.local }, "127.0.0.1", ""},
		{func() *checkedEntry { return o.local }, "127.0.0.1:4000", ""},
		{func() *checkedEntry { return o.local }, "::1", ""},
		{func() *checkedEntry { return o.local }, "[fe80::1%eth0]:9", ""},
		{func() *checkedEntry { return o.local }, ":4000", ""},
		{func() *checkedEntry { return o.local }, ":0", "1 to 65535"},
		{func() *checkedEntry { return o.local }, ":70000", "1 to 65535"},
		{func() *checkedEntry { return o.local }, "eth0", "127.0.0.1"},
		{func() *checkedEntry { return o.keepAlive }, "30s", ""},
		{func() *checkedEntry { return o.keepAlive }, "x", "with its unit"},
	} {
		e := c.field()
		e.entry.SetText(c.text)
		got := e.problem.text
		if c.want == "" && got != "" || c.want != "" && !strings.Contains(got, c.want) {
			t.Errorf("%q: sentence %q, want %q", c.text, got, c.want)
		}
		if e.field.bad != (c.want != "") || e.entry.Text != c.text {
			t.Errorf("%q: marked %v, text kept as %q", c.text, e.field.bad, e.entry.Text)
		}
	}
}

func TestConnectOptionsTellEachChangeAndWhetherItIsGood(t *testing.T) {
	start := ConnectValues{Timeout: 20 * time.Second, NoDelay: true, KeepAlive: 15 * time.Second}
	o := NewConnectOptions(start)
	stage(t, o, fyne.NewSize(900, 300))
	var got ConnectValues
	var valid bool
	calls := 0
	o.OnChanged = func(v ConnectValues, ok bool) { got, valid = v, ok; calls++ }
	o.SetValues(start)
	if calls != 0 {
		t.Error("filling the form told of a change")
	}
	o.timeout.entry.SetText("3s")
	o.local.entry.SetText("127.0.0.1")
	test.Tap(o.noDelay)
	test.Tap(o.halfOpen)
	test.Tap(o.reset)
	want := ConnectValues{Timeout: 3 * time.Second, LocalAddress: "127.0.0.1", KeepAlive: 15 * time.Second, HalfOpen: true, ResetOnClose: true}
	if got != want || !valid {
		t.Errorf("got %+v (valid %v), want %+v", got, valid, want)
	}
	o.timeout.entry.SetText("3")
	o.timeout.entry.SetText("3x")
	if valid || got.Timeout != 3*time.Second {
		t.Errorf("bad input: valid %v, timeout %v", valid, got.Timeout)
	}
}

func TestKeepAliveCanBeSwitchedOffWhateverItsFieldHolds(t *testing.T) {
	o := NewConnectOptions(ConnectValues{KeepAlive: 15 * time.Second})
	stage(t, o, fyne.NewSize(900, 300))
	o.keepAlive.entry.SetText("rubbish")
	if _, valid := o.Values(); valid {
		t.Error("rubbish is valid")
	}
	test.Tap(o.keep)
	v, valid := o.Values()
	if !valid || v.KeepAlive != 0 || !o.keepAlive.entry.Disabled() {
		t.Errorf("off: valid %v, every %v, field disabled %v", valid, v.KeepAlive, o.keepAlive.entry.Disabled())
	}
	o.SetValues(ConnectValues{KeepAlive: 0})
	test.Tap(o.keep)
	if v, valid := o.Values(); !valid || v.KeepAlive != defaultKeepAlive || v.Timeout != 20*time.Second {
		t.Errorf("on again: valid %v, %+v", valid, v)
	}
}

func TestDurationsAreWrittenWithoutZeroParts(t *testing.T) {
	for d, want := range map[time.Duration]string{
		time.Hour: "1h", 90 * time.Second: "1m30s", 20 * time.Second: "20s", time.Minute: "1m", 10 * time.Minute: "10m",
		time.Hour + time.Second: "1h0m1s", 100 * time.Millisecond: "100ms",
	} {
		if got := shortDuration(d); got != want {
			t.Errorf("%v is written %q, want %q", d, got, want)
		}
	}
}

func TestTheConnectOptionsLookRight(t *testing.T) {
	o := NewConnectOptions(ConnectValues{NoDelay: true, KeepAlive: 15 * time.Second})
	w := stage(t, container.NewVBox(NewAddressBar("tcp"), o), fyne.NewSize(1000, 200))
	looks(t, w, "options-wide")
	o.timeout.entry.SetText("soon")
	o.local.entry.SetText("eth0")
	looks(t, w, "options-bad")
	w.Resize(fyne.NewSize(560, 400))
	looks(t, w, "options-narrow")
}
