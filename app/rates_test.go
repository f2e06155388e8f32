package app

import (
	"testing"
	"time"
)

func TestARateIsMeasuredBySecondsAndSmoothed(t *testing.T) {
	var m rateMeter
	at := time.Date(2024, 5, 6, 15, 0, 0, 0, time.UTC)
	look := func(after time.Duration, talks []talk, want ...float64) {
		t.Helper()
		at = at.Add(after)
		m.measure(len(talks), func(i int) talk { return talks[i] }, at)
		for i, w := range want {
			if d := m.of(i) - w; d < -0.001 || d > 0.001 {
				t.Errorf("after %v number %d talks at %v bytes a second, want %v", after, talks[i].number, m.of(i), w)
			}
		}
	}
	look(0, []talk{{number: 1, bytes: 5000}}, 0)
	look(time.Second, []talk{{number: 1, bytes: 6000}}, 400)                                          // 0, and 1000 at two fifths
	look(time.Second/2, []talk{{number: 1, bytes: 9000}, {number: 2, bytes: 700}}, 400, 0)            // too early
	look(time.Second/2, []talk{{number: 1, bytes: 9000}, {number: 2, bytes: 900}}, 1440, 900)         // one that came has no past
	look(time.Second/2, []talk{{number: 2, bytes: 900}, {number: 3, bytes: 10}}, 900, 0)              // the first is gone
	look(time.Second, []talk{{number: 2, bytes: 900, over: true}, {number: 3, bytes: 10}}, 0, 10/1.5) // and this one has ended
	look(time.Minute, []talk{{number: 2, bytes: 900}, {number: 3, bytes: 10}}, 324, 4)
	for range 20 {
		look(time.Second, []talk{{number: 2, bytes: 900}, {number: 3, bytes: 10}})
	}
	look(time.Second, []talk{{number: 2, bytes: 900}, {number: 3, bytes: 10}}, 0, 0) // what is hardly anything is nothing
}
