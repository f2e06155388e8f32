package lab

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"
)

const (
	maxWaiting      = 4096 // answers
	maxWaitingBytes = 16 << 20
	readBuffer      = 4 << 20 // for bursts
	// heldFor is how long an answer that is to come behind the next one waits for that.
	heldFor = 500 * time.Millisecond
)

// udpEcho sends datagrams back, or not.
type udpEcho struct {
	lab    *Lab
	sock   *net.UDPConn
	ctx    context.Context
	cancel context.CancelFunc
	all    sync.WaitGroup
	wake   chan struct{} // of one: the first answer that waits is another one

	mu      sync.Mutex
	faults  UDPFaults
	chance  *rand.Rand
	waiting answers
	bytes   int // in waiting
	row     uint64
	held    []*answer // in waiting too, to go behind the next one
	n       UDPCounts
	in, out int64
}

var _ server = (*udpEcho)(nil)

// answer is a datagram to be sent.
type answer struct {
	due   time.Time
	row   uint64 // in which they came: of those due at the same time the first is sent first
	to    netip.AddrPort
	data  []byte
	place int // in the heap
}

// answers is a heap, the next one first.
type answers []*answer

func (a answers) Len() int { return len(a) }
func (a answers) Less(i, j int) bool {
	if a[i].due.Equal(a[j].due) {
		return a[i].row < a[j].row
	}
	return a[i].due.Before(a[j].due)
}
func (a answers) Swap(i, j int) {
	a[i], a[j] = a[j], a[i]
	a[i].place, a[j].place = i, j
}
func (a *answers) Push(x any) {
	x.(*answer).place = len(*a)
	*a = append(*a, x.(*answer))
}
func (a *answers) Pop() any {
	old := *a
	last := old[len(old)-1]
	old[len(old)-1] = nil
	*a = old[:len(old)-1]
	return last
}

func startUDP(l *Lab, _ *Entry) (server, error) {
	sock, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, fmt.Errorf("listen on 127.0.0.1: %w", err)
	}
	sock.SetReadBuffer(readBuffer) // as far as the system allows it; without it the buffer is smaller
	u := &udpEcho{lab: l, sock: sock, wake: make(chan struct{}, 1)}
	u.ctx, u.cancel = context.WithCancel(l.ctx)
	u.set(l.faults)
	u.all.Go(u.receive)
	u.all.Go(u.send)
	return u, nil
}

func (u *udpEcho) address() netip.AddrPort { return u.sock.LocalAddr().(*net.UDPAddr).AddrPort() }

func (u *udpEcho) counts() Counts {
	u.mu.Lock()
	defer u.mu.Unlock()
	return Counts{BytesIn: u.in, BytesOut: u.out}
}

func (u *udpEcho) tally() UDPCounts {
	u.mu.Lock()
	defer u.mu.Unlock()
	n := u.n
	n.Waiting = len(u.waiting)
	return n
}

func (u *udpEcho) set(f UDPFaults) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.faults = f
	u.chance = rand.New(rand.NewPCG(f.Seed, 0x9e3779b97f4a7c15))
}

func (u *udpEcho) close() {
	u.cancel()
	u.sock.Close()
	u.all.Wait()
}

func (u *udpEcho) receive() {
	buf := make([]byte, 1<<16)
	own := u.address()
	for {
		n, from, err := u.sock.ReadFromUDPAddrPort(buf)
		if errors.Is(err, net.ErrClosed) || u.ctx.Err() != nil {
			return
		}
		if err != nil { // on Windows a client that is gone is an error of the next read
			if !sleep(u.ctx, time.Millisecond) {
				return
			}
			continue
		}
		if from != own { // a datagram with this server's address would go round for ever
			u.take(time.Now(), from, buf[:n])
		}
	}
}

// take decides what becomes of a datagram. All chances are drawn for each, so that what happens to one does not depend
// on how the others are chosen.
func (u *udpEcho) take(now time.Time, from netip.AddrPort, p []byte) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.n.Received++
	u.in += int64(len(p))
	f := u.faults
	lost, doubled, swapped := u.chance.Float64() < f.Loss, u.chance.Float64() < f.Duplication, u.chance.Float64() < f.Reordering
	wait := f.Delay + time.Duration(u.chance.Float64()*float64(f.Jitter))
	if lost {
		u.n.Lost++
		return
	}
	data := append([]byte(nil), p...)
	due := now.Add(wait)
	release := u.held
	hold := swapped && len(release) == 0
	if hold {
		due = due.Add(heldFor)
	}
	first := u.push(from, data, due)
	if first == nil {
		return
	}
	made := []*answer{first}
	if doubled {
		if second := u.push(from, data, due); second != nil {
			u.n.Duplicated++
			made = append(made, second)
		}
	}
	switch {
	case hold:
		u.held = made
	case len(release) > 0: // it goes right behind this one
		u.held = nil
		u.n.Reordered++
		for _, a := range release {
			u.row++
			a.due, a.row = due, u.row
			heap.Fix(&u.waiting, a.place)
		}
	}
	select {
	case u.wake <- struct{}{}:
	default:
	}
}

// push has an answer wait, and gives nil where too many do.
func (u *udpEcho) push(to netip.AddrPort, data []byte, due time.Time) *answer {
	if len(u.waiting) >= maxWaiting || u.bytes+len(data) > maxWaitingBytes {
		u.n.Overflowed++
		return nil
	}
	u.row++
	a := &answer{due: due, row: u.row, to: to, data: data}
	heap.Push(&u.waiting, a)
	u.bytes += len(data)
	return a
}

// send sends the answers when they are due.
func (u *udpEcho) send() {
	t := time.NewTimer(time.Hour)
	defer t.Stop()
	for {
		a, wait := u.next(time.Now())
		if a != nil {
			u.sock.SetWriteDeadline(time.Now().Add(writeWait))
			_, err := u.sock.WriteToUDPAddrPort(a.data, a.to)
			u.sent(a, err)
			continue
		}
		t.Reset(wait)
		select {
		case <-u.ctx.Done():
			return
		case <-u.wake:
		case <-t.C:
		}
	}
}

// next is the answer that is due, or nil and how long nothing is.
func (u *udpEcho) next(now time.Time) (*answer, time.Duration) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.ctx.Err() != nil || len(u.waiting) == 0 {
		return nil, time.Hour
	}
	if wait := u.waiting[0].due.Sub(now); wait > 0 {
		return nil, wait
	}
	a := heap.Pop(&u.waiting).(*answer)
	u.bytes -= len(a.data)
	if slices.Contains(u.held, a) { // none came behind which it could go
		u.held = slices.DeleteFunc(slices.Clone(u.held), func(h *answer) bool { return h == a })
	}
	return a, 0
}

func (u *udpEcho) sent(a *answer, err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if err != nil {
		u.n.Failed++
		return
	}
	u.n.Sent++
	u.out += int64(len(a.data))
}
