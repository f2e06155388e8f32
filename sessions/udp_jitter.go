package sessions

import (
	"math/bits"
	"time"
)

const (
	// jitterBits makes steps of a 32nd of the power of two below, so that what is read is at most 3 % more
	// than what was.
	jitterBits  = 5
	jitterSteps = (64 - jitterBits) << jitterBits
)

// jitter counts how late things were, by steps. Its zero value is ready.
type jitter struct {
	n      int64
	max    time.Duration
	counts [jitterSteps]int64
}

// add counts one; what is early is not late.
func (j *jitter) add(late time.Duration) {
	late = max(late, 0)
	j.n++
	j.max = max(j.max, late)
	j.counts[jitterStep(uint64(late))]++
}

// jitterStep returns the step of n, which is less than 2^63. Small numbers have one each.
func jitterStep(n uint64) int {
	shift := max(bits.Len64(n)-jitterBits-1, 0)
	return shift<<jitterBits + int(n>>shift)
}

// quantile returns what a share of all, 0 to 1, was not later than; 0 if there are none.
func (j *jitter) quantile(share float64) time.Duration {
	left := int64(share * float64(j.n))
	for step, n := range j.counts {
		if left -= n; left < 0 {
			shift := max(step>>jitterBits-1, 0)
			from := uint64(step-shift<<jitterBits) << shift
			return min(time.Duration(from+1<<shift-1), j.max)
		}
	}
	return j.max
}
