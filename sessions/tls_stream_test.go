package sessions

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"

	"wirebench/sessions/capture"
)

func TestQuestionsAreRecordedBeforeTheirAnswersThroughTLS(t *testing.T) {
	ca := newAuthority(t)
	addr, _ := echoTLS(t, &tls.Config{Certificates: []tls.Certificate{ca.leaf(t, nil)}})
	s, w := connectedTLS(t, ca.trusting(addr))
	for n := 1; n <= 500; n++ {
		if err := s.Send([]byte{byte(n)}); err != nil {
			t.Fatal(err)
		}
		w.awaitIn(t, n)
	}
	last := capture.In
	for _, r := range records(t, s) {
		if r.Kind == capture.Data {
			if r.Dir == last {
				t.Fatalf("record %d: two records %v in a row", r.Number, r.Dir)
			}
			last = r.Dir
		}
	}
}

func TestManySessionsReconnectAtOnce(t *testing.T) {
	ca := newAuthority(t)
	addr, _ := echoTLS(t, &tls.Config{Certificates: []tls.Certificate{ca.leaf(t, nil)}})
	for i := range 8 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			s, w := connectedTLS(t, ca.trusting(addr))
			for range 3 {
				if err := s.Send([]byte("again")); err != nil && !errors.Is(err, ErrNotOpen) {
					t.Error(err)
				}
				_ = s.Report()
				start(t, s) // ends the one before
			}
			w.until(t, "four connections", func() bool {
				n := 0
				for _, e := range w.events {
					if e.Name == EventConnect {
						n++
					}
				}
				return n >= 2
			})
		})
	}
}
func TestAStalledTLSPeerDoesNotHoldUpAResetOrAClose(t *testing.T) {
	ca := newAuthority(t)
	for how, end := range map[string]func(*TLSSession) error{
		"reset": func(s *TLSSession) error { return s.Reset() },
		"close": func(s *TLSSession) error { return s.Close() },
	} {
		t.Run(how, func(t *testing.T) {
			over := make(chan bool)
			addr, _ := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{ca.leaf(t, nil)}}, func(*tls.Conn) { <-over })
			t.Cleanup(func() { close(over) })
			s, w := connectedTLS(t, ca.trusting(addr))
			for range 32 {
				if err := s.Send(noise(1 << 20)); err != nil {
					t.Fatal(err)
				}
			}
			w.until(t, "the first bytes", func() bool { return len(w.out) > 0 })
			if err := end(s); err != nil {
				t.Fatal(err)
			}
			awaitDone(t, "the end", s.Done())
			i := s.Info()
			if i.State != Closed || i.ClosedBy != ByLocal || i.UnsentBytes == 0 || i.UnsentBytes+int64(len(captured(t, s, capture.OutOnly))) != 32<<20 {
				t.Errorf("info %+v", i)
			}
		})
	}
}

func TestWhatCameInsteadOfTLSIsInTheCapture(t *testing.T) {
	addr := serve(t, "127.0.0.1:0", func(c net.Conn) {
		_, _ = io.WriteString(c, "SSH-2.0-OpenSSH_9.9\r\n")
		hold(c)
	})
	s, w := endedTLS(t, plainTLS(addr))
	if got := captured(t, s, capture.InOnly); string(got) != "SSH-2.0-OpenSSH_9.9\r\n" || !bytes.Equal(w.awaitIn(t, len(got)), got) {
		t.Errorf("captured %q", got)
	}
}
