package app

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestASlowDiskHoldsUpNothingAndGetsTheNewestWorkspace(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	w.spaceFile.wait()
	began, goOn := make(chan bool), make(chan bool)
	var wrote []string
	replace := w.spaceFile.replace
	w.spaceFile.replace = func(b []byte) error {
		began <- true
		<-goOn
		wrote = append(wrote, string(b))
		return replace(b)
	}
	w.space.Folder = "/first"
	w.saveSpace()
	<-began
	for _, folder := range []string{"/second", "/third"} { // while the disk is busy with the first
		w.space.Folder = folder
		w.saveSpace()
	}
	goOn <- true
	<-began
	goOn <- true
	w.spaceFile.wait()
	if len(wrote) != 2 || !strings.Contains(wrote[0], "/first") || !strings.Contains(wrote[1], "/third") {
		t.Errorf("written were %q", wrote)
	}
	got, err := loadWorkspace(w.spacePath)
	if err != nil || got.Folder != "/third" {
		t.Errorf("%q is on the disk, %v", got.Folder, err)
	}
	w.spaceFile.replace = replace
}

func TestAWorkspaceThatCannotBeWrittenIsToldAndTriedAgain(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	full, tries := errors.New("no space left"), 0
	w.spaceFile.wait()
	replace := w.spaceFile.replace
	w.spaceFile.replace = func([]byte) error { tries++; return full }
	w.saveNow()
	w.saveNow()
	if tries != 2 {
		t.Errorf("the same was tried %d times in two saves", tries)
	}
	w.lastSave = time.Now().Add(time.Hour) // the updates that follow do not try again
	w.update()
	if n, on := w.notice.Notice(); !on || !strings.Contains(n.Text, "No space left") && !strings.Contains(n.Text, "no space left") || !strings.Contains(n.Text, "will not come back") {
		t.Errorf("says %q", n.Text)
	}
	w.notice.Clear()
	if w.update(); w.spaceFile.trouble() != nil {
		t.Error("it is told again")
	}
	w.spaceFile.replace = replace
	if w.saveNow(); w.spaceFile.trouble() != nil {
		t.Error("it is told though it was written")
	}
	if _, err := os.Stat(w.spacePath); err != nil {
		t.Error(err)
	}
}

func TestSavingWithoutAChangeLeavesTheFileAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "workspace.json")
	f := newSpaceFile(path)
	f.put([]byte("1"))
	f.wait()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	f.put(slices.Clone([]byte("1")))
	f.wait()
	if _, err := os.Stat(path); err == nil {
		t.Fatal("an unchanged workspace was written again")
	}
	f.put([]byte("2"))
	f.wait()
	if b, err := os.ReadFile(path); string(b) != "2" {
		t.Fatalf("%q, %v", b, err)
	}
}

func TestTheEndWaitsForTheWorkspace(t *testing.T) {
	w, _ := newBenchUnderTest(t)
	w.spaceFile.wait()
	replace := w.spaceFile.replace
	w.spaceFile.replace = func(b []byte) error {
		time.Sleep(20 * time.Millisecond)
		return replace(b)
	}
	w.space.Folder = "/last"
	w.shutdown()
	if got, err := loadWorkspace(w.spacePath); err != nil || got.Folder != "/last" {
		t.Errorf("%q is on the disk, %v", got.Folder, err)
	}
}
