package framing

import (
	"fmt"
	"strings"
	"time"

	"wirebench/sessions/capture"
)

// State says how far a frame is what its framing asks for.
type State uint8

const (
	// Complete is a frame that is whole.
	Complete State = iota
	// Growing is a frame that has not ended yet: more of it may come.
	Growing
	// Incomplete is a frame that will never be whole: the connection ended in it, or bytes are missing in the capture.
	Incomplete
	// Oversize is a frame of more than [Framing.Max] bytes. Where frames end with a delimiter it goes on to the next
	// one all the same. Where they tell their length, it is no length to believe and so no place to go on from: the
	// rest of the connection in this direction is part of the frame.
	Oversize
	// Malformed is a frame whose length is none: a varint that does not end, a negative number, or fewer bytes than the
	// length itself takes. The rest of the connection in this direction is part of the frame.
	Malformed
)

// String returns the state in one word.
func (s State) String() string {
	switch s {
	case Growing:
		return "growing"
	case Incomplete:
		return "incomplete"
	case Oversize:
		return "oversize"
	case Malformed:
		return "malformed"
	}
	return "complete"
}

// Frame says where a frame lies. It holds none of its bytes: see [Index.ReadAt] and [Messages].
type Frame struct {
	Number int64 // of an Index, from 1 in the order of the list; 0 while it is growing or if it is not listed, and of a Cutter
	// Kind is capture.Data of a frame. Of what else is listed with Options.Events it is that of the record First: there
	// are no bytes then.
	Kind capture.Kind
	Dir  capture.Direction
	Flow capture.Flow

	First, Last int64 // numbers of the records with its first and its last byte
	Start, End  int   // where in the payload of those records it begins, and ends: behind the last byte
	Offset      int64 // of its first byte in the log's stream of its direction; of a Cutter, in what it was fed
	Began, Time time.Time

	Len      int64 // bytes that there are of it, with all that belongs to it; those that were evicted count
	Header   int64 // of these, bytes up to the end of its length
	Trailer  int64 // and bytes of its delimiter, unless that is kept
	Declared int64 // bytes it has by its length or its fixed size, header included; -1 if it does not say
	State    State
	Part     int32 // only of Messages that share a Budget: which part of a frame that there is no memory for, from 1

	// Torn says that its beginning may be missing: nothing of its connection before it was captured, or bytes right
	// before it were lost. Where it really begins cannot be known.
	Torn bool
	// Lost is how many of its first bytes were deleted to keep the capture within its budget.
	Lost int64
}

// Payload returns where the payload lies in the frame's bytes.
func (f *Frame) Payload() (from, to int64) {
	return min(f.Header, f.Len), max(f.Len-f.Trailer, min(f.Header, f.Len))
}

// Trouble says in words what is not as it should be with the frame, such as "incomplete: 12 of 40 bytes"; "" if nothing.
func (f *Frame) Trouble() string {
	var words []string
	if s := f.amount(); s != "" {
		words = append(words, s)
	}
	if f.Lost > 0 {
		words = append(words, fmt.Sprintf("its first %s deleted to keep the capture within its budget", were(f.Lost)))
	}
	if f.Torn {
		words = append(words, "its beginning may be missing")
	}
	return strings.Join(words, "; ")
}

// amount says how much there is of how much.
func (f *Frame) amount() string {
	switch {
	case f.State == Complete:
		return ""
	case f.Part > 0:
		whole := *f
		whole.Part = 0
		return fmt.Sprintf("%s; part %d of a frame that there is no memory left for", whole.amount(), f.Part)
	case f.State == Malformed && f.Declared < 0:
		return fmt.Sprintf("malformed: %s, and its length is no number that can be read", inBytes(f.Len))
	case f.State == Malformed:
		return fmt.Sprintf("malformed: %d of %s, of which its length alone takes %d", f.Len, inBytes(f.Declared), f.Header)
	case f.Declared >= 0:
		return fmt.Sprintf("%s: %d of %s", f.State, f.Len, inBytes(f.Declared))
	}
	return fmt.Sprintf("%s: %s", f.State, inBytes(f.Len))
}

// inBytes is "1 byte", "12 bytes".
func inBytes(n int64) string {
	if n == 1 {
		return "1 byte"
	}
	return fmt.Sprintf("%d bytes", n)
}

func were(n int64) string {
	if n == 1 {
		return "byte was"
	}
	return inBytes(n) + " were"
}
