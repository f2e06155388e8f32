package jsonl

import (
	"strings"
	"testing"
	"time"
)

func TestTheFieldsOfEveryEventAreTheContract(t *testing.T) {
	at := time.Date(2026, 1, 31, 12, 0, 0, 5, time.UTC)
	for name, c := range map[string]struct {
		event any
		want  string
	}{
		"connect": {Connect{Head: At(at, "connect"), Local: "127.0.0.1:1", Remote: "127.0.0.2:2"},
			`"event":"connect","local":"127.0.0.1:1","remote":"127.0.0.2:2"}`},
		"connect of a foreign capture": {Connect{Head: At(at, "connect"), Note: "n"}, `"event":"connect","note":"n"}`},
		"socketData": {Data{Head: At(at, "socketData"), Direction: "in", Peer: "p", Length: 1, Data: []byte{0xff}},
			`"event":"socketData","direction":"in","peer":"p","length":1,"data":"/w=="}`},
		"socketData without a byte": {Data{Head: At(at, "socketData"), Direction: "out", Data: []byte{}, WireLength: 9, Note: "n"},
			`"event":"socketData","direction":"out","length":0,"wireLength":9,"data":"","note":"n"}`},
		"a frame": {Data{Head: At(at, "socketData"), Direction: "in", Peer: "p", Length: 1, Data: []byte{0xff}, Header: []byte{0, 1}, Complete: new(bool), Trouble: "t"},
			`"event":"socketData","direction":"in","peer":"p","length":1,"data":"/w==","header":"AAE=","complete":false,"trouble":"t"}`},
		"a document": {Message{Head: At(at, "data"), Direction: "out", Peer: "p", Text: "<a/>", WellFormed: true, Complete: true},
			`"event":"data","direction":"out","peer":"p","text":"<a/>","wellFormed":true,"complete":true}`},
		"a document that is none": {Message{Head: At(at, "data"), Client: 2, Direction: "in", Peer: "p", Text: "<a", Problem: "x", Trouble: "t"},
			`"event":"data","client":2,"direction":"in","peer":"p","text":"<a","wellFormed":false,"complete":false,"problem":"x","trouble":"t"}`},
		"listening":         {Listening{At(at, "listening"), "127.0.0.1:1"}, `"event":"listening","local":"127.0.0.1:1"}`},
		"a server's client": {Close{Head: At(at, "close"), Client: 3, By: "local", Peer: "p"}, `"event":"close","client":3,"by":"local","peer":"p"}`},
		"state":             {State{Head: At(at, "state"), Peer: "p", Text: "t"}, `"event":"state","peer":"p","text":"t"}`},
		"close":             {Close{Head: At(at, "close"), By: "peer", Peer: "p", Note: "n"}, `"event":"close","by":"peer","peer":"p","note":"n"}`},
		"ioError":           {Error{Head: At(at, "ioError"), Error: "a < b & c", Peer: "p"}, `"event":"ioError","error":"a < b & c","peer":"p"}`},
		"ioError of a file": {Error{Head: At(at, "ioError"), Error: "e", File: "f"}, `"event":"ioError","error":"e","file":"f"}`},
		"summary of a run": {Summary{Head: At(at, "summary"), BytesIn: 1, BytesOut: 2, MessagesIn: 3, MessagesOut: 4, Evicted: 5, DurationMs: 6, Status: 7},
			`"event":"summary","bytesIn":1,"bytesOut":2,"messagesIn":3,"messagesOut":4,"kernelDropped":0,"evicted":5,"durationMs":6,"status":7}`},
		"summary of a capture": {Summary{Head: At(at, "summary"), Kept: &Kept{1, 2, 3}},
			`"event":"summary","bytesIn":0,"bytesOut":0,"messagesIn":0,"messagesOut":0,"kernelDropped":0,"evicted":0,"evictedBytes":1,"lost":2,"lostBytes":3,"durationMs":0,"status":0}`},
	} {
		var line strings.Builder
		if err := NewEncoder(&line).Encode(c.event); err != nil {
			t.Fatal(err)
		}
		if want := `{"time":"2026-01-31T12:00:00.000000005Z",` + c.want + "\n"; line.String() != want {
			t.Errorf("%s is written as\n%s, want\n%s", name, line.String(), want)
		}
	}
}
