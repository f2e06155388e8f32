package capture

import (
	"sync"
	"time"
)

const (
	// batchSize is the most bytes the writer hands to the operating system at once.
	batchSize = 1 << 20
	// indexEvery is how many bytes of a segment lie between two index entries, at least.
	indexEvery = 64 << 10
)

// batch is a run of whole blocks on its way to one segment.
type batch struct {
	buf     []byte   // blocks, after the segment's header if begin is set
	begin   bool     // the segment is to be made first
	entries []entry  // index entries of the blocks
	before  counters // ahead of the first record
	after   counters // of the last record
	records uint64
}

// batches are shared by all logs: a log that is idle holds none.
var batches = sync.Pool{New: func() any { return &batch{buf: make([]byte, 0, batchSize)} }}

// intake is the side of a log that Append works on.
type intake struct {
	mu      sync.Mutex
	room    *sync.Cond // signalled when a batch has come free
	started bool       // the goroutines run
	closed  bool
	failed  bool
	asleep  bool // the writer waits until woken, with nothing to write
	waiting int  // callers of Append that wait for room

	cur   *batch   // being filled, nil if there is none
	full  []*batch // waiting for the writer, oldest first
	inUse int      // cur, full, and the one that is being written

	now      counters // of the newest appended record
	segBytes int64    // of the segment being filled; 0 when one is to be begun
	indexed  int64    // offset of the newest index entry in it; 0 for none
	appended uint64   // records ever, lost ones included
	lostThen struct{ records, bytes int64 }
	flows    flowTable
}

// Append adds one record, or several where payload is longer than one may be (see [MaxPayload]). It copies payload,
// which only Data has. note becomes the packet's comment, of the first record if there are several.
//
// An Open is the SYN if the other side of the flow has not opened yet, else the SYN-ACK: a client appends Out then In,
// a server In then Out. TCP Data without payload carries nothing a packet could show: it is kept as a Note if it has a
// note, else ignored. A UDP datagram may be empty.
//
// Append does not wait for the disk but when that is several megabytes behind. It does not fail: what is appended
// while capturing is stopped, or after Close, is counted in Stats as lost.
func (l *Log) Append(f Flow, d Direction, k Kind, payload []byte, note string) {
	l.AppendAt(time.Time{}, f, d, k, payload, note)
}

// AppendAt is [Log.Append] with the time of the record, for those who know it better than the log's clock: the system
// knows when a datagram arrived. The zero time is now. It returns the number of the record, of the last one if there are
// several, and 0 if it was not kept.
func (l *Log) AppendAt(at time.Time, f Flow, d Direction, k Kind, payload []byte, note string) (number int64) {
	if l.readOnly {
		return 0
	}
	if f.Proto != TCP && f.Proto != UDP {
		f.Proto = 0
		if k != Data {
			k = Note
		}
	}
	limit := MaxPayload
	switch {
	case k != Data:
		payload = nil
	case f.Proto == TCP && len(payload) == 0:
		if note == "" {
			return 0
		}
		k = Note
	}
	p := packet{dir: d & 1, kind: k, proto: f.Proto, note: cut(note, MaxNote)}
	if !at.IsZero() {
		p.time = at.UnixNano()
	}
	var e ends
	if f.Proto != 0 || k != Note {
		e = endsOf(f)
	}
	if p.ends = &e; f.Proto == UDP {
		limit = e.maxDatagram()
	}
	l.in.mu.Lock()
	defer l.in.mu.Unlock()
	before := l.in.appended - uint64(l.in.now.number) // lost so far
	l.appendAll(&p, payload, limit, !l.in.closed, at.IsZero())
	if l.in.appended-uint64(l.in.now.number) > before {
		return 0
	}
	return l.in.now.number
}

// Datagram is one of several that [Log.AppendDatagrams] takes.
type Datagram struct {
	Time    time.Time // the zero time is now
	Flow    Flow      // of UDP, whatever its Proto says
	Payload []byte    // is copied
}

