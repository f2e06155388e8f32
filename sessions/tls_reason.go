package sessions

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"wirebench/sessions/certs"
	"wirebench/sessions/inspect"
	"wirebench/sessions/starttls"
)

const (
	// answerGrace is how long a server that does not speak TLS has to finish its first words.
	answerGrace = 200 * time.Millisecond
	// answerMost is how much of them is looked at.
	answerMost = 512
)

// explain says why a handshake failed.
func (k *shaker) explain(err error, script transcript) error {
	say := func(format string, args ...any) error {
		return &reasonError{k.op(), fmt.Sprintf(format, args...), err}
	}
	if errors.As(err, new(*certs.Untrusted)) {
		return fmt.Errorf("%s: %w", k.op(), err)
	}
	if tooLarge(err) && k.seen != nil {
		size := 0
		for _, c := range script.certificates {
			size += len(c)
		}
		return say("the server's %d certificates take %s, more than the 256 KiB that are taken in one message; they are shown, and no connection can be made", len(script.certificates), countBytes(int64(size)))
	}
	if k.seen != nil && !k.verified() {
		// crypto/tls stopped at the certificates themselves.
		if bad := k.seen.report.Err(); bad != nil {
			return fmt.Errorf("%s: %w; no policy can go on with it", k.op(), bad)
		}
	}
	var record tls.RecordHeaderError
	alert := k.offer().explainAlert(err)
	switch {
	case err == errStalled:
		return say("it did not finish within %s: %s", roundTime(k.to.handshake), k.silence())
	case errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &record) && script.version == 0:
		return say("%s", k.notTLS())
	case alert != nil:
		return &reasonError{k.op(), alert.Error(), alert}
	case script.version != 0 && script.version < tls.VersionTLS10:
		return say("the server speaks %s, which is so broken that nothing here speaks it any more (have the server updated)", tls.VersionName(script.version))
	case script.version != 0 && script.version < k.to.min:
		return say("the server speaks %s, and the lowest version offered was %s (%s)", tls.VersionName(script.version), tls.VersionName(k.to.min), k.howLower())
	case err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF):
		return say("the server closed the connection in the middle of it%s", k.afterWhat())
	case brokenOff(err):
		return say("the server reset the connection in the middle of it%s", k.afterWhat())
	}
	if code, ok := alertOf(err, "local error"); ok {
		return say("what the server sent is no good TLS (%s)", alertWords[code].name)
	}
	text := trimTLS(err)
	if k.verified() && strings.Contains(text, "invalid signature") {
		return say("the server did not prove that it has the private key of its certificate: %s", text)
	}
	return say("%s", text)
}

// tooLarge reports whether crypto/tls gave a message up for its length, which it has no type for.
func tooLarge(err error) bool {
	return strings.Contains(err.Error(), "tls: handshake message of length") && strings.Contains(err.Error(), "exceeds maximum")
}

// readOn takes the rest of the server's flight after crypto/tls has given it up, until it pauses, for
// the certificates in it.
func (k *shaker) readOn(ctx context.Context) {
	stopped := make(chan struct{})
	unhook := context.AfterFunc(ctx, func() {
		defer close(stopped)
		_ = k.wire.Conn.SetReadDeadline(past)
	})
	buf := make([]byte, 64<<10)
	for len(k.wire.recorded) < maxRecorded {
		_ = k.wire.Conn.SetReadDeadline(time.Now().Add(answerGrace))
		if ctx.Err() != nil {
			break // the deadline above may have come after the one in the past
		}
		if _, err := k.wire.Read(buf); err != nil {
			break
		}
	}
	if !unhook() {
		<-stopped
	}
}

// verified reports whether crypto/tls asked what to think of the certificates.
func (k *shaker) verified() bool { return len(k.state.PeerCertificates) > 0 }

// trimTLS is the reason without the name of the package it comes from.
func trimTLS(err error) string { return strings.TrimPrefix(reason(err), "tls: ") }

func (k *shaker) howLower() string {
	if k.config.Legacy {
		return "lower the lowest version"
	}
	return "switch legacy on"
}

// silence says how far a server came that then said nothing more.
func (k *shaker) silence() string {
	switch {
	case k.wire.got == 0 && k.began.IsZero():
		return "the server took the connection and said nothing (if it speaks TLS from the start, leave STARTTLS out)"
	case k.wire.got == 0:
		return "the server took the connection and said nothing (it may not speak TLS on this port, or want STARTTLS first)"
	}
	return fmt.Sprintf("the server stopped after %s", countBytes(k.wire.got))
}

// afterWhat says how far a server came that then went away.
func (k *shaker) afterWhat() string {
	switch {
	case k.wire.got == 0 && k.config.StartTLS == "":
		return ", without an answer (it may not speak TLS on this port, want STARTTLS first, not serve this server name, or be too old for what was offered: try legacy)"
	case k.wire.got == 0:
		return ", without an answer"
	case k.asked && k.sent == "":
		return ", after it asked for a client certificate and got none (name one, with its key)"
	}
	return fmt.Sprintf(", after %s", countBytes(k.wire.got))
}

// notTLS says what answered instead of a TLS server. What came of the answer is passed on as data, which
// it is.
func (k *shaker) notTLS() string {
	first := k.wire.recorded
	end := time.Now().Add(answerGrace)
	for buf := make([]byte, answerMost); len(first) < answerMost; {
		_ = k.wire.Conn.SetReadDeadline(end)
		n, err := k.wire.Conn.Read(buf)
		first = append(first, buf[:n]...)
		if err != nil {
			break
		}
	}
	first = first[:min(len(first), answerMost)]
	k.data(true, first)
	if name, advice := starttls.Recognise(first); name != "" {
		return fmt.Sprintf("that is no TLS server but %s (%s)", name, advice)
	}
	const most = 60
	text := inspect.Escape(first[:min(len(first), most)])
	if len(first) > most {
		text += "..."
	}
	return fmt.Sprintf("the server does not speak TLS here; its answer begins with \"%s\"", text)
}
