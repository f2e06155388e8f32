package capture

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// brittle is a file that writes only so many bytes more, all its like together, and then fails.
type brittle struct {
	*os.File
	disk *brittleDisk
}

// brittleDisk is where brittle files are.
type brittleDisk struct {
	mu      sync.Mutex
	room    int   // bytes that can still be written
	err     error // then; nil: short writes without an error
	syncErr error
	block   chan struct{} // writes wait for it to be closed, if not nil
}

func (d *brittleDisk) set(room int, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.room, d.err = room, err
}

func (d *brittleDisk) create(path string) (File, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.room < 0 {
		return nil, &fs.PathError{Op: "open", Path: path, Err: d.err}
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	return brittle{f, d}, err
}

func (b brittle) Write(p []byte) (int, error) {
	d := b.disk
	d.mu.Lock()
	block := d.block
	d.mu.Unlock()
	if block != nil {
		<-block
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(p) <= d.room {
		d.room -= len(p)
		return b.File.Write(p)
	}
	n, err := b.File.Write(p[:max(d.room, 0)])
	d.room = 0
	if err == nil {
		err = d.err
	}
	return n, err
}

func (b brittle) Sync() error {
	b.disk.mu.Lock()
	defer b.disk.mu.Unlock()
	return b.disk.syncErr
}

func TestAFullDiskStopsCapturingAndResumeGoesOn(t *testing.T) {
	for _, c := range []struct {
		name string
		room int
		err  error
		want string
		is   error
	}{
		{"in the middle of a record", 200_000, errDiskFull, errDiskFull.Error() + " (free some space, then resume)", errDiskFull},
		{"in the header of the segment", 10, errDiskFull, errDiskFull.Error() + " (free some space, then resume)", errDiskFull},
		{"when the segment is made", -1, fs.ErrPermission, "(make the folder writable, then resume)", fs.ErrPermission},
		{"with an input/output error", 1_500_000, syscall.EIO, "input/output error (resume to go on in a new file)", syscall.EIO},
		{"with a short write", 100_000, nil, "short write (resume to go on in a new file)", io.ErrShortWrite},
	} {
		t.Run(c.name, func(t *testing.T) {
			disk := &brittleDisk{room: c.room, err: c.err}
			l := newLog(t, Options{Create: disk.create})
			var m, kept model
			rng := rand.New(rand.NewPCG(1, uint64(len(c.name))))
			scribble(l, &m, rng, 200)
			l.Append(flow4, Out, Data, []byte("the last"), "")
			m.add(flow4, Out, Data, []byte("the last"), "")
			err := l.Flush(t.Context())
			if !errors.Is(err, c.is) || !strings.HasPrefix(err.Error(), "capturing stopped: ") || !strings.HasSuffix(err.Error(), c.want) {
				t.Fatalf("Flush = %v", err)
			}
			st := l.Stats()
			all := int64(len(m.streams[Both]))
			if st.Err == nil || st.LostRecords != int64(len(m.recs))-st.Last || st.LostBytes != all-st.InBytes-st.OutBytes || st.PendingBytes != 0 {
				t.Fatalf("%+v of %d records, %d bytes", st, len(m.recs), all)
			}
			kept.recs = m.recs[:st.Last]
			kept.streams = [3][]byte{m.streams[Both][:st.InBytes+st.OutBytes], m.streams[InOnly][:st.InBytes], m.streams[OutOnly][:st.OutBytes]}
			kept.check(t, l)
			if c.room >= 100_000 && st.Last == 0 {
				t.Error("nothing of what was written is readable")
			}

			if err := l.Resume(); err == nil && c.room < 0 {
				t.Error("Resume without room succeeded")
			}
			disk.set(1<<30, nil)
			if err := l.Resume(); err != nil {
				t.Fatal(err)
			}
			flush(t, l)
			lost := l.Stats()
			if lost.Err != nil {
				t.Fatal(lost.Err)
			}
			for kept.recs = kept.recs[:st.Last:st.Last]; int64(len(kept.recs)) < lost.Last; {
				r, err := l.Record(int64(len(kept.recs) + 1))
				if err != nil || r.Kind != Note || !strings.Contains(r.Note, "not captured meanwhile: ") {
					t.Fatalf("after Resume: %+v, %v", r, err)
				}
				kept.recs = append(kept.recs, plain(r))
			}
			for s := range kept.streams {
				kept.streams[s] = bytes.Clone(kept.streams[s])
			}
			scribble(l, &kept, rng, 200)
			flush(t, l)
			kept.check(t, l)
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			again := openFiles(t, l.Files()...)
			if w := again.Warnings(); len(w) > 0 {
				t.Errorf("opened again: %q", w)
			}
			kept.check(t, again)
		})
	}
}

func TestAfterAFailureTheSequenceNumbersShowTheHole(t *testing.T) {
	disk := &brittleDisk{room: 1 << 20}
	l := newLog(t, Options{Create: disk.create})
	l.Append(flow4, Out, Open, nil, "")
	l.Append(flow4, Out, Data, make([]byte, 100), "")
	flush(t, l)
	disk.set(0, errDiskFull)
	l.Append(flow4, Out, Data, make([]byte, 1000), "")
	if err := l.Flush(t.Context()); err == nil {
		t.Fatal("no error")
	}
	l.Append(flow4, Out, Data, make([]byte, 10), "") // while stopped
	disk.set(1<<20, nil)
	if err := l.Resume(); err != nil {
		t.Fatal(err)
	}
	l.Append(flow4, Out, Data, []byte("x"), "")
	flush(t, l)
	if st := l.Stats(); st.LostRecords != 2 || st.LostBytes != 1010 || st.Last != 4 {
		t.Errorf("%+v", st)
	}
	r, err := l.Record(3)
	if err != nil || r.Note != "capturing resumed; not captured meanwhile: 2 records with 1010 bytes" {
		t.Errorf("%+v, %v", r, err)
	}
	out := tshark(t, "-r", l.Files()[1], "-T", "fields", "-o", "tcp.relative_sequence_numbers:FALSE", "-e", "tcp.seq", "-Y", "tcp")
	if got := strings.TrimSpace(string(out)); got != "1111" {
		t.Errorf("sequence number %s, want 1 + 100 + 1000 + 10", got)
	}
}

func TestAFailedSyncStopsCapturing(t *testing.T) {
	disk := &brittleDisk{room: 1 << 20, syncErr: syscall.EIO}
	l := newLog(t, Options{Create: disk.create})
	l.Append(flow4, Out, Data, []byte("x"), "")
	var v uint64
	for l.Stats().Err == nil {
		var err error
		if v, err = l.Wait(t.Context(), v); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Stats().Err; !errors.Is(err, syscall.EIO) || !strings.Contains(err.Error(), "sync ") {
		t.Error(err)
	}
	if st := l.Stats(); st.Last != 1 {
		t.Errorf("%+v", st)
	}
}

func TestAppendWaitsWhenTheDiskIsBehind(t *testing.T) {
	disk := &brittleDisk{room: 1 << 30, block: make(chan struct{})}
	l := newLog(t, Options{Create: disk.create})
	const n = 400 // of 60,000 bytes: more than the backlog
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range n {
			l.Append(flow4, In, Data, make([]byte, MaxPayload), "")
		}
	}()
	waiting := func() bool {
		l.in.mu.Lock()
		defer l.in.mu.Unlock()
		return l.in.waiting > 0
	}
	for !waiting() {
		runtime.Gosched()
	}
	if got := l.Stats().PendingBytes; got > DefaultBacklog {
		t.Errorf("%d bytes wait", got)
	}
	// Close lets in what waits.
	closed := make(chan error)
	go func() { closed <- l.Close() }()
	close(disk.block)
	if err := <-closed; err != nil {
		t.Error(err)
	}
	<-done
	if st := l.Stats(); st.InRecords+st.LostRecords != n || st.InRecords == 0 || st.PendingBytes != 0 {
		t.Errorf("%+v", st)
	}
}

func TestAFolderThatCannotBeMadeStopsCapturing(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	l := newLog(t, Options{Dir: filepath.Join(file, "captures")})
	l.Append(flow4, Out, Data, []byte("x"), "")
	if err := l.Flush(t.Context()); err == nil || !strings.Contains(err.Error(), "mkdir "+file) {
		t.Errorf("Flush = %v", err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if err := l.Resume(); err != nil {
		t.Fatal(err)
	}
	l.Append(flow4, Out, Data, []byte("y"), "")
	flush(t, l)
	if st := l.Stats(); st.Last != 2 || st.LostRecords != 1 || st.Err != nil {
		t.Errorf("%+v", st)
	}
}

func TestAReadOnlyLogRefusesToBeChanged(t *testing.T) {
	l := newLog(t, Options{})
	l.Append(flow4, Out, Data, []byte("x"), "")
	if err := l.Release(); err != nil { // Windows deletes no file that is open
		t.Fatal(err)
	}
	copied := filepath.Join(t.TempDir(), "mine.pcapng")
	b, err := os.ReadFile(l.Files()[0])
	if err == nil {
		err = os.WriteFile(copied, b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	o := openFiles(t, copied)
	o.Append(flow4, Out, Data, []byte("y"), "")
	if err := o.Resume(); !errors.Is(err, ErrReadOnly) {
		t.Errorf("Resume = %v", err)
	}
	if err := o.Delete(); !errors.Is(err, ErrReadOnly) {
		t.Errorf("Delete = %v", err)
	}
	if st := o.Stats(); !o.ReadOnly() || st.Last != 1 || st.LostRecords != 0 {
		t.Errorf("%+v", st)
	}
	ours := openFiles(t, l.Files()...)
	if err := ours.Delete(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(l.Files()[0]); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("after Delete: %v", err)
	}
}