// AppendDatagrams is [Log.AppendAt] for the Data of several datagrams that went the same way, in their order, at a
// fraction of the cost. "Now" is the same for all of them.
func (l *Log) AppendDatagrams(d Direction, list []Datagram) {
	if l.readOnly || len(list) == 0 {
		return
	}
	var flow Flow
	var e ends
	var now int64
	limit := 0
	p := packet{dir: d & 1, kind: Data, proto: UDP, ends: &e}
	l.in.mu.Lock()
	defer l.in.mu.Unlock()
	open := !l.in.closed
	for i := range list {
		g := &list[i]
		if i == 0 || g.Flow != flow {
			flow = g.Flow
			e = endsOf(Flow{UDP, flow.Local, flow.Remote})
			limit = e.maxDatagram()
		}
		switch {
		case !g.Time.IsZero():
			p.time = g.Time.UnixNano()
		case now == 0:
			now = l.opts.Clock().UnixNano()
			fallthrough
		default:
			p.time = now
		}
		l.appendAll(&p, g.Payload, limit, open, false)
	}
}

// maxDatagram returns the most payload bytes of a datagram.
func (e *ends) maxDatagram() int {
	if e.v6 {
		return 0xFFFF - udpHead
	}
	return 0xFFFF - udpHead - ip4Head
}

// appendAll puts payload into the current batch, as p, or as several of it that have at most limit bytes each; now says
// that it happens now. in.mu is held; it is let go while there is no room.
func (l *Log) appendAll(p *packet, payload []byte, limit int, open, now bool) {
	for {
		n := min(len(payload), limit)
		p.payload, payload = payload[:n], payload[n:]
		l.appendOne(p, open, now)
		if len(payload) == 0 {
			return
		}
		p.note = ""
	}
}

// appendOne puts p into the current batch; now says that it happens now. in.mu is held; it is let go while there is no room.
func (l *Log) appendOne(p *packet, open, now bool) {
	in := &l.in
	if open && !in.started {
		l.start()
	}
	size := p.maxSize()
	for open && !in.failed {
		begin := in.segBytes == 0 || in.segBytes+int64(size) > l.opts.SegmentSize && in.segBytes > int64(len(l.header))
		if in.cur != nil && (begin || len(in.cur.buf)+size > cap(in.cur.buf)) {
			l.seal()
		}
		if in.cur != nil {
			break
		}
		if in.inUse >= l.mostBatches() {
			in.waiting++
			in.room.Wait()
			in.waiting--
			continue
		}
		l.newBatch(begin)
	}
	in.appended++
	if now {
		p.time = l.opts.Clock().UnixNano()
	}
	if p.proto == TCP {
		// A lost record moves its connection on as well: the capture then shows a hole where bytes are missing.
		in.flows.advance(p, uint32(in.now.number))
	}
	if !open || in.failed {
		l.lose(p)
		return
	}
	b := in.cur
	if in.indexed == 0 || in.segBytes-in.indexed >= indexEvery {
		b.entries = append(b.entries, in.now.entry(in.segBytes))
		in.indexed = in.segBytes
	}
	was := len(b.buf)
	b.buf = p.appendTo(b.buf)
	in.segBytes += int64(len(b.buf) - was)
	in.now.add(p.time, p.dir, p.kind, len(p.payload))
	b.after = in.now
	b.records++
	l.total.Add(int64(len(p.payload)))
	if in.asleep {
		in.asleep = false
		l.wake()
	}
}

// mostBatches bounds the memory between Append and the disk. The writer has one while another is being filled.
func (l *Log) mostBatches() int { return int(max(l.opts.Backlog/batchSize, 2)) }

// newBatch makes an empty batch the current one. in.mu is held.
func (l *Log) newBatch(begin bool) {
	b := batches.Get().(*batch)
	*b = batch{buf: b.buf[:0], entries: b.entries[:0], begin: begin, before: l.in.now, after: l.in.now}
	if begin {
		b.buf = append(b.buf, l.header...)
		l.in.segBytes, l.in.indexed = int64(len(l.header)), 0
	}
	l.in.cur = b
	l.in.inUse++
}

// seal hands the current batch to the writer. in.mu is held.
func (l *Log) seal() {
	l.in.full = append(l.in.full, l.in.cur)
	l.in.cur = nil
	l.wake()
}

// recycle takes back a batch that was written or lost. in.mu is held.
func (l *Log) recycle(b *batch) {
	batches.Put(b)
	l.in.inUse--
	l.in.room.Broadcast()
}

// lose counts p as lost. in.mu is held.
func (l *Log) lose(p *packet) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.settled++
	l.st.LostRecords++
	l.st.LostBytes += int64(len(p.payload))
	l.notify()
}
