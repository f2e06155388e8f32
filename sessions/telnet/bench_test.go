package telnet

import (
	"strings"
	"testing"
)

var listing = []byte(strings.Repeat("-rw-r--r-- 1 ann ann  4096 Jan  1 12:00 \x1b[01;34mfile\x1b[0m\r\n", 1000))

func BenchmarkParser(b *testing.B) {
	var p Parser
	b.SetBytes(int64(len(listing)))
	for b.Loop() {
		p.Feed(listing, func(Event) {})
	}
}

func BenchmarkText(b *testing.B) {
	var t Text
	b.SetBytes(int64(len(listing)))
	b.ReportAllocs()
	for b.Loop() {
		t.Feed(listing, func(Line) {})
	}
}
