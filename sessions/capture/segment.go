package capture

import (
	"errors"
	"io/fs"
	"os"
	"sort"
	"time"
)

// entry is one line of the sparse index: where in a segment some record begins, and the totals ahead of it.
type entry struct {
	off     int64 // of the record's block in the segment
	number  int64 // of the record
	in, out int64 // payload bytes ahead of it
	latest  int64 // latest time of the records ahead of it; minTime if there are none
}

// stream returns the offset in stream s of the first byte behind the entry.
func (e entry) stream(s Stream) int64 {
	switch s {
	case InOnly:
		return e.in
	case OutOnly:
		return e.out
	}
	return e.in + e.out
}

// form says how the packets of a segment are to be read.
type form uint8

const (
	formNative form = iota // pcapng as this package writes it: a packet alone tells all there is to know
	formPcapng
	formPcap
)

// segment is one file of a log. The fields of the first group are guarded by Log.mu, the others do not change once the
// segment is among Log.segs.
type segment struct {
	entries []entry // at least one
	end     entry   // what the entry after the last record would be; end.off is the readable length
	refs    int     // readers that use file, the log itself counting as one
	gone    bool    // to be removed from disk with the last reference
	dirty   bool    // written to since the last sync

	path     string
	file     File
	form     form
	sections []section // of formPcapng, by offset
	pcap     pcapFile  // of formPcap
	verdicts verdicts  // of formPcapng and formPcap
}

// span is the part of a segment between one index entry and the next. Whoever got one from Log.find lets it go with
// Log.leave.
type span struct {
	seg  *segment
	from entry
	end  int64 // offset behind the last block
	next int64 // number of the record there
}

// find returns the span of the last index entry that ahead accepts. ahead accepts every entry up to some point and
// none behind it. ok is false when there is no such entry. l.mu is held.
func (l *Log) find(ahead func(e *entry) bool) (sp span, ok bool) {
	i := sort.Search(len(l.segs), func(i int) bool { return !ahead(&l.segs[i].entries[0]) })
	if i == 0 {
		return span{}, false
	}
	seg := l.segs[i-1]
	j := sort.Search(len(seg.entries), func(j int) bool { return !ahead(&seg.entries[j]) })
	sp = span{seg: seg, from: seg.entries[j-1], end: seg.end.off, next: seg.end.number}
	if j < len(seg.entries) {
		sp.end, sp.next = seg.entries[j].off, seg.entries[j].number
	}
	seg.refs++
	return sp, true
}

// leave gives back the reference that find took.
func (l *Log) leave(s *segment) {
	l.mu.Lock()
	s.refs--
	last := s.refs == 0
	l.mu.Unlock()
	if last {
		l.dispose(s)
	}
}

// dispose closes the file of a segment that nobody uses any more, and deletes it if it is gone: in this order, since
// Windows deletes no open file.
func (l *Log) dispose(s *segment) {
	err := s.file.Close()
	if s.gone {
		if rerr := os.Remove(s.path); rerr != nil && !errors.Is(rerr, fs.ErrNotExist) {
			l.warn("a part of the capture that was to be deleted is still there: %v", rerr)
		}
		return
	}
	if err != nil {
		l.warn("close capture: %v", err)
	}
}

// evict takes the oldest segments out of the log until it is within its budget and returns those that nobody uses.
// The newest segment stays. l.mu is held.
func (l *Log) evict() (idle []*segment) {
	for l.st.DiskBytes > l.opts.Budget && len(l.segs) > 1 {
		s := l.segs[0]
		l.segs[0] = nil
		l.segs = l.segs[1:]
		first := s.entries[0]
		l.st.DiskBytes -= s.end.off
		l.st.EvictedRecords += s.end.number - first.number
		l.st.EvictedBytes += s.end.in + s.end.out - first.in - first.out
		s.gone = true
		if s.refs--; s.refs == 0 {
			idle = append(idle, s)
		}
	}
	return idle
}

// timeOf returns the time that is ns nanoseconds after 1970.
func timeOf(ns int64) time.Time { return time.Unix(0, ns) }

// The times that nanoseconds since 1970 reach to.
const (
	minTime = -1 << 63
	maxTime = 1<<63 - 1
)

// stampOf returns t in nanoseconds since 1970, or the nearest there is.
func stampOf(t time.Time) int64 {
	switch {
	case t.Before(timeOf(minTime)):
		return minTime
	case t.After(timeOf(maxTime)):
		return maxTime
	}
	return t.UnixNano()
}
