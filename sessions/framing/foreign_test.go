package framing

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"wirebench/sessions/capture"
)

// segment is a TCP packet of another program's capture, from the client unless back, of which a part may be cut off.
type segment struct {
	back    bool
	seq     uint32
	flags   byte
	payload string
	cut     int
}

const (
	fin, syn, rst, ack = 1, 2, 4, 16
)

// foreign writes a pcap file of raw IP packets and opens it.
func foreign(t *testing.T, list []segment) *capture.Log {
	t.Helper()
	le, be := binary.LittleEndian, binary.BigEndian
	b := le.AppendUint32(nil, 0xA1B23C4D)
	b = le.AppendUint16(le.AppendUint16(b, 2), 4)
	b = append(b, make([]byte, 8)...)
	b = le.AppendUint32(le.AppendUint32(b, 65535), 101)
	for i, s := range list {
		p := make([]byte, 40)
		p[0], p[8], p[9] = 0x45, 64, 6
		be.PutUint16(p[2:], uint16(40+len(s.payload)))
		from, to := 0, 1
		if s.back {
			from, to = 1, 0
		}
		copy(p[12:], []byte{10, 0, 0, byte(1 + from), 10, 0, 0, byte(1 + to)})
		be.PutUint16(p[20:], uint16(1000+from))
		be.PutUint16(p[22:], uint16(1000+to))
		be.PutUint32(p[24:], s.seq)
		p[32], p[33] = 5<<4, s.flags
		p = append(p, s.payload...)
		b = le.AppendUint32(le.AppendUint32(b, 1000+uint32(i)), 0)
		b = le.AppendUint32(le.AppendUint32(b, uint32(len(p)-s.cut)), uint32(len(p)))
		b = append(b, p[:len(p)-s.cut]...)
	}
	path := filepath.Join(t.TempDir(), "foreign.pcap")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := capture.OpenFiles(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Release() })
	return l
}

func TestTheCaptureOfAnotherProgramIsCutAsFarAsItGoes(t *testing.T) {
	for _, c := range []struct {
		name string
		list []segment
		want []string
	}{
		{"a whole connection", []segment{
			{seq: 9, flags: syn}, {back: true, seq: 100, flags: syn | ack}, {seq: 10, flags: ack}, {seq: 10, flags: ack, payload: "a\nb"},
			{seq: 10, flags: ack, payload: "a\nb"}, // sent again
			{back: true, seq: 101, flags: ack, payload: "A\n"}, {seq: 13, flags: ack, payload: "c\nd"}, {seq: 16, flags: fin | ack},
		}, []string{`1 out "a"`, `2 in "A"`, `3 out "bc"`, `4 out "d" incomplete: 1 byte`}},
		{"bytes with the SYN and the FIN", []segment{
			{seq: 9, flags: syn, payload: "a"}, {seq: 11, flags: fin | ack, payload: "b\nc"}, {seq: 500, flags: syn}, {seq: 501, flags: ack, payload: "d\n"},
		}, []string{`1 out "ab"`, `2 out "c" incomplete: 1 byte`, `3 out "d"`}},
		{"bytes with the FIN, and the other side after it", []segment{
			{seq: 9, flags: syn}, {seq: 10, flags: fin | ack, payload: "a\nb"}, {back: true, seq: 4, flags: syn | ack}, {back: true, seq: 5, flags: ack, payload: "x\n"},
		}, []string{`1 out "a"`, `2 out "b" incomplete: 1 byte`, `3 in "x"`}},
		{"from the middle on", []segment{
			{seq: 9, flags: ack, payload: "a\nb"}, {seq: 12, flags: ack, payload: "\n"},
		}, []string{`1 out "a" its beginning may be missing`, `2 out "b"`}},
		{"a part that was not captured", []segment{
			{seq: 9, flags: syn}, {seq: 10, flags: ack, payload: "a\nb"}, {seq: 20, flags: ack, payload: "c\nd\n"},
		}, []string{`1 out "a"`, `2 out "b" incomplete: 1 byte`, `3 out "c" its beginning may be missing`, `4 out "d"`}},
		{"packets that were cut off", []segment{
			{seq: 9, flags: syn}, {seq: 10, flags: ack, payload: "a\nbcd", cut: 2}, {seq: 15, flags: ack, payload: "e\n"},
		}, []string{`1 out "a"`, `2 out "b" incomplete: 1 byte`, `3 out "e" its beginning may be missing`}},
		{"a part sent again with more behind it", []segment{
			{seq: 9, flags: syn}, {seq: 10, flags: ack, payload: "ab"}, {seq: 11, flags: ack, payload: "bc\n"},
		}, []string{`1 out "abc"`}},
		{"an end in the middle", []segment{
			{seq: 9, flags: syn}, {seq: 10, flags: ack, payload: "ab"}, {back: true, seq: 4, flags: ack, payload: "x"},
		}, []string{`0 out "ab" incomplete: 2 bytes`, `0 in "x" incomplete: 1 byte; its beginning may be missing`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := foreign(t, c.list)
			x, err := NewIndex(l, Options{In: LF, Out: LF})
			if err != nil {
				t.Fatal(err)
			}
			defer x.Close()
			await(t, l, x)
			wantTold(t, x, c.want...)
			x.mu.Lock()
			x.caught = false // as if it were on its way
			x.mu.Unlock()
			for _, f := range x.Growing(nil) {
				if f.State != Growing {
					t.Errorf("before the end %+v", f)
				}
			}
		})
	}
}
