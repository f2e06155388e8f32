package lab

import (
	"errors"
	"time"
)

// UDPFaults are what the datagram echo does to each answer. The zero value answers at once and once.
type UDPFaults struct {
	Delay  time.Duration // before each answer, 0 to MaxUDPDelay
	Jitter time.Duration // Delay is longer by up to this, at random; 0 to MaxUDPDelay
	// The chances, each 0 to 1, that there is no answer, that it comes twice, and that it comes behind the next one.
	Loss, Duplication, Reordering float64
	// Seed begins the row of random numbers: the same seed has the same happen to the same row of datagrams.
	Seed uint64
}

// MaxUDPDelay bounds the delay and the jitter.
const MaxUDPDelay = 30 * time.Second

// Check says what cannot work, or gives nil.
func (f UDPFaults) Check() error {
	for _, d := range []time.Duration{f.Delay, f.Jitter} {
		if d < 0 || d > MaxUDPDelay {
			return errors.New("the delay and the jitter of the datagram echo are 0 s to 30 s")
		}
	}
	for _, p := range []float64{f.Loss, f.Duplication, f.Reordering} {
		if !(p >= 0 && p <= 1) {
			return errors.New("loss, duplication and reordering of the datagram echo are chances of 0 to 100 %")
		}
	}
	return nil
}

// UDPCounts are what the datagram echo did, in datagrams.
type UDPCounts struct {
	Received   int64 // all that came
	Sent       int64 // answers, those that are doubles included
	Lost       int64 // not answered on purpose
	Duplicated int64 // answered twice
	Reordered  int64 // answered behind the next one
	Overflowed int64 // not answered because too many waited
	Failed     int64 // the system refused to send
	Waiting    int   // answers that are to be sent
}

// SetUDP changes what the datagram echo does, from the next datagram on, and begins the row of random numbers anew.
// It need not be started yet.
func (l *Lab) SetUDP(f UDPFaults) error {
	if err := f.Check(); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return ErrClosed
	}
	l.faults = f
	for _, r := range l.running {
		if echo, ok := r.server.(*udpEcho); ok {
			echo.set(f)
		}
	}
	return nil
}

// UDP is what the datagram echo does, and what it did since it was started.
func (l *Lab) UDP() (UDPFaults, UDPCounts) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range l.running {
		if echo, ok := r.server.(*udpEcho); ok {
			return l.faults, echo.tally()
		}
	}
	return l.faults, UDPCounts{}
}
