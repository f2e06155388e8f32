//go:build !linux

package sessions

import (
	"context"
	"time"
)

// pacer waits for points in time.
type pacer struct{ timer *time.Timer }

func newPacer() *pacer { return &pacer{time.NewTimer(time.Hour)} }

// until waits, and reports false if ctx ended first.
func (p *pacer) until(ctx context.Context, due time.Time) bool {
	for ctx.Err() == nil {
		wait := time.Until(due)
		if wait <= 0 {
			return true
		}
		p.timer.Reset(wait)
		select {
		case <-p.timer.C:
		case <-ctx.Done():
		}
	}
	return false
}

func (p *pacer) stop() { p.timer.Stop() }
