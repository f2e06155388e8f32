package capture

import (
	"context"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// twoBytes returns an open log that received "hi".
func twoBytes(t *testing.T) *Log {
	t.Helper()
	l, err := Create(Options{Dir: t.TempDir(), Meta: Meta{Kind: "tcp", Name: "x"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close(); l.Release() })
	f := Flow{Proto: TCP, Local: netip.MustParseAddrPort("127.0.0.1:1"), Remote: netip.MustParseAddrPort("127.0.0.1:2")}
	l.Append(f, In, Data, []byte("hi"), "")
	if err := l.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	return l
}

func TestExportFileReplacesAFileAtOnceAndForItsOwnerAlone(t *testing.T) {
	l := twoBytes(t)
	path := filepath.Join(t.TempDir(), "out.bin")
	if err := os.WriteFile(path, []byte("what was there"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := ExportFile(context.Background(), path, l, AsRawIn, nil); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil || string(got) != "hi" {
		t.Fatalf("%q, %v", got, err)
	}
	if st, _ := os.Stat(path); runtime.GOOS != "windows" && st.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", st.Mode())
	}
}

func TestACancelledExportLeavesWhatWasThereAndNothingElse(t *testing.T) {
	l := twoBytes(t)
	path := filepath.Join(t.TempDir(), "out.bin")
	if err := os.WriteFile(path, []byte("what was there"), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := ExportFile(ctx, path, l, AsRawIn, nil); err == nil {
		t.Fatal("a cancelled export succeeded")
	}
	if got, _ := os.ReadFile(path); string(got) != "what was there" {
		t.Errorf("the file holds %q", got)
	}
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) != 1 {
		t.Errorf("the folder holds %v", left)
	}
}

func TestExportFileKeepsALinkAndReplacesWhatItLeadsTo(t *testing.T) {
	l := twoBytes(t)
	dir := t.TempDir()
	path, link := filepath.Join(dir, "out.bin"), filepath.Join(t.TempDir(), "link")
	if err := os.WriteFile(path, []byte("what was there"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(path, link); err != nil {
		t.Skip(err)
	}
	if _, err := os.Lstat(link); err != nil && runtime.GOOS == "windows" {
		t.Skip("this Wine says that it makes links, and makes none")
	}
	if err := ExportFile(context.Background(), link, l, AsRawIn, nil); err != nil {
		t.Fatal(err)
	}
	if st, err := os.Lstat(link); err != nil || st.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is %v, %v", st.Mode(), err)
	}
	if got, _ := os.ReadFile(path); string(got) != "hi" {
		t.Errorf("the file holds %q", got)
	}
}

func TestExportFileRefusesAFolder(t *testing.T) {
	dir := t.TempDir()
	if err := ExportFile(context.Background(), dir, twoBytes(t), AsRawIn, nil); err == nil || !strings.Contains(err.Error(), "folder") {
		t.Errorf("%v", err)
	}
}

func TestACaptureIsNotExportedOverItself(t *testing.T) {
	l := twoBytes(t)
	own := l.Files()[0]
	before, _ := os.ReadFile(own)
	if err := ExportFile(context.Background(), own, l, AsPcapng, nil); err == nil {
		t.Fatal("a capture replaced the file it was read from")
	}
	if after, _ := os.ReadFile(own); string(after) != string(before) {
		t.Error("the file has changed")
	}
}
