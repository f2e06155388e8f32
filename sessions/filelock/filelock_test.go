package filelock

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"
)

func TestALockIsHeldUntilItsFileIsClosed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	open := func() *os.File {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		return f
	}
	first, second := open(), open()
	if err := Try(first); err != nil {
		t.Fatal(err)
	}
	if err := Try(second); !errors.Is(err, ErrHeld) {
		t.Errorf("while it is held: %v", err)
	}
	first.Close()
	if err := Try(second); err != nil {
		t.Errorf("when it was given back: %v", err)
	}
}

func TestAFileThatIsClosedIsNotSaidToBeHeld(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "lock"))
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	if err := Try(f); err == nil || errors.Is(err, ErrHeld) {
		t.Errorf("%v", err)
	}
}

func TestWhatIsCreatedCanBeOpenedOnlyWhenItsOwnerIsGone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	if _, err := Open(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("before it is there: %v", err)
	}
	f, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); !errors.Is(err, ErrHeld) {
		t.Errorf("while it is held: %v", err)
	}
	f.Close()
	f, err = Open(path)
	if err != nil {
		t.Fatalf("when its owner is gone: %v", err)
	}
	f.Close()
}

func TestALockedFileCanBeRemoved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	f, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	err = os.Remove(path)
	f.Close()
	if err != nil {
		t.Error(err)
	}
	if _, err := Open(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("afterwards: %v", err)
	}
}

// TestOneWhoCreatesAndManyWhoCleanAwayAgree has each owner hold a file that has its name, whatever is cleaned away.
func TestOneWhoCreatesAndManyWhoCleanAwayAgree(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	stop := make(chan struct{})
	var cleaners sync.WaitGroup
	for range 2 {
		cleaners.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if f, err := Open(path); err == nil {
					os.Remove(path)
					f.Close()
				}
				if runtime.GOOS == "windows" {
					// Where the name stays until nobody has the file open, two that always have it open keep it.
					time.Sleep(time.Millisecond)
				}
			}
		})
	}
	for range 200 {
		f, err := Create(path)
		if err != nil {
			t.Error(err)
			break
		}
		if !named(f, path) {
			t.Error("what is locked has no name any more")
		}
		f.Close()
	}
	close(stop)
	cleaners.Wait()
}
