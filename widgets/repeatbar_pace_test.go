package widgets

import (
	"math/rand/v2"
	"testing"
	"time"
)

func TestAPaceIsReadBackAsItIsWritten(t *testing.T) {
	dice := rand.New(rand.NewPCG(5, 6))
	every := []time.Duration{leastEvery, leastEvery + 1, 333333, time.Millisecond, 1000001, time.Second, time.Minute, 90 * time.Second, time.Hour, longestEvery}
	for range 20000 {
		every = append(every, leastEvery+time.Duration(dice.Int64N(int64(1)<<(1+dice.IntN(46)))))
	}
	for n := range 10000 {
		every = append(every, time.Duration(float64(time.Second)/float64(n+1)+0.5))
	}
	for _, d := range every {
		if got, _, err := parsePace(paceText(d)); got != d || err != nil {
			t.Fatalf("%d ns is written %q and read as %d ns, %v", d, paceText(d), got, err)
		}
	}
}

// FuzzPace: what is understood is within the bounds, and putting it in order changes nothing.
func FuzzPace(f *testing.F) {
	for _, s := range []string{"1 ms", "250", "2.5", "0", "flat out", "200/s", "1,000 per second", "0.3/s", "1m30s", "1e3/s", "-5", "9999.9/s", "", "µs"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		every, rate, err := parsePace(s)
		if err != nil {
			if tidyPace(s) != s {
				t.Errorf("%q became %q", s, tidyPace(s))
			}
			return
		}
		if every != 0 && (every < leastEvery || every > longestEvery) || rate && every == 0 {
			t.Errorf("%q is %v, as a rate %v", s, every, rate)
		}
		tidy := tidyPace(s)
		again, _, err := parsePace(tidy)
		if again != every || err != nil || tidyPace(tidy) != tidy {
			t.Errorf("%q is %v, and as %q it is %v, %v", s, every, tidy, again, err)
		}
	})
}
