package app

import (
	"time"

	"wirebench/sessions"
)

// rateMeter measures how fast clients and server talk to each other. Both of
// its lists are in the order of the clients' numbers, as what it measures is.
type rateMeter struct {
	at    time.Time
	last  []rateSample // of the last measurement
	rates []float64    // of the clients of the last call
}

type rateSample struct {
	number int64
	bytes  int64
	rate   float64
	known  bool
}

const (
	// rateEvery is over how long a rate is measured, at least.
	rateEvery = time.Second
	// rateWeight is how much a measurement counts against those before: who
	// speaks once a second would seem to stutter otherwise.
	rateWeight = 0.4
	// leastRate is what is nothing any more, in bytes a second.
	leastRate = 0.5
)

// measure takes the clients as they are now.
func (m *rateMeter) measure(clients []sessions.ClientInfo, now time.Time) {
	took := now.Sub(m.at)
	fresh := took >= rateEvery
	m.rates = m.rates[:0]
	at, kept := 0, m.last[:0:0]
	if fresh {
		kept = make([]rateSample, 0, len(clients))
	}
	for i := range clients {
		c := &clients[i]
		for at < len(m.last) && m.last[at].number < c.Number {
			at++
		}
		s := rateSample{number: c.Number}
		if at < len(m.last) && m.last[at].number == c.Number {
			s = m.last[at]
		}
		if fresh {
			bytes := c.BytesIn + c.BytesOut
			rate := float64(bytes-s.bytes) / took.Seconds()
			if s.known {
				rate = s.rate + (rate-s.rate)*rateWeight
			}
			if rate < leastRate {
				rate = 0
			}
			s.rate, s.bytes, s.known = rate, bytes, true
			kept = append(kept, s)
		}
		if !c.Ended.IsZero() {
			s.rate = 0
		}
		m.rates = append(m.rates, s.rate)
	}
	if fresh {
		m.last, m.at = kept, now
	}
}

// of is the rate of the i-th client of the last call, in bytes a second.
func (m *rateMeter) of(i int) float64 { return m.rates[i] }

// peerRates measures how fast peers talk. Peers keep their place in the order
// they came, so a place is all that tells them apart.
type peerRates struct {
	at    time.Time
	bytes []int64 // of the last measurement
	rates []float64
}

// measure takes the peers as they are now.
func (m *peerRates) measure(peers []sessions.PeerInfo, now time.Time) {
	took := now.Sub(m.at)
	fresh := took >= rateEvery
	for i := range peers {
		bytes := peers[i].BytesIn + peers[i].BytesOut
		switch {
		case i == len(m.bytes):
			m.bytes, m.rates = append(m.bytes, 0), append(m.rates, 0)
			if !fresh {
				continue
			}
			m.rates[i] = float64(bytes) / took.Seconds()
		case fresh:
			rate := float64(bytes-m.bytes[i]) / took.Seconds()
			m.rates[i] += (rate - m.rates[i]) * rateWeight
		default:
			continue
		}
		if m.rates[i] < leastRate {
			m.rates[i] = 0
		}
		m.bytes[i] = bytes
	}
	if fresh {
		m.at = now
	}
}

// of is the rate of the i-th peer, in bytes a second.
func (m *peerRates) of(i int) float64 { return m.rates[i] }
