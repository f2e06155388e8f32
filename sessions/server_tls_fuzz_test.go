package sessions

import (
	"errors"
	"net"
	"strings"
	"testing"
	"time"
)

func FuzzTheFirstBytesOfAClient(f *testing.F) {
	for _, s := range []string{"GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01\x00\x04\x01\x00\x00\x00", "\x15\x03\x01\x00\x02\x02\x50", "\x80\x2e\x01\x00\x02", "\x00\x00\x00\x08\x04\xd2\x16\x2f", "\x30\x0c\x02\x01\x01\x60", ""} {
		f.Add([]byte(s))
	}
	near, far := net.Pipe()
	near.Close()
	far.Close()
	loaded, err := (&ServerTLS{CADir: f.TempDir(), HandshakeTimeout: time.Second}).load(loopback)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, said []byte) {
		near, far := net.Pipe()
		defer far.Close()
		go func() {
			_, _ = far.Write(said) // the listener may give up before it has all of it
			buf := make([]byte, 4096)
			for range 2 {
				_ = far.SetReadDeadline(time.Now().Add(time.Millisecond))
				_, _ = far.Read(buf) // an alert
			}
			far.Close()
		}()
		_, _, err := loaded.shake(t.Context(), near)
		near.Close()
		if err == nil {
			t.Fatal("the handshake came about")
		}
		if text := err.Error(); !strings.HasPrefix(text, "TLS handshake with ") || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			t.Errorf("error %q", text)
		}
		var plain *notTLSError
		if errors.As(err, &plain) && (len(plain.First) == 0 || len(plain.First) > answerMost || !strings.HasPrefix(string(said), string(plain.First))) {
			t.Errorf("%d bytes are kept", len(plain.First))
		}
	})
}
