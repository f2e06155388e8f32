package sessions

import (
	"bytes"
	"crypto/tls"
	"io"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"wirebench/sessions/capture"
)

func TestWiresharkFollowsThePlainTextAcrossSTARTTLSAndTLS(t *testing.T) {
	path, err := exec.LookPath("tshark")
	if err != nil {
		t.Skip("tshark is not installed: what Wireshark makes of a capture was not checked")
	}
	ca := newAuthority(t)
	s, w := connectedTLS(t, mailSession(t, ca))
	if err := s.Send([]byte("EHLO again\r\n")); err != nil {
		t.Fatal(err)
	}
	w.until(t, "the echo", func() bool { return bytes.HasSuffix(w.in, []byte("EHLO again\r\n")) })
	if err := s.Disconnect(); err != nil {
		t.Fatal(err)
	}
	awaitDone(t, "the end", s.Done())
	if err := s.Traffic().Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "tls.pcapng")
	if err := capture.ExportFile(t.Context(), file, s.Traffic(), capture.AsPcapng, nil); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(path, "-r", file, "-q", "-z", "follow,tcp,ascii,0").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"220 mail.example ESMTP", "STARTTLS", "220 go ahead", "EHLO again"} {
		if !bytes.Contains(out, []byte(want)) {
			t.Errorf("Follow Stream lacks %q:\n%s", want, out)
		}
	}
	lost, err := exec.Command(path, "-r", file, "-Y", "tcp.analysis.lost_segment || tcp.analysis.out_of_order").Output()
	if err != nil || len(lost) != 0 {
		t.Errorf("Wireshark sees gaps: %v\n%s", err, lost)
	}
}

// mailSession starts a server that speaks SMTP, then echoes behind TLS.
func mailSession(t *testing.T, ca *authority) TLSConfig {
	t.Helper()
	config := &tls.Config{Certificates: []tls.Certificate{ca.leaf(t, nil)}}
	addr := serve(t, "127.0.0.1:0", func(c net.Conn) {
		line := make([]byte, 512)
		say := func(text string) bool {
			_, err := io.WriteString(c, text)
			return err == nil
		}
		for say("220 mail.example ESMTP\r\n"); ; {
			n, err := c.Read(line)
			switch {
			case err != nil:
				return
			case bytes.HasPrefix(bytes.ToUpper(line[:n]), []byte("EHLO")):
				say("250-mail.example\r\n250 STARTTLS\r\n")
			case bytes.HasPrefix(line[:n], []byte("STARTTLS")):
				say("220 go ahead\r\n")
				conn := tls.Server(c, config)
				_, _ = io.Copy(conn, conn)
				_ = conn.Close()
				return
			default:
				say("500 what?\r\n")
			}
		}
	})
	c := ca.trusting(addr)
	c.StartTLS = "smtp"
	return c
}

func TestTheSTARTTLSDialogueIsCapturedAndCounted(t *testing.T) {
	ca := newAuthority(t)
	s, w := connectedTLS(t, mailSession(t, ca))
	if err := s.Send([]byte("x")); err != nil {
		t.Fatal(err)
	}
	w.until(t, "the echo", func() bool { return bytes.HasSuffix(w.in, []byte("x")) })
	w.mu.Lock()
	in, out := bytes.Clone(w.in), bytes.Clone(w.out)
	w.mu.Unlock()
	if !bytes.HasPrefix(in, []byte("220 mail.example ESMTP\r\n")) || !bytes.HasSuffix(in, []byte("220 go ahead\r\nx")) {
		t.Errorf("received %q", in)
	}
	if !bytes.Equal(in, captured(t, s, capture.InOnly)) || !bytes.Equal(out, captured(t, s, capture.OutOnly)) {
		t.Error("capture and observer do not agree")
	}
	if h := s.Report().Handshake; h.StartTLS != "smtp" || !h.Complete {
		t.Errorf("handshake %+v", h)
	}
	rs := records(t, s)
	if rs[0].Kind != capture.Open || rs[1].Kind != capture.Open || rs[2].Kind != capture.Note || !strings.HasPrefix(rs[2].Note, "STARTTLS smtp: ") {
		t.Errorf("capture begins with %q", story(rs[:3]))
	}
}
