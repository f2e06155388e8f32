package widgets

import (
	"fmt"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
)

var clientsNow = time.Date(2024, 5, 6, 15, 4, 5, 0, time.Local)

// someClients makes n clients up that are always the same: most of them quiet, some busy, every seventh ended.
func someClients(n int, secure bool) []ClientRow {
	dice := rand.New(rand.NewPCG(1, 2))
	rows := make([]ClientRow, n)
	for i := range rows {
		r := &rows[i]
		r.Number = int64(i + 1)
		r.Address = fmt.Sprintf("10.%d.%d.%d:%d", dice.IntN(3), dice.IntN(256), 1+dice.IntN(254), 32768+dice.IntN(28000))
		if i%9 == 4 {
			r.Address = fmt.Sprintf("[2001:db8::%x:%x]:%d", dice.IntN(1<<16), dice.IntN(1<<16), 32768+dice.IntN(28000))
		}
		r.Local = "10.0.0.1:7777"
		r.Since = clientsNow.Add(-time.Duration(n-i) * 700 * time.Millisecond)
		r.Seen = r.Since.Add(time.Duration(dice.Int64N(int64(clientsNow.Sub(r.Since)))))
		r.MessagesIn = dice.Int64N(1 << (1 + dice.IntN(14)))
		r.MessagesOut = dice.Int64N(1 << (1 + dice.IntN(14)))
		r.BytesIn, r.BytesOut = r.MessagesIn*dice.Int64N(900), r.MessagesOut*dice.Int64N(3000)
		r.State = ClientOpen
		if dice.IntN(4) == 0 {
			r.Rate = float64(dice.IntN(1 << (4 + dice.IntN(20))))
		}
		if dice.IntN(12) == 0 {
			r.Pending = int64(dice.IntN(256 << 10))
			r.Dropped = int64(dice.IntN(3) * dice.IntN(500))
		}
		if secure {
			r.TLS = fmt.Sprintf("TLS 1.3, CN=device-%04d.plant.example, O=Plant", i)
		}
		switch i % 21 {
		case 3:
			r.State = ClientHalfClosed
		case 8:
			r.State = ClientSendClosed
		case 11:
			r.State = ClientClosing
		case 16:
			r.State, r.TLS, r.Seen = ClientShaking, "", time.Time{}
			r.BytesIn, r.BytesOut, r.MessagesIn, r.MessagesOut, r.Rate, r.Pending, r.Dropped = 0, 0, 0, 0, 0, 0, 0
		}
		if i%7 == 5 {
			r.Rate, r.Pending = 0, 0
			r.Ended = r.Seen.Add(2 * time.Second)
			r.State, r.By, r.Why = ClientClosed, "peer", "closed by peer (FIN)"
			switch i % 3 {
			case 0:
				r.State, r.By, r.Why = ClientReset, "reset", "reset by peer: connection reset"
			case 1:
				r.By, r.Why = "local", "idle for 5 min"
			}
		}
	}
	return rows
}

// clientPane is a bar over a list of these clients, with what was counted of them.
func clientPane(rows []ClientRow) (*ClientBar, *ClientList, fyne.CanvasObject) {
	bar, list := NewClientBar(), NewClientList()
	live := 0
	tell := func() {
		selected, connected := list.Selected(), 0
		for _, n := range selected {
			if i, ok := list.rows.rankOf(n); ok && !list.rows.ranked(int32(i)).over() {
				connected++
			}
		}
		bar.SetSelection(len(selected), connected)
		bar.SetSelectionHidden(len(selected) - list.SelectedShown())
	}
	for i := range rows {
		if !rows[i].over() {
			live++
		}
	}
	bar.OnFilter = list.SetFilter
	bar.OnEnded = func(on bool) { list.SetLiveOnly(!on) }
	list.OnSelect = tell
	list.SetClients(rows, clientsNow)
	shown, _ := list.Shown()
	bar.SetCounts(live, len(rows)-live, shown)
	return bar, list, container.NewBorder(bar, nil, nil, nil, list)
}

type clientPicture struct {
	name  string
	rows  int
	width float32
	dress func(*ClientBar, *ClientList)
	plain bool // no TLS
}

var clientPictures = []clientPicture{
	{name: "empty", width: 1000},
	{name: "many", rows: 10000, width: 1000, plain: true, dress: func(b *ClientBar, l *ClientList) {
		l.SetSort(ColumnRate, true)
		l.Select([]int64{l.onScreen[2], l.onScreen[3], l.onScreen[4]})
	}},
	{name: "tls", rows: 10000, width: 1000},
	{name: "narrow", rows: 120, width: 700, dress: func(b *ClientBar, l *ClientList) {
		b.entry.SetText("open 10.")
		l.Select([]int64{7, 12, 45})
	}},
	{name: "wide", rows: 120, width: 1900, dress: func(b *ClientBar, l *ClientList) {
		l.SetTimeMode(TimeRelative)
		l.SetSort(ColumnEnded, true)
	}},
}

func drawClients(t *testing.T, p clientPicture, variant fyne.ThemeVariant, scale float32) software.WindowlessCanvas {
	wear(t, denseTheme{fixedTheme{variant}})
	bar, list, pane := clientPane(someClients(p.rows, !p.plain))
	w := test.NewTempWindow(t, pane)
	w.SetPadded(false)
	on := w.Canvas().(software.WindowlessCanvas)
	on.SetScale(scale)
	w.Resize(fyne.NewSize(p.width, 320))
	if p.dress != nil {
		p.dress(bar, list)
		shown, _ := list.Shown()
		bar.SetCounts(bar.connected, bar.over, shown)
	}
	relayout(on)
	nothingCutOff(t, on, p.name)
	return on
}

func TestTheClientsAreReadableAtEverySize(t *testing.T) {
	wear(t, denseTheme{lightTheme})
	for _, p := range clientPictures {
		for _, v := range []struct {
			name    string
			variant fyne.ThemeVariant
			scale   float32
		}{{"light", theme.VariantLight, 1}, {"dark", theme.VariantDark, 1}, {"dark-2", theme.VariantDark, 2}} {
			on := drawClients(t, p, v.variant, v.scale)
			dir := os.Getenv("WIREBENCH_SHOTS")
			if dir == "" {
				continue
			}
			f, err := os.Create(filepath.Join(dir, "clients-"+p.name+"-"+v.name+".png"))
			if err != nil {
				t.Fatal(err)
			}
			if err := png.Encode(f, on.Capture()); err != nil {
				t.Fatal(err)
			}
			f.Close()
		}
	}
}

// TestTheClientsLookAsTheyDid compares pictures with those in testdata; look at testdata/failed when it fails, and
// move the picture from there when it is right.
func TestTheClientsLookAsTheyDid(t *testing.T) {
	wear(t, denseTheme{lightTheme})
	for _, c := range []struct {
		picture string
		variant fyne.ThemeVariant
		scale   float32
	}{{"empty", theme.VariantLight, 1}, {"many", theme.VariantLight, 1}, {"tls", theme.VariantDark, 1}, {"narrow", theme.VariantDark, 2}} {
		name := fmt.Sprintf("clients-%s-%s-%v", c.picture, map[fyne.ThemeVariant]string{theme.VariantLight: "light", theme.VariantDark: "dark"}[c.variant], c.scale)
		t.Run(name, func(t *testing.T) {
			i := slices.IndexFunc(clientPictures, func(p clientPicture) bool { return p.name == c.picture })
			test.AssertImageMatches(t, name+".png", drawClients(t, clientPictures[i], c.variant, c.scale).Capture())
		})
	}
}
