package capture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"testing"
)

// FuzzOpenFiles opens hostile files and reads all there is in them in every way.
func FuzzOpenFiles(f *testing.F) {
	l := newLog(f, Options{})
	var m model
	scribbleSmall(l, &m)
	l.Append(flowU, In, Data, []byte("datagram"), "")
	l.Append(Flow{}, In, Note, nil, "note")
	flush(f, l)
	own, err := os.ReadFile(l.Files()[0])
	if err != nil {
		f.Fatal(err)
	}
	f.Add(own)
	for _, order := range []byteOrder{binary.LittleEndian, binary.BigEndian} {
		ng := builder{order: order}
		ng.section()
		ng.iface(linkEthernet, func() { ng.option(optTsResol, []byte{9}) })
		ng.iface(linkRaw, func() { ng.option(optTsOffset, make([]byte, 8)) })
		pc := builder{order: order}
		pc.pcap(0xA1B2C3D4, linkEthernet)
		for _, s := range []seg{{false, "S", 1, ""}, {true, "SA", 1, ""}, {false, "A", 2, "abc"}, {false, "A", 3, "bcd"}, {true, "A", 9, "x"}, {true, "FA", 2, "y"}} {
			b := s.frame(f)
			ng.enhanced(0, 1e9, b, len(b), func() { ng.option(optComment, []byte("c")) }, func() { ng.option(optFlags, []byte{1, 0, 0, 0}) })
			ng.block(blockSimple, func() { ng.u32(uint32(len(b))); ng.b = append(ng.b, b...) })
			pc.pcapPacket(1, 2, b, len(b))
		}
		ng.section()
		f.Add(ng.b)
		f.Add(pc.b)
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := os.CreateTemp(dir, "")
		if err != nil {
			t.Fatal(err)
		}
		defer os.Remove(file.Name())
		_, err = file.Write(b)
		if err = errors.Join(err, file.Close()); err != nil {
			t.Fatal(err)
		}
		l, err := OpenFiles(t.Context(), file.Name())
		if err != nil {
			return
		}
		defer l.Release()
		st := l.Stats()
		if st.Last > int64(len(b)) || st.InBytes+st.OutBytes > int64(len(b)) {
			t.Fatalf("%+v from %d bytes", st, len(b))
		}
		var in, out, both []byte
		for _, r := range allRecords(t, l) {
			p := make([]byte, r.Len)
			if n, err := l.Payload(r, p, 0); n != r.Len || err != nil {
				t.Fatalf("Payload of %+v = %d, %v", r, n, err)
			}
			if r.Kind != Data && r.Len > 0 || r.WireLen < r.Len || len(r.Note) > MaxNote || r.BothOffset != int64(len(both)) {
				t.Fatalf("%+v", r)
			}
			both = append(both, p...)
			if r.Dir == In {
				in = append(in, p...)
			} else {
				out = append(out, p...)
			}
		}
		for s, want := range [][]byte{both, in, out} {
			got := make([]byte, len(want))
			if n, err := l.ReadAt(Stream(s), got, 0); n != len(want) || err != nil || !bytes.Equal(got, want) {
				t.Fatalf("%v = %d bytes of %d, %v", Stream(s), n, len(want), err)
			}
			if _, err := l.Spans(Stream(s), 0, len(want), nil); err != nil {
				t.Fatal(err)
			}
		}
		if n, err := l.AtTime(st.End); st.Last > 0 && (err != nil || n < 1 || n > st.Last) {
			t.Fatalf("AtTime = %d, %v", n, err)
		}
	})
}
