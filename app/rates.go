package app

import "time"

const (
	// rateEvery is over how long a rate is measured, at least.
	rateEvery = time.Second
	// rateWeight is how much a measurement counts against those before: who
	// speaks once a second would seem to stutter otherwise.
	rateWeight = 0.4
	// leastRate is what is nothing any more, in bytes a second.
	leastRate = 0.5
)

// rateMeter measures how fast clients or peers talk. All of its lists are in the
// order of their numbers, as what it measures is.
type rateMeter struct {
	at          time.Time
	last, spare []rateSample // of the last measurement, and room for the next
	rates       []float64    // of those of the last call
}

type rateSample struct {
	number int64
	bytes  int64
	rate   float64
	known  bool
}

// talk is what one client or peer has said so far, both ways together.
type talk struct {
	number int64
	bytes  int64
	over   bool // and will say no more
}

// measure takes the n that there are now.
func (m *rateMeter) measure(n int, of func(i int) talk, now time.Time) {
	took := now.Sub(m.at)
	fresh := took >= rateEvery
	m.rates = m.rates[:0]
	at, kept := 0, m.spare[:0]
	for i := range n {
		c := of(i)
		for at < len(m.last) && m.last[at].number < c.number {
			at++
		}
		s := rateSample{number: c.number}
		if at < len(m.last) && m.last[at].number == c.number {
			s = m.last[at]
		}
		if fresh {
			rate := float64(c.bytes-s.bytes) / took.Seconds()
			if s.known {
				rate = s.rate + (rate-s.rate)*rateWeight
			}
			if rate < leastRate {
				rate = 0
			}
			s.rate, s.bytes, s.known = rate, c.bytes, true
			kept = append(kept, s)
		}
		if c.over {
			s.rate = 0
		}
		m.rates = append(m.rates, s.rate)
	}
	if fresh {
		m.last, m.spare, m.at = kept, m.last, now
	}
}

// of is the rate of the i-th of the last call, in bytes a second.
func (m *rateMeter) of(i int) float64 { return m.rates[i] }
