package capture

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

// victimDir tells a test process that it is to append to a log there until it is killed.
const victimDir = "WIREBENCH_TEST_VICTIM_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(victimDir); dir != "" {
		victim(dir)
		return
	}
	os.Exit(m.Run())
}

const victimBytes = 150 << 20

// victim appends 8-byte numbers, in order, and says what is surely on the way to the disk.
func victim(dir string) {
	l, err := Create(Options{Dir: dir, Meta: Meta{Kind: "tcp", Name: "victim"}, SegmentSize: 32 << 20})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	l.Append(flow4, Out, Open, nil, "")
	p := make([]byte, 0, 4096)
	n := uint64(0)
	for l.Stats().InBytes < victimBytes {
		for range 1000 {
			for p = p[:0]; len(p) < 4096; n++ {
				p = binary.BigEndian.AppendUint64(p, n)
			}
			l.Append(flow4, In, Data, p, "")
		}
		fmt.Println(l.Stats().InBytes)
	}
	select {}
}

func TestAKilledProcessLeavesAnExactPrefix(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("kills with SIGKILL")
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, after := range []int64{1, 40 << 20, 120 << 20} {
		t.Run(fmt.Sprintf("after %d bytes", after), func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "captures")
			cmd := exec.CommandContext(t.Context(), exe)
			cmd.Env = append(os.Environ(), victimDir+"="+dir)
			out, err := cmd.StdoutPipe()
			if err == nil {
				err = cmd.Start()
			}
			if err != nil {
				t.Fatal(err)
			}
			var readable int64
			for lines := bufio.NewScanner(out); readable < after && lines.Scan(); {
				if _, err := fmt.Sscan(lines.Text(), &readable); err != nil {
					t.Fatal(lines.Text())
				}
				if list, err := Orphans(dir); err != nil || len(list) > 0 {
					t.Fatalf("Orphans while it lives: %v, %v", list, err)
				}
			}
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait() // says that it was killed

			if list, err := Finished(dir); err != nil || len(list) > 0 {
				t.Errorf("Finished: %v, %v", list, err)
			}
			list, err := Orphans(dir)
			if err != nil || len(list) != 1 || list[0].Meta.Name != "victim" {
				t.Fatalf("Orphans: %+v, %v", list, err)
			}
			l := openFiles(t, list[0].Files...)
			st := l.Stats()
			if st.InBytes < readable || st.DiskBytes != list[0].Bytes {
				t.Errorf("%d bytes were readable, %d are left; %d on disk of %d", readable, st.InBytes, st.DiskBytes, list[0].Bytes)
			}
			buf := make([]byte, 1<<20)
			want := make([]byte, 0, 1<<20)
			n := uint64(0)
			for off := int64(0); off < st.InBytes; off += int64(len(want)) {
				for want = want[:0]; len(want) < cap(want); n++ {
					want = binary.BigEndian.AppendUint64(want, n)
				}
				want = want[:min(int64(len(want)), st.InBytes-off)]
				if got, err := l.ReadAt(InOnly, buf[:len(want)], off); err != nil || !bytes.Equal(buf[:got], want) {
					t.Fatalf("the bytes at %d are not what was appended (%v)", off, err)
				}
			}
			if err := list[0].Adopt(); err != nil {
				t.Error(err)
			}
			if list, err := Orphans(dir); err != nil || len(list) != 0 {
				t.Errorf("Orphans after Adopt: %v, %v", list, err)
			}
			list, err = Finished(dir)
			if err != nil || len(list) != 1 || list[0].Meta.Name != "victim" {
				t.Errorf("Finished after Adopt: %v, %v", list, err)
			}
			if err := list[0].Delete(); err != nil {
				t.Error(err)
			}
			if left, _ := os.ReadDir(dir); len(left) > 0 {
				t.Errorf("left after Delete: %v", left)
			}
		})
	}
}

func TestFilesAreForTheUserAlone(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("has no modes")
	}
	dir := filepath.Join(t.TempDir(), "state", "captures")
	l := newLog(t, Options{Dir: dir, SegmentSize: 1})
	l.Append(flow4, Out, Data, []byte("x"), "")
	l.Append(flow4, Out, Data, []byte("y"), "")
	flush(t, l)
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("folder: %v, %v", info.Mode(), err)
	}
	list, err := os.ReadDir(dir)
	if err != nil || len(list) != 3 {
		t.Fatalf("%v, %v", list, err)
	}
	for _, e := range list {
		if info, err := e.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", e.Name(), info.Mode(), err)
		}
	}
}

