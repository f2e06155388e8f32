package app

import (
	"net/netip"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"wirebench/sessions/capture"
	"wirebench/sessions/framing"
)

// BenchmarkRecut cuts a capture of a GiB, shown in a window, anew: how long until the list shows a screen of frames, until
// all are found, and how long the longest of the updates meanwhile kept the window from answering.
func BenchmarkRecut(b *testing.B) {
	const size, read = 1 << 30, 1460
	for _, c := range []struct {
		name string
		by   string
		body int
	}{{"u16be of 60", "u16be", 60}, {"lf of 80", "lf", 80}, {"xml of 200", "xml", 200}, {"u32be of 1 MiB", "u32be", 1 << 20}} {
		b.Run(c.name, func(b *testing.B) {
			by, err := framing.Parse(c.by)
			if err != nil {
				b.Fatal(err)
			}
			l, err := capture.Create(capture.Options{Dir: b.TempDir()})
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { l.Delete() })
			flow := capture.Flow{Proto: capture.TCP, Local: netip.MustParseAddrPort("127.0.0.1:5000"), Remote: netip.MustParseAddrPort("127.0.0.1:7777")}
			l.Append(flow, capture.In, capture.Open, nil, "")
			body := make([]byte, c.body)
			for i := range body {
				body[i] = 'a' + byte(i%26)
			}
			var stream []byte
			for written := 0; written < size; {
				if len(stream) < read {
					stream, _ = by.Append(stream, body)
					continue
				}
				l.Append(flow, capture.In, capture.Data, stream[:read], "")
				stream = stream[read:]
				written += read
			}
			if err := l.Flush(b.Context()); err != nil {
				b.Fatal(err)
			}
			w := newWorkbench(newHeldApp(b), Options{CaptureDir: b.TempDir(), Version: "test"}, b.TempDir()+"/workspace.json")
			w.win.Resize(fyne.NewSize(1024, 700))
			defer w.shutdown()
			t := newCaptureTab(w, savedTab{Files: []string{"bench"}})
			w.addTab(t)
			t.show(l)
			v := t.traffic
			var first, whole, longest, jump time.Duration
			b.SetBytes(size)
			for b.Loop() {
				v.setFramings(framing.Framing{}, framing.Framing{})
				update := func() {
					w.lastSave = time.Now() // writing the workspace is not what is measured
					at := time.Now()
					w.update()
					longest = max(longest, time.Since(at))
				}
				update()
				began := time.Now()
				v.setFramings(by, by)
				longest = max(longest, time.Since(began))
				for v.list.Rows() < 20 {
					time.Sleep(time.Millisecond)
					update()
				}
				first = max(first, time.Since(began))
				for x := v.framed(); ; {
					if st := x.Stats(); st.Done == st.Total {
						break
					}
					time.Sleep(frame)
					update()
				}
				whole = max(whole, time.Since(began))
				for i := range int64(20) { // anywhere in the list
					at := time.Now()
					v.list.SelectListed(max(v.framed().Stats().Last*i/20, 1))
					update()
					jump = max(jump, time.Since(at))
				}
			}
			ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
			b.ReportMetric(ms(first), "ms-first")
			b.ReportMetric(ms(whole), "ms-whole")
			b.ReportMetric(ms(longest), "ms-longest")
			b.ReportMetric(ms(jump), "ms-jump")
		})
	}
}
