package localca

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"strings"
	"time"
	"unicode"
)

// fileName is the file with certificate and key. They stand in one so that they come into being at once:
// of two files that two processes make, one of each could stay.
const fileName = "test-ca-with-key.pem"

const (
	maxFile = 64 << 10
	// settling is how long a file that cannot be read may be another process's that is being written.
	settling = time.Second
)

// Open loads the authority of a folder, or makes one and the folder with it (for the owner alone: mode 0700,
// its file 0600). Processes that make one at the same time end with the same. A file that is damaged or whose
// certificate has expired is never replaced: the error names it, so that a person can remove it, because
// clients may trust what is in it.
func Open(dir string) (*Authority, error) {
	if dir == "" {
		return nil, errors.New("open the test CA: no folder is named for it")
	}
	path := filepath.Join(dir, fileName)
	a, err := load(path)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return a, err
	}
	if err := create(path); err != nil {
		return nil, fmt.Errorf("make the test CA: %w", err)
	}
	return load(path)
}

// load reads the file. The error is fs.ErrNotExist as it comes, or for people.
func load(path string) (*Authority, error) {
	for {
		data, changed, err := read(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if err != nil {
			return nil, fmt.Errorf("open the test CA: %w", err)
		}
		a, err := decode(data, time.Now())
		if err == nil {
			return a, nil
		}
		age := time.Since(changed)
		if errors.Is(err, errExpired) || errors.Is(err, errClock) || age < 0 || age > settling {
			return nil, unusable(path, err)
		}
		time.Sleep(settling / 20)
	}
}

// unusable says what to do about a file.
func unusable(path string, err error) error {
	switch {
	case errors.Is(err, errClock):
		return fmt.Errorf("the test CA in %s cannot be used: %w (check this machine's clock)", path, err)
	case errors.Is(err, errExpired):
		return fmt.Errorf("the test CA in %s cannot be used: %w (remove the file, and a new CA is made; its root then goes to the clients again)", path, err)
	}
	return fmt.Errorf("the test CA in %s cannot be used: %w (put it back from a copy; or remove the file, and a new CA is made, whose root then goes to the clients again)", path, err)
}

func read(path string) (data []byte, changed time.Time, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, time.Time{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, time.Time{}, err
	}
	if info.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows" {
		// It was made with 0600, so that a copy or a backup has opened it to others.
		if err := f.Chmod(0o600); err != nil {
			return nil, time.Time{}, fmt.Errorf("others can read the private key, and that cannot be changed: %w", err)
		}
	}
	data, err = io.ReadAll(io.LimitReader(f, maxFile))
	return data, info.ModTime(), err
}

// create makes the file, or leaves the one that another process has made meanwhile.
func create(path string) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	now := time.Now()
	a, err := newAuthority(rootName(now), now)
	if err != nil {
		return err
	}
	data, err := a.encode()
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, "new-*.tmp") // for the owner alone
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	// A link, unlike a rename, never takes the place of what is there.
	err = os.Link(f.Name(), path)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return nil
	}
	return createPlain(path, data)
}

// createPlain is for file systems without links, where another process may see a file that is half written;
// see settling.
func createPlain(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		_ = os.Remove(path) // what is left of it is of no use to anyone
	}
	return err
}

// rootName tells authorities apart where several are trusted.
func rootName(now time.Time) string {
	const before = "Wirebench test CA "
	after := now.Format(" 2006-01-02")
	who := "user"
	if u, err := user.Current(); err == nil && u.Username != "" {
		who = u.Username[strings.LastIndexByte(u.Username, '\\')+1:] // without a Windows domain
	}
	if host, err := os.Hostname(); err == nil && host != "" {
		who += "@" + host
	}
	return before + cut(who, maxCommonName-len(before)-len(after)) + after
}

// cut leaves out what cannot be shown, and what is more than n characters.
func cut(s string, n int) string {
	s = strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || !unicode.IsGraphic(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	if r := []rune(s); len(r) > n {
		s = string(r[:n])
	}
	return s
}
