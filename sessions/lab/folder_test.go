package lab

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// needsFiles is an entry with a client key among its files.
const needsFiles = "tls-client-certificate"

// ownTemp gives the test a folder of its own for temporary files, and returns it.
func ownTemp(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"TMPDIR", "TMP", "TEMP"} {
		t.Setenv(name, dir)
	}
	return dir
}

// foldersIn counts the temporary folders of labs.
func foldersIn(t *testing.T, root string) int {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(root, folderPrefix+"*"))
	if err != nil {
		t.Fatal(err)
	}
	return len(found)
}

// childSays begins the line on which the process of [elsewhere] names its folder.
const childSays = "the lab's folder is "

// elsewhere runs a lab in a process of its own, and returns its folder and a function that kills it.
func elsewhere(t *testing.T) (dir string, kill func()) {
	t.Helper()
	c := exec.Command(os.Args[0], "-test.run=^TestALabInAProcessOfItsOwn$")
	c.Env = append(os.Environ(), "WIREBENCH_LAB_CHILD=1")
	c.Stderr = os.Stderr
	if _, err := c.StdinPipe(); err != nil { // its end ends the child, whatever becomes of this test
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	kill = sync.OnceFunc(func() {
		c.Process.Kill()
		c.Wait()
	})
	t.Cleanup(kill)
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if dir, ok := strings.CutPrefix(lines.Text(), childSays); ok {
			return dir, kill
		}
	}
	t.Fatal("the other process started no lab")
	return "", nil
}

// TestALabInAProcessOfItsOwn is the other side of elsewhere.
func TestALabInAProcessOfItsOwn(t *testing.T) {
	if os.Getenv("WIREBENCH_LAB_CHILD") == "" {
		t.Skip("it is for the tests that start it")
	}
	l := started(t, Options{}, needsFiles)
	fmt.Println(childSays + l.Dir())
	io.Copy(io.Discard, os.Stdin)
}

func TestWhatAKilledLabLeftIsRemovedByTheNext(t *testing.T) {
	root := ownTemp(t)
	dir, kill := elsewhere(t)
	key := filepath.Join(dir, ClientKeyFile)
	started(t, Options{}, "echo")
	if _, err := os.Stat(key); err != nil {
		t.Fatalf("while its lab lives: %v", err)
	}
	kill()
	if _, err := os.Stat(key); err != nil {
		t.Fatalf("the kill left no key, and this test shows nothing: %v", err)
	}
	started(t, Options{}, "echo")
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder of the lab that was killed: %v", err)
	}
	if n := foldersIn(t, root); n != 0 {
		t.Errorf("%d folders are left", n)
	}
}

func TestLabsThatLiveLeaveEachOtherAlone(t *testing.T) {
	root := ownTemp(t)
	other, _ := elsewhere(t)
	var all sync.WaitGroup
	labs := make([]*Lab, 4)
	for i := range labs {
		all.Go(func() {
			l, err := Start(t.Context(), Options{}, needsFiles)
			if err != nil {
				t.Error(err)
				return
			}
			labs[i] = l
		})
	}
	all.Wait()
	sweep(root)
	dirs := []string{other}
	for _, l := range labs {
		if l != nil {
			dirs = append(dirs, l.Dir())
			defer l.Close()
		}
	}
	for _, dir := range dirs {
		for _, name := range []string{RootFile, CRLFile, ClientFile, ClientKeyFile, lockFile} {
			if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
				t.Error(err)
			}
		}
	}
	for _, l := range labs {
		if l != nil {
			if err := l.Close(); err != nil {
				t.Error(err)
			}
		}
	}
	if n := foldersIn(t, root); n != 1 {
		t.Errorf("%d folders are left, want the other process's", n)
	}
}

func TestOnlyALabsOwnFilesAreSwept(t *testing.T) {
	root := ownTemp(t)
	write := func(elements ...string) string {
		path := filepath.Join(append([]string{root}, elements...)...)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	stay := []string{
		write("other", lockFile), write("other", ClientKeyFile), // not named as a lab's
		write(folderPrefix+"1", ClientKeyFile), // without a lock file it is nobody's known to be gone
		write(folderPrefix + "2"),              // no folder
	}
	write(folderPrefix+"3", lockFile)
	stay = append(stay, write(folderPrefix+"3", "notes.txt"))
	gone := write(folderPrefix+"3", ClientKeyFile)
	if runtime.GOOS != "windows" { // where links need rights
		for link, to := range map[string]string{folderPrefix + "4": filepath.Join(root, "other"), folderPrefix + "3/" + RootFile: stay[0]} {
			if err := os.Symlink(to, filepath.Join(root, link)); err != nil {
				t.Fatal(err)
			}
		}
	}
	sweep(root)
	for _, path := range stay {
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Stat(gone); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the key: %v", err)
	}
}

func TestTheTemporaryFolderIsForItsOwnerAlone(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("it has no such modes")
	}
	ownTemp(t)
	l := started(t, Options{}, needsFiles)
	for name, want := range map[string]fs.FileMode{".": 0o700, ClientKeyFile: 0o600, lockFile: 0o600} {
		st, err := os.Stat(filepath.Join(l.Dir(), name))
		if err != nil {
			t.Error(err)
		} else if got := st.Mode().Perm(); got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
}
