package sessions

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestJitterIsReadToThreePercent(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for name, late := range map[string]func() time.Duration{
		"nanoseconds":       func() time.Duration { return time.Duration(r.IntN(70)) },
		"microseconds":      func() time.Duration { return time.Duration(r.IntN(1_000_000)) },
		"mostly punctual":   func() time.Duration { return time.Duration(20_000 * math.Exp(3*r.NormFloat64())) },
		"all of a range":    func() time.Duration { return time.Duration(r.Int64() >> r.IntN(62)) },
		"always the same":   func() time.Duration { return 12_345_678 },
		"as late as can be": func() time.Duration { return math.MaxInt64 },
	} {
		var j jitter
		all := make([]time.Duration, 5000)
		for i := range all {
			all[i] = late()
			j.add(all[i])
		}
		slices.Sort(all)
		for _, share := range []float64{0, 0.5, 0.99, 0.9998} {
			want, got := all[int(share*float64(len(all)))], j.quantile(share)
			if got < want || float64(got) > float64(want)*1.032 {
				t.Errorf("%s: %v of them are not later than %v, said is %v", name, share, want, got)
			}
		}
		if want := all[len(all)-1]; j.max != want || j.quantile(1) != want {
			t.Errorf("%s: the latest is %v late, said is %v and %v", name, want, j.max, j.quantile(1))
		}
	}
}

func TestJitterOfNothingAndOfWhatIsEarlyIsZero(t *testing.T) {
	var j jitter
	if j.quantile(0.5) != 0 || j.quantile(0.99) != 0 || j.max != 0 {
		t.Errorf("of nothing: %v, %v, %v", j.quantile(0.5), j.quantile(0.99), j.max)
	}
	j.add(-time.Second)
	if j.n != 1 || j.quantile(0.5) != 0 || j.max != 0 {
		t.Errorf("of what is early: %v, %v, of %d", j.quantile(0.5), j.max, j.n)
	}
}
