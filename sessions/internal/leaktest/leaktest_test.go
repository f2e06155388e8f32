package leaktest

import (
	"strings"
	"testing"
	"time"
)

func TestAGoroutineOfTheEngineThatStaysIsFound(t *testing.T) {
	release, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		<-release
	}()
	left := Left(0)
	close(release)
	<-ended
	if !strings.Contains(left, t.Name()) {
		t.Errorf("of a goroutine that waits it says %q", left)
	}
}

func TestAGoroutineThatIsAboutToEndIsWaitedFor(t *testing.T) {
	release := make(chan struct{})
	go func() { <-release }()
	time.AfterFunc(10*time.Millisecond, func() { close(release) })
	if left := Left(grace); left != "" {
		t.Errorf("left after its end:\n%s", left)
	}
}

func TestStacksLongerThanTheFirstBufferAreReadWhole(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	const many = 5000
	for range many {
		go func() { <-release }()
	}
	found := 0
	for _, g := range others() {
		if strings.Contains(g, t.Name()) {
			found++
		}
	}
	if found < many {
		t.Errorf("found %d of %d goroutines", found, many)
	}
}
