package cli

import (
	"net/netip"
	"path/filepath"
	"testing"

	"wirebench/sessions/capture"
)

// savedAs is a capture that was made by hand.
func savedAs(t *testing.T, fill func(l *capture.Log)) (name string) {
	t.Helper()
	l, err := capture.Create(capture.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Delete()
	fill(l)
	if err := l.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	name = filepath.Join(t.TempDir(), "x.pcapng")
	if err := capture.ExportFile(t.Context(), name, l, capture.AsPcapng, nil); err != nil {
		t.Fatal(err)
	}
	return name
}

// nthFlow is the n-th of many connections.
func nthFlow(n int) capture.Flow {
	local, remote := netip.MustParseAddrPort("127.0.0.1:80"), netip.AddrPortFrom(netip.MustParseAddr("127.0.0.2"), uint16(10000+n))
	return capture.Flow{Proto: capture.TCP, Local: local, Remote: remote}
}

// exported is what is written of a capture cut by a framing, and its summary.
func exported(t *testing.T, name, framing, event string) (frames []map[string]any, summary map[string]any) {
	t.Helper()
	status, out, errs := wire(t, nil, "export", name, "--as", "jsonl", "--framing", framing)
	if status != 0 {
		t.Fatalf("status %d: %s", status, errs)
	}
	all := lines(t, out)
	return said(all, event), all[len(all)-1]
}

func TestNoFrameThatNeverEndedIsLeftOut(t *testing.T) {
	name := savedAs(t, func(l *capture.Log) {
		for i := range 1500 {
			l.Append(nthFlow(i), capture.In, capture.Open, nil, "")
			l.Append(nthFlow(i), capture.In, capture.Data, []byte("cut off"), "")
		}
	})
	frames, sum := exported(t, name, "lf", "socketData")
	if len(frames) != 1500 || sum["messagesIn"] != 1500.0 {
		t.Errorf("%d of 1,500 frames are exported, %v are counted", len(frames), sum["messagesIn"])
	}
	for i, f := range frames {
		if f["complete"] != false || f["peer"] != nthFlow(i).Remote.String() {
			t.Fatalf("frame %d is %v", i, f)
		}
	}
}
