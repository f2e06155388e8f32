package messages

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// ErrChanged is in the error of a save when the file is no longer what the
// collection was loaded from: another program, or another window, saved to it
// or deleted it. Nothing was written. [Collection.Reload] takes what is there
// and gives up the own changes, [Collection.Overwrite] does the opposite, and
// [Collection.SaveAs] keeps both.
var ErrChanged = errors.New("the file was changed by another program since it was read")

// Collection is the messages of one file, in the order a person gave them. It
// is changed in memory and written by [Collection.Save]. A Collection is not
// safe for concurrent use.
type Collection struct {
	Name     string
	Note     string
	Messages []Message

	store *Store
	file  string            // name within the folder
	sum   [sha256.Size]byte // of the file as it was read or written last
	there bool              // there was one then
}

// File gives the path of the file.
func (c *Collection) File() string { return filepath.Join(c.store.folder, c.file) }

// Insert puts a message before number i, or behind the last.
func (c *Collection) Insert(i int, m ...Message) error {
	if i < 0 || i > len(c.Messages) {
		return fmt.Errorf("there is no place %d among %d messages", i, len(c.Messages))
	}
	if len(c.Messages)+len(m) > MaxMessages {
		return fmt.Errorf("%q holds %d messages and takes no more than %d: put some into another collection", c.Name, len(c.Messages), MaxMessages)
	}
	for k := range m {
		if why := m[k].check(); why != "" {
			return errors.New(why)
		}
	}
	c.Messages = slices.Insert(c.Messages, i, m...)
	return nil
}

// Add puts messages behind the last.
func (c *Collection) Add(m ...Message) error { return c.Insert(len(c.Messages), m...) }

// Replace puts m in the place of message i.
func (c *Collection) Replace(i int, m Message) error {
	if err := c.has(i); err != nil {
		return err
	}
	if why := m.check(); why != "" {
		return errors.New(why)
	}
	c.Messages[i] = m
	return nil
}

// Remove takes message i out.
func (c *Collection) Remove(i int) error {
	if err := c.has(i); err != nil {
		return err
	}
	c.Messages = slices.Delete(c.Messages, i, i+1)
	return nil
}

// Move takes message i out and puts it back so that it is number to.
func (c *Collection) Move(i, to int) error {
	if err := errors.Join(c.has(i), c.has(to)); err != nil {
		return err
	}
	m := c.Messages[i]
	c.Messages = slices.Insert(slices.Delete(c.Messages, i, i+1), to, m)
	return nil
}

func (c *Collection) has(i int) error {
	if i < 0 || i >= len(c.Messages) {
		return fmt.Errorf("there is no message %d among %d", i, len(c.Messages))
	}
	return nil
}

// Save writes the file in one step, so that a crash leaves the old one or the
// new one. It refuses with [ErrChanged] when the file is not the one that was
// read.
func (c *Collection) Save() error { return c.save(false) }

// Overwrite is Save, whatever is there now.
func (c *Collection) Overwrite() error { return c.save(true) }

func (c *Collection) save(over bool) error {
	b, err := encode(c)
	if err == nil {
		err = c.store.locked(func() error {
			if !over {
				if err := c.unchanged(); err != nil {
					return err
				}
			}
			return replace(c.File(), b)
		})
	}
	if err != nil {
		return fmt.Errorf("save the messages in %q: %w", c.Name, err)
	}
	c.sum, c.there = sha256.Sum256(b), true
	return nil
}

// unchanged tells whether the file is still what was read or written last.
func (c *Collection) unchanged() error {
	b, err := read(c.File())
	switch {
	case errors.Is(err, fs.ErrNotExist) && !c.there:
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s is gone: %w", c.File(), ErrChanged)
	case err != nil:
		return err
	case sha256.Sum256(b) != c.sum:
		return fmt.Errorf("%s: %w", c.File(), ErrChanged)
	}
	return nil
}

// Changed tells whether the file is no longer the one that was read.
func (c *Collection) Changed() bool { return errors.Is(c.unchanged(), ErrChanged) }

// Reload takes what is in the file now. After an error c is what it was.
func (c *Collection) Reload() error {
	now, err := c.store.Load(c.file)
	if err == nil {
		*c = *now
	}
	return err
}

// SaveAs writes the messages into a new collection with another name, which c
// then is. The file of the old one is left alone.
func (c *Collection) SaveAs(name string) error {
	now, err := c.store.create(name, c.Note, c.Messages)
	if err == nil {
		*c = *now
	}
	return err
}

// Rename gives the collection another name and saves it. No other may have the
// name, in either case. After an error c has its old name.
func (c *Collection) Rename(name string) error {
	old := c.Name
	c.Name = name
	b, err := encode(c)
	if err == nil {
		err = c.store.locked(func() error {
			taken, err := c.store.all()
			if err == nil {
				err = isFree(name, taken, c.file)
			}
			if err == nil {
				err = c.unchanged()
			}
			if err != nil {
				return err
			}
			return replace(c.File(), b)
		})
	}
	if err != nil {
		c.Name = old
		return fmt.Errorf("rename the collection %q: %w", old, err)
	}
	c.sum, c.there = sha256.Sum256(b), true
	return nil
}

// Delete removes the file, unless it is no longer the one that was read.
func (c *Collection) Delete() error {
	err := c.store.locked(func() error {
		if err := c.unchanged(); err != nil || !c.there {
			return err
		}
		return os.Remove(c.File())
	})
	if err != nil {
		return fmt.Errorf("delete the messages in %q: %w", c.Name, err)
	}
	c.there = false
	return nil
}

// MoveTo takes message i out of c, puts it into other before number at, and
// saves both, other first: a failure in between leaves the message in both and
// never in neither, and the error tells.
func (c *Collection) MoveTo(i int, other *Collection, at int) error {
	if err := c.has(i); err != nil {
		return err
	}
	if c == other || c.store == other.store && c.file == other.file {
		return errors.New("a message moves within its collection by Move")
	}
	if c.Changed() {
		return fmt.Errorf("move a message out of %q: %w", c.Name, ErrChanged)
	}
	before := slices.Clone(other.Messages)
	if err := other.Insert(at, c.Messages[i]); err != nil {
		return err
	}
	if err := other.Save(); err != nil {
		other.Messages = before
		return err
	}
	m := c.Messages[i]
	c.Messages = slices.Delete(c.Messages, i, i+1)
	if err := c.Save(); err != nil {
		c.Messages = slices.Insert(c.Messages, i, m)
		return fmt.Errorf("%q is in %q now, and still in %q: %w", m.Name, other.Name, c.Name, err)
	}
	return nil
}
