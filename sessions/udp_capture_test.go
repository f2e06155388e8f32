package sessions

import (
	"errors"
	"io/fs"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"wirebench/sessions/capture"
)

// fullDisk is where captures are written until there is no room.
type fullDisk struct{ room atomic.Int64 }

type fullFile struct {
	*os.File
	on *fullDisk
}

func (d *fullDisk) create(path string) (capture.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	return fullFile{f, d}, err
}

func (f fullFile) Write(p []byte) (int, error) {
	if f.on.room.Add(-int64(len(p))) < 0 {
		return 0, &fs.PathError{Op: "write", Path: f.Name(), Err: syscall.ENOSPC}
	}
	return f.File.Write(p)
}

func TestACaptureThatCannotBeWrittenStopsNoDatagram(t *testing.T) {
	disk := &fullDisk{}
	disk.room.Store(100_000)
	w := newWatch(nil)
	u, err := NewUDP(UDPConfig{Address: "127.0.0.1:0"}, Options{Observer: w, Capture: capture.Options{Dir: t.TempDir(), Create: disk.create}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = u.Close() // says that capturing stopped
		_ = u.Traffic().Release()
	})
	if err := u.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.named(t, EventListening)
	peer := station(t)
	to := udpAddr(peer.LocalAddr())
	p := make([]byte, 1000)
	in := int64(0)
	talk := func() {
		t.Helper()
		for range 300 {
			if err := u.SendTo(to, p); err != nil {
				t.Fatal(err)
			}
			if n, _, err := peer.ReadFromUDPAddrPort(make([]byte, 2000)); n != len(p) || err != nil {
				t.Fatal(n, err)
			}
			if _, err := peer.WriteToUDPAddrPort(p, u.Info().Local); err != nil {
				t.Fatal(err)
			}
			if in++; in%50 == 0 { // the system may have no room for all of them
				w.until(t, "every datagram", func() bool { return u.Info().In == in })
			}
		}
	}
	talk()
	if err := u.Traffic().Flush(t.Context()); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("the capture says %v", err)
	}
	talk()
	lost := u.Traffic().Stats().LostRecords
	i := u.Info()
	if i.State != Open || i.Out != 600 || lost == 0 {
		t.Errorf("%d records lost: %+v", lost, i)
	}
	if runtime.GOOS == "linux" {
		before := u.Info().SendErrors
		if err := u.SendTo(deadUDP(t, netip.MustParseAddr("127.0.0.1")), []byte("x")); err != nil {
			t.Fatal(err)
		}
		w.await(t, "an ICMP message that names no record", func(e Event) bool {
			return e.Name == EventIOError && strings.Contains(e.Text, "send 1 byte to ") && !strings.Contains(e.Text, "record")
		})
		if n := u.Info().SendErrors; n != before+1 {
			t.Errorf("%d errors are counted", n)
		}
	}
	disk.room.Store(1 << 30)
	if err := u.Traffic().Resume(); err != nil {
		t.Fatal(err)
	}
	last := u.Traffic().Stats().Last
	talk()
	if err := u.Traffic().Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := u.Traffic().Stats().Last - last; got < 600 {
		t.Errorf("%d records after there is room again", got)
	}
	if err := u.Disconnect(); err != nil {
		t.Fatal(err)
	}
	awaitDone(t, "the end", u.Done())
}
