package capture

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"wirebench/sessions/filelock"
)

const (
	liveSuffix    = ".live"
	segmentSuffix = ".pcapng"
	baseTime      = "20060102-150405"
	maxMarker     = 64 << 10 // bytes of a marker that are read
)

// baseName returns what the names of all files of a capture begin with. Names sort by time.
func baseName(m Meta, created time.Time) string {
	return created.UTC().Format(baseTime) + "-" + m.Session.String()
}

// segmentName returns the name of the nth segment, from 1.
func segmentName(base string, nth int) string {
	return fmt.Sprintf("%s-%04d%s", base, nth, segmentSuffix)
}

// freeBase returns a base name for m that no file in dir begins with: a session that was opened again within the same
// second gets the name of a later one.
func freeBase(dir string, m Meta) (string, error) {
	list, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	for i := range 3600 {
		base := baseName(m, m.Created.Add(time.Duration(i)*time.Second))
		if !slices.ContainsFunc(list, func(e fs.DirEntry) bool { return strings.HasPrefix(e.Name(), base) }) {
			return base, nil
		}
	}
	return "", fmt.Errorf("name the capture: %w", fs.ErrExist)
}

// segmentFile is what the path of a segment says.
type segmentFile struct {
	path, base string
	nth        int
	session    uuid.UUID
	created    time.Time
}

var segmentPattern = regexp.MustCompile(`^((\d{8}-\d{6})-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}))-(\d{4,9})\.pcapng$`)

// parseSegment reads the path of a segment. It reports false for files that are not named as this package does.
func parseSegment(path string) (segmentFile, bool) {
	m := segmentPattern.FindStringSubmatch(filepath.Base(path))
	if m == nil {
		return segmentFile{}, false
	}
	created, err := time.Parse(baseTime, m[2])
	if err != nil {
		return segmentFile{}, false
	}
	session, err := uuid.Parse(m[3])
	if err != nil {
		return segmentFile{}, false
	}
	nth, err := strconv.Atoi(m[4])
	return segmentFile{path: path, base: m[1], nth: nth, session: session, created: created}, err == nil
}

// marker is a file that is locked as long as its log lives. The operating system lets go of the lock when the process
// ends, however it ends: a marker that can be locked has lost its log.
type marker struct {
	path string
	file *os.File
}

// mark makes and locks the marker at path.
func mark(path string, m Meta) (*marker, error) {
	b, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	f, err := filelock.Create(path)
	if err != nil {
		return nil, err
	}
	mk := &marker{path: path, file: f}
	if _, err = f.WriteAt(b, 0); err != nil {
		_ = mk.remove()
		return nil, err
	}
	return mk, nil
}

// take locks the marker at path, which must be there. It returns [filelock.ErrHeld] when its log lives.
func take(path string) (*marker, error) {
	f, err := filelock.Open(path)
	if err != nil {
		return nil, err
	}
	return &marker{path: path, file: f}, nil
}

// meta reads what the marker says of its session; the zero Meta if it was cut off.
func (m *marker) meta() (meta Meta) {
	b, err := io.ReadAll(io.NewSectionReader(m.file, 0, maxMarker))
	if err == nil && json.Unmarshal(b, &meta) != nil {
		meta = Meta{}
	}
	return meta
}

// release unlocks the marker and leaves it where it is.
func (m *marker) release() { m.file.Close() }

// remove deletes the marker and unlocks it, in that order where the system deletes open files.
func (m *marker) remove() error {
	err := os.Remove(m.path)
	m.file.Close()
	if err != nil {
		err = os.Remove(m.path)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
