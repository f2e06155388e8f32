package cli

import (
	"bytes"
	"net/netip"
	"strings"
	"testing"
	"time"

	"wirebench/sessions"
	"wirebench/sessions/capture"
	"wirebench/sessions/inspect"
	"wirebench/sessions/jsonl"
)

func TestTheQuickLineOfADatagramIsTheEncoders(t *testing.T) {
	east := time.FixedZone("east", 5*3600+1800)
	var s stamp
	for _, at := range []time.Time{
		time.Date(2026, 1, 31, 12, 0, 0, 5, time.UTC), time.Date(2026, 1, 31, 12, 0, 0, 999_999_999, time.UTC),
		time.Date(2026, 1, 31, 12, 0, 0, 0, east), time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC), time.Date(2026, 1, 31, 12, 0, 1, 120_000_000, time.UTC),
	} {
		for _, address := range []string{"127.0.0.1:1", "[2001:db8::1]:65535", "[fe80::1%eth0]:7", `[fe80::1%a"b\c]:7`, "[fe80::1%é]:7"} {
			peer := netip.MustParseAddrPort(address)
			for _, p := range [][]byte{{}, {0xff}, []byte("a < b & c"), bytes.Repeat([]byte("x"), 65_507)} {
				for _, d := range []capture.Direction{capture.In, capture.Out} {
					var want bytes.Buffer
					jsonl.NewEncoder(&want).Encode(jsonl.Data{Head: jsonl.At(at, sessions.EventSocketData), Direction: d.String(), Peer: address, Length: len(p), Data: p})
					if got := appendDatagram([]byte("before "), &s, true, at, peer, d, p); string(got) != "before "+want.String() {
						t.Fatalf("%.300q, want %.300q", got, want.String())
					}
				}
			}
		}
	}
}

func TestTheQuickLineForPeopleIsAsWideAsTheOthers(t *testing.T) {
	at := time.Date(2026, 1, 31, 12, 0, 59, 1_234_999, time.UTC)
	var s stamp
	for _, n := range []int{0, 9, 10, 99, 100, 9_999, 65_507} {
		p := bytes.Repeat([]byte("x"), n)
		want := strings.TrimRight(timed(at, "<- %6d  127.0.0.1:7  %s", n, inspect.Escape(p)), " \n") + "\n"
		if got := string(appendDatagram(nil, &s, false, at, netip.MustParseAddrPort("127.0.0.1:7"), capture.In, p)); got != want {
			t.Errorf("%.80q, want %.80q", got, want)
		}
	}
	if got := string(appendDatagram(nil, &s, false, at, netip.MustParseAddrPort("[fe80::1%\x1b]:7"), capture.Out, nil)); strings.Contains(got, "\x1b") {
		t.Errorf("the name of an interface comes through as it is: %q", got)
	}
}
