package widgets

import (
	"fmt"
	"image/png"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// udpPicture is the top of a UDP tab, or a part of it, with what it holds.
type udpPicture struct {
	name   string
	height float32
	make   func() (content fyne.CanvasObject, dress func())
}

const longHost = "telemetry-gateway-17.rack-042.plant-northwest.manufacturing.example-corporation.internal:50000"

// peerPane is a bar over a list of n peers.
func peerPane(n int, dress func(*PeerBar, *PeerList)) (fyne.CanvasObject, func()) {
	b, l := NewPeerBar(), NewPeerList()
	return container.NewBorder(b, nil, nil, nil, l), func() {
		l.SetPeers(somePeers(n), clientsNow)
		if dress != nil {
			dress(b, l)
		}
		shown, all := l.Shown()
		b.SetCounts(all, shown, 0)
		b.SetSelection(len(l.Selected()), len(l.Selected())-l.SelectedShown())
	}
}

// optionsPane is the options under the bar that opens them, at a page.
func optionsPane(page string, v UDPValues, dress func(*UDPOptions)) (fyne.CanvasObject, func()) {
	b, o := NewUDPBar(), NewUDPOptions(v)
	return container.NewBorder(container.NewVBox(b, o), nil, nil, nil, widget.NewLabel("traffic")), func() {
		b.SetText("127.0.0.1:5000")
		b.SetOptionsOpen(true, false)
		o.SetInterfaces(knownInterfaces())
		o.ShowPage(page)
		if dress != nil {
			dress(o)
		}
	}
}

// knownInterfaces are those of a machine with a bit of everything.
func knownInterfaces() []UDPInterface {
	return []UDPInterface{
		{Name: "lo", Addresses: "127.0.0.1/8, ::1/128", MTU: 65536, Up: true, Loopback: true},
		{Name: "eth0", Addresses: "192.168.100.200/24, fe80::a00:27ff:fe4e:66a1/64, 2001:db8:1111:2222:a00:27ff:fe4e:66a1/64, 2001:db8:1111:2222:3333:4444:5555:6666/64", MTU: 1500, Up: true, Multicast: true},
		{Name: "tun0", Addresses: "10.8.0.6/32", MTU: 1420, Up: true},
		{Name: "br-5c1f3e1a9d20", Addresses: "172.18.0.1/16", MTU: 1500, Multicast: true},
		{Name: "wlan0", MTU: 1500, Multicast: true},
		{Name: "vEthernet (Hyper-V Virtual Ethernet Adapter of the Default Switch)", Label: "vEthernet"},
	}
}

func udpPictures() []udpPicture {
	bar := func(dress func(*UDPBar)) func() (fyne.CanvasObject, func()) {
		return func() (fyne.CanvasObject, func()) {
			b := NewUDPBar()
			return container.NewBorder(b, nil, nil, nil, widget.NewLabel("traffic")), func() { dress(b) }
		}
	}
	repeat := func(dress func(*RepeatBar)) func() (fyne.CanvasObject, func()) {
		return func() (fyne.CanvasObject, func()) {
			b := NewRepeatBar()
			return container.NewBorder(b, nil, nil, nil, widget.NewLabel("composer")), func() { dress(b) }
		}
	}
	peers := func(n int, dress func(*PeerBar, *PeerList)) func() (fyne.CanvasObject, func()) {
		return func() (fyne.CanvasObject, func()) { return peerPane(n, dress) }
	}
	options := func(page string, v UDPValues, dress func(*UDPOptions)) func() (fyne.CanvasObject, func()) {
		return func() (fyne.CanvasObject, func()) { return optionsPane(page, v, dress) }
	}
	return []udpPicture{
		{"bar-ready", 150, bar(func(b *UDPBar) { b.SetCanReply(false) })},
		{"bar-open", 150, bar(func(b *UDPBar) {
			b.SetText("*:5000")
			b.SetTarget("[2001:db8::5]:5001")
			b.SetState(UDPState{Phase: PhaseOpen, Connected: true})
		})},
		{"bar-bad", 300, bar(func(b *UDPBar) {
			b.SetText("127.0.0.1:80")
			b.SetTarget(longHost)
			b.SetState(UDPState{Phase: PhaseOpening})
			b.SetError("127.0.0.1:80 cannot be bound to: ports below 1024 need a privilege that this program lacks; choose another port, or 0 for any")
			b.SetTargetError(strings.TrimSuffix(longHost, ":50000") + " is not known: no host of that name; check it, or write an IP address")
		})},
		{"repeat-ready", 200, repeat(func(b *RepeatBar) {})},
		{"repeat-running", 200, repeat(func(b *RepeatBar) {
			b.SetValues(333333, 1_000_000)
			b.start()
			b.SetStats(612345, 3, 2999.4, 12*time.Microsecond, 80*time.Microsecond, 1234*time.Microsecond, true)
		})},
		{"repeat-done", 200, repeat(func(b *RepeatBar) {
			b.SetValues(time.Millisecond, 2000)
			b.start()
			b.SetStats(2000, 0, 1000, 0, 0, 0, false)
		})},
		{"repeat-bad", 200, repeat(func(b *RepeatBar) {
			b.SetValues(time.Millisecond, 2000)
			b.start()
			b.SetStats(1000, 1000, 1000, 9*time.Microsecond, 80*time.Microsecond, 1234*time.Microsecond, false)
			b.SetError("sending ended after 1,000 failures in a row: 127.0.0.1:9 is unreachable, nothing is bound to that port; check the target and start again")
		})},
		{"repeat-bad-input", 200, repeat(func(b *RepeatBar) { b.every.entry.SetText("soon") })},
		{"peers-0", 220, peers(0, nil)},
		{"peers-3", 220, peers(3, func(b *PeerBar, l *PeerList) {
			rows := somePeers(3)
			rows[1].Addr = netip.MustParseAddrPort("[fe80::a00:27ff:fe4e:66a1%enp0s31f6]:49152")
			rows[2].In, rows[2].BytesIn, rows[2].Rate = 2_000_000, 9_876_543_210_123, 123_456_789
			l.SetPeers(rows, clientsNow)
		})},
		{"peers-10000", 320, peers(10000, func(b *PeerBar, l *PeerList) {
			l.SetSort(PeerBytesIn, true)
			l.Select([]netip.AddrPort{l.rows.at(2).row.Addr, l.rows.at(3).row.Addr})
		})},
		{"peers-filtered", 220, peers(10000, func(b *PeerBar, l *PeerList) {
			l.Select([]netip.AddrPort{l.rows.at(2).row.Addr, l.rows.at(4).row.Addr})
			b.entry.SetText("2001:db8")
			l.SetFilter("2001:db8")
		})},
		{"options-socket", 560, options("Socket", UDPValues{TTL: 64}, func(o *UDPOptions) { o.SetGranted(425984) })},
		{"options-socket-bad", 560, options("Socket", UDPValues{}, func(o *UDPOptions) {
			o.SetGranted(425984)
			o.buffer.entry.SetText("lots")
			o.ttl.entry.SetText("300")
		})},
		{"options-multicast", 560, options("Multicast", wholeUDPValues(), nil)},
		{"options-multicast-none", 560, options("Multicast", UDPValues{}, nil)},
		{"options-multicast-bad", 560, options("Multicast", wholeUDPValues(), func(o *UDPOptions) {
			o.groups.group.entry.SetText("10.0.0.1")
			o.groups.settle()
			o.SetProblem("Groups[1]", "eth0 cannot join 232.1.1.1 from 10.0.0.1: no such device; choose another interface")
		})},
		{"options-interfaces", 560, options("Interfaces", UDPValues{}, nil)},
	}
}

// largeTheme is what a person chooses who wants to read from further away.
type largeTheme struct{ denseTheme }

func (l largeTheme) Size(n fyne.ThemeSizeName) float32 { return 1.4 * l.denseTheme.Size(n) }

func drawUDP(t *testing.T, p udpPicture, width float32, look fyne.Theme, scale float32) software.WindowlessCanvas {
	t.Helper()
	wear(t, look)
	content, dress := p.make()
	w := test.NewTempWindow(t, content)
	w.SetPadded(false)
	on := w.Canvas().(software.WindowlessCanvas)
	on.SetScale(scale)
	w.Resize(fyne.NewSize(width, p.height))
	dress()
	relayout(on)
	nothingCutOff(t, on, p.name)
	if least := content.MinSize(); least.Width > width || least.Height > p.height {
		t.Errorf("%s: needs %v of %v by %v", p.name, least, width, p.height)
	}
	return on
}

func TestTheWidgetsOfAUDPTabAreReadableAtEverySize(t *testing.T) {
	wear(t, denseTheme{lightTheme})
	for _, v := range []struct {
		name  string
		width float32
		look  fyne.Theme
		scale float32
	}{
		{"light", 1024, denseTheme{fixedTheme{theme.VariantLight}}, 1}, {"dark-2", 1024, denseTheme{fixedTheme{theme.VariantDark}}, 2},
		{"narrow", 700, denseTheme{fixedTheme{theme.VariantDark}}, 1}, {"large", 1024, largeTheme{denseTheme{fixedTheme{theme.VariantLight}}}, 1},
	} {
		t.Run(v.name, func(t *testing.T) {
			for _, p := range udpPictures() {
				on := drawUDP(t, p, v.width, v.look, v.scale)
				dir := os.Getenv("WIREBENCH_SHOTS")
				if dir == "" {
					continue
				}
				f, err := os.Create(filepath.Join(dir, p.name+"-"+v.name+".png"))
				if err != nil {
					t.Fatal(err)
				}
				if err := png.Encode(f, on.Capture()); err != nil {
					t.Fatal(err)
				}
				f.Close()
			}
		})
	}
}

// TestTheWidgetsOfAUDPTabLookAsTheyDid compares pictures with those in testdata; look at testdata/failed when it fails,
// and move the picture from there when it is right.
func TestTheWidgetsOfAUDPTabLookAsTheyDid(t *testing.T) {
	wear(t, denseTheme{lightTheme})
	all := udpPictures()
	for _, c := range []struct {
		picture string
		variant fyne.ThemeVariant
		scale   float32
	}{{"bar-open", theme.VariantLight, 1}, {"bar-bad", theme.VariantDark, 1}, {"repeat-running", theme.VariantDark, 2}, {"peers-10000", theme.VariantLight, 1}, {"options-multicast-bad", theme.VariantLight, 1}, {"options-interfaces", theme.VariantDark, 1}} {
		name := fmt.Sprintf("udp-%s-%s-%v", c.picture, map[fyne.ThemeVariant]string{theme.VariantLight: "light", theme.VariantDark: "dark"}[c.variant], c.scale)
		t.Run(name, func(t *testing.T) {
			i := slices.IndexFunc(all, func(p udpPicture) bool { return p.name == c.picture })
			test.AssertImageMatches(t, name+".png", drawUDP(t, all[i], 1024, denseTheme{fixedTheme{c.variant}}, c.scale).Capture())
		})
	}
}