func TestSegmentsAreNamedToSortInOrder(t *testing.T) {
	m := Meta{Session: uuid.MustParse("11111111-2222-3333-4444-555555555555"), Kind: "tcp", Name: "n",
		Created: time.Date(2026, 3, 4, 5, 6, 7, 0, time.FixedZone("", 3600))}
	dir := t.TempDir()
	var names []string
	for range 2 { // the same session twice in a second
		l := newLog(t, Options{Dir: dir, Meta: m, SegmentSize: 1})
		l.Append(flow4, Out, Data, []byte("x"), "")
		l.Append(flow4, Out, Data, []byte("y"), "")
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		for _, f := range l.Files() {
			names = append(names, filepath.Base(f))
		}
	}
	want := []string{
		"20260304-040607-11111111-2222-3333-4444-555555555555-0001.pcapng",
		"20260304-040607-11111111-2222-3333-4444-555555555555-0002.pcapng",
		"20260304-040608-11111111-2222-3333-4444-555555555555-0001.pcapng",
		"20260304-040608-11111111-2222-3333-4444-555555555555-0002.pcapng",
	}
	if strings.Join(names, " ") != strings.Join(want, " ") {
		t.Errorf("%q", names)
	}
	list, err := Finished(dir)
	if err != nil || len(list) != 2 || filepath.Base(list[0].Files[0]) != want[2] {
		t.Fatalf("Finished: %+v, %v", list, err)
	}
	if got := list[0].Meta; got.Session != m.Session || got.Name != "n" || got.Kind != "tcp" || !got.Created.Equal(m.Created) {
		t.Errorf("Meta = %+v", got)
	}
	back := openFiles(t, list[0].Files[1], list[0].Files[0]) // in the wrong order
	if p := make([]byte, 2); true {
		if _, err := back.ReadAt(Both, p, 0); err != nil || string(p) != "xy" {
			t.Errorf("%q, %v", p, err)
		}
	}
}

func TestOrphansCleansMarkersWithoutSegments(t *testing.T) {
	dir := t.TempDir()
	m := Meta{Session: uuid.New(), Created: time.Now()}
	dead := filepath.Join(dir, baseName(m, m.Created)+liveSuffix)
	other := filepath.Join(dir, "notes.live")
	for _, path := range []string{dead, other} {
		if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if list, err := Orphans(dir); err != nil || len(list) != 0 {
		t.Errorf("Orphans: %v, %v", list, err)
	}
	if _, err := os.Stat(dead); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the marker is still there: %v", err)
	}
	if _, err := os.Stat(other); err != nil {
		t.Errorf("another program's file was touched: %v", err)
	}
}

func TestALiveCaptureIsNeitherOrphanNorFinishedNorPruned(t *testing.T) {
	dir := t.TempDir()
	l := newLog(t, Options{Dir: dir})
	l.Append(flow4, Out, Data, []byte("x"), "")
	flush(t, l)
	for _, list := range []func() ([]Orphan, error){
		func() ([]Orphan, error) { return Orphans(dir) },
		func() ([]Orphan, error) { return Finished(dir) },
		func() ([]Orphan, error) { return Prune(dir, 1, 1) },
	} {
		if got, err := list(); err != nil || len(got) > 0 {
			t.Errorf("%v, %v", got, err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := Finished(dir); err != nil || len(got) != 1 {
		t.Errorf("Finished after Close: %v, %v", got, err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*"+liveSuffix)); len(left) > 0 {
		t.Errorf("left after Close: %v", left)
	}
}

func TestPrune(t *testing.T) {
	day := 24 * time.Hour
	for _, c := range []struct {
		name     string
		keep     time.Duration
		maxBytes int64
		want     string // the ages in days of what is deleted
	}{
		{"without limits deletes nothing", 0, 0, ""},
		{"deletes what is too old", 5*day + time.Hour, 0, "6 9"},
		{"deletes the oldest when there is too much", 0, 2500, "6 9"},
		{"does both", 8 * day, 3500, "9"},
		{"keeps nothing when nothing fits", 0, 1, "1 2 6 9"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			for _, age := range []int{1, 2, 6, 9} {
				when := time.Now().Add(-time.Duration(age) * day)
				base := baseName(Meta{Session: uuid.New()}, when)
				for nth := 1; nth <= 2; nth++ {
					path := filepath.Join(dir, segmentName(base, nth))
					if err := errors.Join(os.WriteFile(path, make([]byte, 500), 0o600), os.Chtimes(path, when, when)); err != nil {
						t.Fatal(err)
					}
				}
			}
			removed, err := Prune(dir, c.keep, c.maxBytes)
			if err != nil {
				t.Fatal(err)
			}
			var ages []string
			for _, o := range removed {
				ages = append(ages, fmt.Sprint(int(time.Since(o.Modified)/day)))
				if _, err := os.Stat(o.Files[1]); !errors.Is(err, fs.ErrNotExist) {
					t.Errorf("%s is still there", o.Files[1])
				}
			}
			if got := strings.Join(ages, " "); got != c.want {
				t.Errorf("deleted %q, want %q", got, c.want)
			}
			if left, err := Finished(dir); err != nil || len(left)+len(removed) != 4 {
				t.Errorf("%d left, %d deleted, %v", len(left), len(removed), err)
			}
		})
	}
}

func TestAFolderThatIsNotThereHoldsNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "none")
	if list, err := Orphans(dir); list != nil || err != nil {
		t.Errorf("Orphans: %v, %v", list, err)
	}
	if list, err := Finished(dir); len(list) > 0 || err != nil {
		t.Errorf("Finished: %v, %v", list, err)
	}
}
