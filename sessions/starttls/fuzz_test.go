package starttls

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"unicode"
)

// FuzzNegotiate lets a server say anything, in pieces of any size, in the protocol of that number.
func FuzzNegotiate(f *testing.F) {
	for i, p := range protocols {
		f.Add(uint8(i), uint8(0), []byte(goAhead[p.Name]))
		f.Add(uint8(i), uint8(1), []byte(goAhead[p.Name]+"\x16\x03\x01"))
		f.Add(uint8(i), uint8(7), []byte(goAhead[p.Name]+"injected"))
	}
	f.Add(uint8(0), uint8(0), []byte("220 hi\r\n250 x\r\n"))
	f.Add(uint8(1), uint8(0), []byte("* OK hi\r\nw1 NO\r\n"))
	f.Add(uint8(4), uint8(0), []byte("E\x00\x00\x00\x10SFATAL\x00Mno\x00\x00"))
	f.Add(uint8(5), uint8(0), []byte("\x11\x00\x00\x00\xff\x10\x04#08004Too many"))
	f.Add(uint8(6), uint8(0), []byte("\x30\x84\x00\x00\x00\x10\x02\x01\x01\x78\x84\x00\x00\x00\x07\x0a\x01\x34\x04\x00\x04\x00"))
	f.Add(uint8(7), uint8(0), []byte(xmppHeader+"<stream:error><host-unknown/></stream:error>"))
	f.Fuzz(func(t *testing.T, number, size uint8, data []byte) {
		p := protocols[int(number)%len(protocols)]
		c := &canned{}
		for rest := string(data); rest != ""; {
			n := len(rest)
			if size > 0 {
				n = min(n, int(size))
			}
			c.pieces, rest = append(c.pieces, rest[:n]), rest[n:]
		}
		var in, out bytes.Buffer
		err := Negotiate(context.Background(), c, p.Name, "mail.example", func(from bool, piece []byte) {
			if from {
				in.Write(piece)
			} else {
				out.Write(piece)
			}
		})
		left := strings.Join(c.pieces, "")
		if in.String()+left != string(data) {
			t.Fatalf("told of %d bytes, %d are left, and there were %d", in.Len(), len(left), len(data))
		}
		if in.Len() > maxAnswers {
			t.Fatalf("%d bytes were read", in.Len())
		}
		if out.String() != c.wrote.String() || out.Len() > 1024 {
			t.Fatalf("told of %q, and %q was sent", out.String(), c.wrote.String())
		}
		if err == nil {
			// The last byte of the go-ahead is needed: one less, and there is none.
			short := say(strings.Split(string(data[:in.Len()-1]), "")...)
			if in.Len() == 1 {
				short.pieces = nil
			}
			if short.negotiate(p.Name) == nil {
				t.Fatalf("a byte was read behind the go-ahead: %q", in.String())
			}
			return
		}
		if text := err.Error(); len(text) > 2000 || strings.ContainsFunc(text, unicode.IsControl) {
			t.Fatalf("%s: %q", p.Name, text)
		}
		if name, advice := Recognise(data); (name == "") != (advice == "") {
			t.Fatalf("%q with the advice %q", name, advice)
		}
	})
}
