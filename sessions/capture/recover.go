package capture

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"
)

// Orphan is a capture on disk that no log of this process holds.
type Orphan struct {
	Meta     Meta
	Files    []string // its segments, oldest first; at least one
	Bytes    int64    // on disk
	Modified time.Time

	marker string // path of its live marker, "" if it ended in good order
}

// Orphans returns the captures in dir whose process died: their live marker is there, and nobody holds it. Oldest
// first. A marker without segments is deleted. A folder that does not exist holds none.
func Orphans(dir string) ([]Orphan, error) {
	groups, markers, err := scanDir(dir)
	if err != nil {
		return nil, fmt.Errorf("look for captures in %s: %w", dir, err)
	}
	var found []Orphan
	for _, base := range markers {
		m, err := take(filepath.Join(dir, base+liveSuffix))
		if err != nil {
			continue // it lives, or has just ended
		}
		o := groups[base]
		if o == nil {
			// Best effort: an empty marker is only litter.
			_ = m.remove()
			continue
		}
		if meta := m.meta(); meta.Kind != "" {
			o.Meta = meta
		}
		o.marker = m.path
		m.release()
		found = append(found, *o)
	}
	return found, nil
}

// Finished returns the captures in dir that were ended in good order or adopted, newest first. A folder that does not
// exist holds none.
func Finished(dir string) ([]Orphan, error) {
	groups, markers, err := scanDir(dir)
	if err != nil {
		return nil, fmt.Errorf("look for captures in %s: %w", dir, err)
	}
	for _, base := range markers {
		delete(groups, base)
	}
	found := make([]Orphan, 0, len(groups))
	for _, o := range groups {
		found = append(found, *o)
	}
	sort.Slice(found, func(i, j int) bool { return found[i].Files[0] > found[j].Files[0] })
	return found, nil
}

// Prune deletes finished captures in dir: those that were last written to longer than keep ago (unless keep is not
// positive), then the oldest until the others take no more than maxBytes (unless that is not positive). It never
// touches live captures or orphans. It returns what it deleted, also when it fails half-way.
func Prune(dir string, keep time.Duration, maxBytes int64) (removed []Orphan, err error) {
	found, err := Finished(dir)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	var total int64
	var errs []error
	full := false
	for _, o := range found { // newest first
		old := keep > 0 && now.Sub(o.Modified) > keep
		if full = full || maxBytes > 0 && total+o.Bytes > maxBytes; !old && !full {
			total += o.Bytes
			continue
		}
		if err := o.Delete(); err != nil {
			errs = append(errs, err)
			continue
		}
		removed = append(removed, o)
	}
	return removed, errors.Join(errs...)
}

// Adopt makes an orphan an ordinary finished capture, by taking its live marker away.
func (o Orphan) Adopt() error {
	if o.marker == "" {
		return nil
	}
	m, err := take(o.marker)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("adopt capture: %w", err)
	}
	return m.remove()
}

// Delete deletes the capture's files.
func (o Orphan) Delete() error {
	if err := o.Adopt(); err != nil {
		return err
	}
	return removeFiles(o.Files)
}

// removeFiles deletes files; those that are gone already are fine.
func removeFiles(paths []string) error {
	var errs []error
	for _, path := range paths {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, fmt.Errorf("delete capture: %w", err))
		}
	}
	return errors.Join(errs...)
}

// scanDir returns the captures in dir by their base name, and the base names of the live markers, sorted.
func scanDir(dir string) (groups map[string]*Orphan, markers []string, err error) {
	list, err := os.ReadDir(dir) // sorted by name
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, err
	}
	segments := make(map[string][]segmentFile)
	groups = make(map[string]*Orphan)
	for _, e := range list {
		if base, ok := strings.CutSuffix(e.Name(), liveSuffix); ok {
			if _, ok := parseSegment(segmentName(base, 1)); ok {
				markers = append(markers, base)
			}
			continue
		}
		s, ok := parseSegment(filepath.Join(dir, e.Name()))
		if !ok {
			continue
		}
		info, err := e.Info()
		if err != nil {
			continue // deleted since
		}
		o := groups[s.base]
		if o == nil {
			o = &Orphan{Meta: Meta{Session: s.session, Created: s.created}}
			groups[s.base] = o
		}
		o.Bytes += info.Size()
		if t := info.ModTime(); t.After(o.Modified) {
			o.Modified = t
		}
		segments[s.base] = append(segments[s.base], s)
	}
	for base, o := range groups {
		list := segments[base]
		sort.Slice(list, func(i, j int) bool { return list[i].nth < list[j].nth })
		for _, s := range list {
			o.Files = append(o.Files, s.path)
		}
		if m, ok := fileMeta(o.Files[0]); ok {
			o.Meta = m
		}
	}
	return groups, markers, nil
}
