package messages

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"wirebench/sessions/filelock"
)

// extension is what the files of collections end with; others in the folder are
// left alone.
const extension = ".json"

// Store is a folder with a file for each collection. It is safe for concurrent
// use, also by several programs.
type Store struct {
	folder string
	mu     sync.Mutex // a lock of the system is for programs, not for goroutines
}

// Open names the folder. It is made, for its owner alone, when something is
// first saved.
func Open(folder string) *Store { return &Store{folder: folder} }

// Folder gives the folder.
func (s *Store) Folder() string { return s.folder }

// Info is one file of the folder.
type Info struct {
	File     string // within the folder, for [Store.Load]
	Name     string // of the collection; of one that cannot be read, of the file
	Messages int
	// Collection is what was read, and the caller's; nil when it cannot be read.
	Collection *Collection
	Err        error // why it cannot be read; a [*FileError] names the line
}

// List reads every file of the folder, sorted by name. A file that cannot be
// read is in the list, with the reason. Without a folder the list is empty. The
// error is that of the folder, or that there are more files than
// [MaxCollections]; then the list has the first of them.
func (s *Store) List() ([]Info, error) {
	all, err := s.all()
	infos := make([]Info, len(all))
	for i, l := range all {
		infos[i] = Info{File: l.file, Name: l.c.Name, Messages: len(l.c.Messages), Err: l.err}
		if l.err == nil {
			infos[i].Collection = l.c
		}
	}
	return infos, err
}

// loaded is a file of the folder: a collection, or one with no more than a name
// and the reason for it.
type loaded struct {
	file string
	c    *Collection
	err  error
}

func (s *Store) all() ([]loaded, error) {
	entries, err := os.ReadDir(s.folder)
	if errors.Is(err, fs.ErrNotExist) {
		// Windows says so of a file too.
		if st, err := os.Stat(s.folder); err == nil && !st.IsDir() {
			return nil, fmt.Errorf("read the saved messages: %s is a file, and should be a folder", s.folder)
		}
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the saved messages: %w", err)
	}
	var all []loaded
	for _, e := range entries {
		name := e.Name()
		if strings.HasPrefix(name, ".") || !strings.EqualFold(filepath.Ext(name), extension) || e.IsDir() {
			continue
		}
		if len(all) == MaxCollections {
			err = fmt.Errorf("%s has more files than the %d collections that are read: move some away", s.folder, MaxCollections)
			break
		}
		c, err := s.Load(name)
		if err != nil {
			c = &Collection{Name: nameOf(name)}
		}
		all = append(all, loaded{name, c, err})
	}
	slices.SortStableFunc(all, func(a, b loaded) int {
		return strings.Compare(strings.ToLower(a.c.Name), strings.ToLower(b.c.Name))
	})
	return all, err
}

// nameOf gives the name of a collection whose file says none.
func nameOf(file string) string {
	name := strings.TrimSuffix(file, filepath.Ext(file))
	if checkName(name, "") != "" {
		return "messages"
	}
	return name
}

// Load reads a file of the folder. The error is a [*FileError] when the file is
// there and is wrong.
func (s *Store) Load(file string) (*Collection, error) {
	if file != filepath.Base(file) {
		return nil, fmt.Errorf("%q is not a file of %s", file, s.folder)
	}
	path := filepath.Join(s.folder, file)
	b, err := read(path)
	if err != nil {
		return nil, fmt.Errorf("read the saved messages: %w", err)
	}
	c, err := decode(b)
	if err != nil {
		var at *FileError
		if errors.As(err, &at) {
			at.Path = path
		}
		return nil, err
	}
	if c.Name == "" {
		c.Name = nameOf(file)
	}
	c.store, c.file, c.sum, c.there = s, file, sha256.Sum256(b), true
	return c, nil
}

// Create makes an empty collection and its file. No other may have the name, in
// either case.
func (s *Store) Create(name string) (*Collection, error) { return s.create(name, "", nil) }

