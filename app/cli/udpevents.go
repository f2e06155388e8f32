package cli

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"wirebench/sessions"
	"wirebench/sessions/capture"
	"wirebench/sessions/certs"
	"wirebench/sessions/inspect"
	"wirebench/sessions/jsonl"
)

// The events that only datagrams have. Field names are a contract.
type (
	// warningEvent is about a datagram that is sent all the same.
	warningEvent struct {
		jsonl.Head
		Peer   string `json:"peer"`
		Length int    `json:"length"` // of the datagram's payload
		MTU    int    `json:"mtu"`
		Text   string `json:"text"`
	}
	// repeatEvent is how a repetition went.
	repeatEvent struct {
		jsonl.Head
		Peer       string        `json:"peer"`
		Sent       int64         `json:"sent"`
		Failed     int64         `json:"failed"`
		DurationMs float64       `json:"durationMs"`
		Rate       float64       `json:"rate"`               // datagrams a second
		JitterMs   *jitterFields `json:"jitterMs,omitempty"` // missing where it was as fast as possible
	}
	// jitterFields is how late datagrams went out, against the times that follow
	// from the first.
	jitterFields struct {
		P50 float64 `json:"p50"`
		P99 float64 `json:"p99"`
		Max float64 `json:"max"`
	}
)

// forDatagrams makes reads and writes datagrams, which are told with the address
// at the other end, and are lost while they wait too long.
func (r *reporter) forDatagrams() {
	r.datagrams = true
	r.out.forDatagrams()
}

// stamp writes times, which for a flood of datagrams differ in their last digits.
type stamp struct {
	second int64
	zone   *time.Location
	text   []byte // of second, up to the point
	tail   []byte // of second, behind the fraction
}

// append appends t in a layout that ends in seconds and rest, with a fraction of
// so many digits between the two.
func (s *stamp) append(b []byte, t time.Time, layout, rest string, digits int) []byte {
	if u := t.Unix(); s.text == nil || u != s.second || s.zone != t.Location() {
		s.second, s.zone = u, t.Location()
		s.text = t.AppendFormat(s.text[:0], layout)
		s.tail = s.tail[:0]
		if rest != "" {
			s.tail = t.AppendFormat(s.tail, rest)
		}
	}
	b = append(append(b, s.text...), '.')
	n := t.Nanosecond()
	for unit := 100_000_000; digits > 0; digits, unit = digits-1, unit/10 {
		b = append(b, byte('0'+n/unit%10))
	}
	return append(b, s.tail...)
}

// appendDatagram appends the line that tells of a datagram. There may be a
// million a second.
func appendDatagram(b []byte, s *stamp, asJSON bool, at time.Time, peer netip.AddrPort, d capture.Direction, p []byte) []byte {
	if !asJSON {
		arrow := "  -> "
		if d == capture.In {
			arrow = "  <- "
		}
		b = append(s.append(b, at, "15:04:05", "", 6), arrow...)
		for least := 100_000; len(p) < least && least > 1; least /= 10 {
			b = append(b, ' ')
		}
		b = append(strconv.AppendInt(b, int64(len(p)), 10), "  "...)
		if zoneIsPlain(peer) {
			b = peer.AppendTo(b)
		} else {
			b = append(b, plain(peer.String())...)
		}
		if len(p) > 0 {
			b = append(b, "  "...)
			b = append(b, inspect.Escape(p)...)
		}
		return append(b, '\n')
	}
	if !zoneIsPlain(peer) {
		line := bytes.NewBuffer(b)
		head := jsonl.At(at, sessions.EventSocketData)
		if err := jsonl.NewEncoder(line).Encode(jsonl.Data{Head: head, Direction: d.String(), Peer: peer.String(), Length: len(p), Data: p}); err != nil {
			panic(err) // the event holds nothing that JSON cannot
		}
		return line.Bytes()
	}
	// What the encoder makes of jsonl.Data, in a fraction of the time.
	b = append(b, `{"time":"`...)
	b = s.append(b, at, "2006-01-02T15:04:05", "Z07:00", 9)
	b = append(b, `","event":"socketData","direction":"`...)
	b = append(b, d.String()...)
	b = append(b, `","peer":"`...)
	b = peer.AppendTo(b)
	b = append(b, `","length":`...)
	b = strconv.AppendInt(b, int64(len(p)), 10)
	b = append(b, `,"data":"`...)
	b = base64.StdEncoding.AppendEncode(b, p)
	return append(b, "\"}\n"...)
}

// zoneIsPlain reports whether an address can stand anywhere as it is. The name of
// an interface may have any character.
func zoneIsPlain(a netip.AddrPort) bool {
	return strings.IndexFunc(a.Addr().Zone(), func(c rune) bool { return c < ' ' || c == '"' || c == '\\' || c > '~' }) < 0
}

// fragmented warns of a datagram that is longer than the MTU.
func (r *reporter) fragmented(peer netip.AddrPort, length, mtu int) {
	text := fmt.Sprintf("a datagram of %d bytes to %s is more than the interface takes at once (its MTU is %d): it goes out in %d fragments, and is lost if one of them is",
		length, peer, mtu, sessions.Fragments(peer, length, mtu))
	r.mu.Lock()
	defer r.mu.Unlock()
	fmt.Fprintf(r.diag, "wirebench: %s\n", text)
	if r.json {
		now := time.Now()
		r.emit(warningEvent{jsonl.At(now, "warning"), peer.String(), length, mtu, text}, now, "")
	}
}

// repeated tells how a repetition went. For people it is part of the output too.
func (r *reporter) repeated(peer netip.AddrPort, t sessions.RepeatStats, paced bool) {
	e := repeatEvent{
		Head: jsonl.At(time.Now(), "repeat"), Peer: peer.String(), Sent: t.Sent, Failed: t.Failed,
		DurationMs: certs.Milliseconds(t.Took), Rate: t.Rate,
	}
	line := fmt.Sprintf("sent %d datagrams in %s, %.0f a second", t.Sent, t.Took.Round(time.Millisecond), t.Rate)
	if paced {
		e.JitterMs = &jitterFields{certs.Milliseconds(t.JitterP50), certs.Milliseconds(t.JitterP99), certs.Milliseconds(t.JitterMax)}
		line += fmt.Sprintf("; late by %s (median), %s (99 %%), %s (worst)", micros(t.JitterP50), micros(t.JitterP99), micros(t.JitterMax))
	}
	if t.Failed > 0 {
		line += fmt.Sprintf("; %d failed", t.Failed)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.emit(e, time.Now(), "%s", line)
}

// micros writes a time of a repetition's lateness.
func micros(d time.Duration) string { return d.Round(time.Microsecond).String() }
