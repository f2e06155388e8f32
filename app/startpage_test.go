package app

import (
	"strings"
	"testing"
	"time"

	"wirebench/sessions/capture"
)

func TestADayIsWrittenWithoutTheNameOfAMonth(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 30, 0, 0, time.Local)
	for _, c := range []struct {
		at   time.Time
		want string
	}{
		{now.Add(-time.Hour), "08:30"},
		{now.Add(-24 * time.Hour), "yesterday 09:30"},
		{time.Date(2025, 12, 31, 23, 59, 0, 0, time.Local), "2025-12-31 23:59"},
	} {
		if got := day(c.at, now); got != c.want {
			t.Errorf("%v is %q, want %q", c.at, got, c.want)
		}
	}
	said := summary([]string{"a.pcapng"}, capture.Stats{Start: now, End: now.Add(time.Second)})
	if want := "2026-03-02 09:30:00, "; !strings.Contains(said, want) {
		t.Errorf("a capture is %q, want its beginning as %q", said, want)
	}
}