func (s *Store) create(name, note string, m []Message) (*Collection, error) {
	c := &Collection{Name: name, Note: note, Messages: slices.Clone(m), store: s}
	b, err := encode(c)
	if err == nil {
		err = s.locked(func() error {
			taken, err := s.all()
			if err != nil {
				return err
			}
			if len(taken) == MaxCollections {
				return fmt.Errorf("there are %d collections, and no more can be kept", MaxCollections)
			}
			if err := isFree(name, taken, ""); err != nil {
				return err
			}
			if c.file, err = s.free(name); err != nil {
				return err
			}
			return replace(c.File(), b)
		})
	}
	if err != nil {
		return nil, fmt.Errorf("create the collection %s: %w", quoted(name), err)
	}
	c.sum, c.there = sha256.Sum256(b), true
	return c, nil
}

// isFree tells whether no collection but that of file own has the name.
func isFree(name string, taken []loaded, own string) error {
	for _, l := range taken {
		if l.err == nil && l.file != own && strings.EqualFold(l.c.Name, name) {
			return fmt.Errorf("there is one called %q already: choose another name", l.c.Name)
		}
	}
	return nil
}

// free gives the name of a file that there is not yet.
func (s *Store) free(name string) (string, error) {
	stem := fileStem(name)
	for n := 1; n <= MaxCollections+1; n++ {
		file := stem + extension
		if n > 1 {
			file = fmt.Sprintf("%s-%d%s", stem, n, extension)
		}
		if _, err := os.Lstat(filepath.Join(s.folder, file)); errors.Is(err, fs.ErrNotExist) {
			return file, nil
		} else if err != nil {
			return "", err
		}
	}
	return "", fmt.Errorf("there are too many files called %s", stem+extension)
}

// fileStem makes a name of a file, as every system takes it, out of that of a
// collection: small letters and digits with - between them.
func fileStem(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() >= 60 {
			break
		}
	}
	stem := strings.TrimSuffix(b.String(), "-")
	switch {
	case stem == "":
		return "messages"
	case slices.Contains([]string{"con", "prn", "aux", "nul"}, stem),
		len(stem) == 4 && (strings.HasPrefix(stem, "com") || strings.HasPrefix(stem, "lpt")):
		return stem + "-messages" // Windows takes the others for devices
	}
	return stem
}

// ReadFile reads a file of at most [MaxFile] bytes whose messages are to be
// imported.
func ReadFile(path string) ([]byte, error) { return read(path) }

// read reads a file of at most MaxFile.
func read(path string) ([]byte, error) {
	if st, err := os.Stat(path); err != nil {
		return nil, err
	} else if !st.Mode().IsRegular() { // to open a pipe would wait for its writer
		return nil, fmt.Errorf("%s is no file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, MaxFile+1))
	if err == nil && len(b) > MaxFile {
		err = fmt.Errorf("%s is larger than the %d MiB a collection can be", path, MaxFile>>20)
	}
	return b, err
}

// replace writes a file of mode 0600 in the place of the one at path, so that
// there is always the old or the new one, also after the power failed. A
// symbolic link stays, and what it leads to is replaced.
func replace(path string, b []byte) error {
	if to, err := filepath.EvalSymlinks(path); err == nil {
		path = to
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".messages-*") // mode 0600
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if err2 := f.Close(); err == nil {
		err = err2
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
		return err
	}
	syncFolder(filepath.Dir(path))
	return nil
}

// syncFolder makes a rename last. Not every system can, and then there is
// nothing to do about it.
func syncFolder(folder string) {
	if d, err := os.Open(folder); err == nil {
		_ = d.Sync()
		d.Close()
	}
}

// lockWait is how long a save waits for another program that is saving.
const lockWait = 5 * time.Second

// locked makes the folder and runs do while no other program that asks is
// changing it. Where the file system has no locks, it runs all the same: what
// was changed meanwhile is then still noticed, but for the moment between
// looking and writing.
func (s *Store) locked(do func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := os.MkdirAll(s.folder, 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(s.folder, ".lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer f.Close() // which unlocks
	for end := time.Now().Add(lockWait); ; time.Sleep(20 * time.Millisecond) {
		if err = filelock.Try(f); !errors.Is(err, filelock.ErrHeld) {
			return do()
		}
		if time.Now().After(end) {
			return fmt.Errorf("another program has been saving to %s for %v: try again when it is done", s.folder, lockWait)
		}
	}
}
