package capture

import (
	"encoding/binary"
	"fmt"
)

// Scanned is what a [Scanner] tells of one record.
type Scanned struct {
	Number  int64
	Stamp   int64 // nanoseconds since 1970
	Dir     Direction
	Kind    Kind
	Proto   Proto
	Opens   bool   // the packet begins its direction (SYN); in another program's capture perhaps one with payload
	Ends    bool   // the packet ends its direction (FIN), after its payload if it has any
	Seq     uint32 // of TCP, the sequence number of Payload[0], or of the packet if it has none
	WireLen int    // payload bytes on the wire
	Offset  int64  // of Payload[0] in the log's stream of Dir
	Payload []byte // of Data; good until the next Load
}

// Scanner goes through the records of a log in order, with their payload, for those who make something of all of them:
//
//	for number := first; ; number = s.Next() {
//		if ok, err := s.Load(number); !ok {
//			return err // nil: there is no more for now
//		}
//		for s.Scan() {
//			... s.Scanned ...
//		}
//	}
//
// Only Load reads the disk, some 256 KiB at once. What is evicted meanwhile is passed over: numbers then jump.
// A Scanner is for one goroutine at a time. Its zero value is no use; see [Log.NewScanner].
type Scanner struct {
	Scanned

	log   *Log
	flows *flowSet // nil: all
	ahead []run
	from  int64
	w     runReader
	heads [2][]byte // by direction, the headers of the record before
	same  bool
	err   error
}

// scanAhead is how many runs a scanner looks up at once.
const scanAhead = 64

// NewScanner returns a scanner of the records of flows, nil standing for all records. The caller must Close it.
func (l *Log) NewScanner(flows []FlowSpan) *Scanner {
	s := &Scanner{log: l}
	if flows != nil {
		s.flows = newFlowSet(flows)
	}
	return s
}

// Close gives back what the scanner holds. It may be used again, from the next Load on.
func (s *Scanner) Close() {
	s.w.close()
	s.ahead = nil
}

// Load reads a run of records that holds number, or the next that is kept. ok is false when there is none, for now or
// for good.
func (s *Scanner) Load(number int64) (ok bool, err error) {
	s.from, s.err = number, nil
	s.heads = [2][]byte{}
	if len(s.ahead) > 0 && number < s.ahead[0].from.number {
		s.ahead = nil
	}
	for {
		for len(s.ahead) > 0 && s.ahead[0].to.number <= number {
			s.ahead = s.ahead[1:]
		}
		if len(s.ahead) == 0 {
			if s.ahead, err = s.log.snapshotSome(number, false, scanAhead); err != nil {
				return false, fmt.Errorf("read capture: %w", err)
			}
			if n := len(s.ahead); n == 0 || s.ahead[n-1].to.number <= number {
				s.ahead = nil
				return false, nil
			}
			continue
		}
		r := s.ahead[0]
		s.ahead = s.ahead[1:]
		if err := s.w.load(s.log, r); err != nil {
			return false, err
		}
		if s.w.left > 0 {
			return true, nil
		}
	}
}

// Scan goes on to the next record of the run that is one of those asked for. It returns false behind the last one, or
// when something cannot be read: see Err.
func (s *Scanner) Scan() bool {
	for s.w.next() {
		if s.w.number < s.from || s.flows != nil && !s.flows.has(&s.w) {
			continue
		}
		s.fill()
		return true
	}
	s.err = s.w.err
	return false
}

// First returns the number of the first record of the run, asked for or not: more than the one given to Load if that was
// evicted.
func (s *Scanner) First() int64 { return max(s.w.run.from.number, s.from) }

// Segment returns the number of the first record of the segment that holds the run. When records are evicted, it is the
// number of the first of some segment from which on they are kept.
func (s *Scanner) Segment() int64 { return s.w.run.first }

// Next returns the number to Load after Scan returned false: that of the record behind the run.
func (s *Scanner) Next() int64 { return max(s.w.number+1, s.from) }

// Err returns why Scan ended early, nil if it did not.
func (s *Scanner) Err() error { return s.err }

// Flow returns the flow of the record: zero for a note without one.
func (s *Scanner) Flow() Flow { return s.w.flow() }

// Note returns the note of the record, nil if it has none; good until the next Load.
func (s *Scanner) Note() []byte { return s.w.note() }

// SameFlow reports whether the record is known to be of the same flow as the one before it of its direction among those
// that Scan stood on. It is cheap, and may say no where Flow would tell that it is.
func (s *Scanner) SameFlow() bool { return s.same }

func (s *Scanner) fill() {
	w := &s.w
	s.Scanned = Scanned{
		Number: w.number, Dir: w.dir, Kind: w.kind, Opens: w.kind == Open,
		Ends: w.kind == Close, Payload: w.payload, WireLen: len(w.payload), Offset: w.in,
	}
	if w.dir == Out {
		s.Offset = w.out
	}
	if w.run.seg.form != formNative {
		s.fillForeign()
		return
	}
	s.Stamp, s.Proto = w.stamp, w.head.proto
	if s.Proto == TCP && w.head.ports > 0 {
		s.Seq = binary.BigEndian.Uint32(w.packet[w.head.ports+4:])
	}
	if head := s.heads[w.dir]; head != nil {
		s.same = w.head.sameFlow(head, w.packet)
	} else {
		s.same = false
	}
	s.heads[w.dir] = nil
	if w.head.ports > 0 {
		s.heads[w.dir] = w.packet[:w.head.off]
	}
}

func (s *Scanner) fillForeign() {
	f := s.w.foreign
	s.same, s.Stamp, s.WireLen = false, f.f.time, f.wire
	if !f.decoded {
		return
	}
	d := &f.foreign
	if s.Proto = d.proto; d.proto != TCP {
		return
	}
	if s.Seq = d.seq; s.Kind != Data {
		return
	}
	s.Opens, s.Ends = d.syn, d.fin
	// The bytes that were there before are no part of the payload.
	if s.Seq += uint32(d.payloadWireLen - f.wire); d.syn {
		s.Seq++
	}
}
