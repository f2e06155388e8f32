package capture

import (
	"io"
	"os"
	"time"

	"github.com/google/uuid"
)

const (
	// DefaultBudget is the disk budget of a capture, in bytes, where Options name none.
	DefaultBudget int64 = 4 << 30
	// DefaultSegmentSize is the size, in bytes, at which a new segment is begun where Options name none.
	DefaultSegmentSize int64 = 256 << 20
	// DefaultBacklog is how many bytes may wait for the disk where Options do not say.
	DefaultBacklog int64 = 8 << 20
)

// Options say where and how a live capture is kept.
type Options struct {
	// Dir is the folder of the segments. It is made, mode 0700, with the first record.
	Dir string
	// Meta names the session. A zero Session or Created is filled in by Create.
	Meta Meta
	// Budget is the most bytes the segments may take on disk; DefaultBudget if not positive.
	Budget int64
	// SegmentSize is the size at which a new segment is begun; DefaultSegmentSize if not positive. It is lowered to
	// a quarter of the budget, so that eviction never takes more than that at once.
	SegmentSize int64
	// Backlog is the most bytes that may wait for the disk, in whole mebibytes; DefaultBacklog if not positive.
	// Append waits when there are so many, so what cannot wait itself, as a flood of datagrams, needs more.
	Backlog int64
	// Clock gives the time of a record; time.Now if nil. It is called under the log's lock and must not use the log.
	Clock func() time.Time
	// Create makes a segment's file; nil means os.OpenFile with O_CREATE|O_EXCL|O_RDWR and mode 0600.
	Create func(path string) (File, error)
}

// File is what a segment is written to and read from. A File that also has Truncate(int64) error, as [os.File] has,
// gets the remains of a failed write cut off.
type File interface {
	io.ReaderAt
	io.Writer
	io.Closer
	Sync() error
}

// withDefaults fills in what the caller left out.
func (o Options) withDefaults() Options {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Create == nil {
		o.Create = func(path string) (File, error) {
			return os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
		}
	}
	if o.Budget <= 0 {
		o.Budget = DefaultBudget
	}
	if o.SegmentSize <= 0 {
		o.SegmentSize = DefaultSegmentSize
	}
	if o.Backlog <= 0 {
		o.Backlog = DefaultBacklog
	}
	o.SegmentSize = min(o.SegmentSize, max(o.Budget/4, 1))
	if o.Meta.Session == uuid.Nil {
		o.Meta.Session = uuid.New()
	}
	if o.Meta.Created.IsZero() {
		o.Meta.Created = o.Clock()
	}
	o.Meta.Created = o.Meta.Created.UTC()
	return o
}
