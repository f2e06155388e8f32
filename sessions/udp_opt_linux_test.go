package sessions

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// kernelNumber reads a number from /proc.
func kernelNumber(t *testing.T, path string) int {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Skip(err)
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// procDrops is what /proc/net/udp or udp6 says a socket has dropped.
func procDrops(t *testing.T, conn *net.UDPConn) uint32 {
	t.Helper()
	local := udpAddr(conn.LocalAddr())
	table := "/proc/net/udp"
	if local.Addr().Is6() {
		table = "/proc/net/udp6"
	}
	f, err := os.Open(table)
	if err != nil {
		t.Skip(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		field := strings.Fields(lines.Text())
		if len(field) < 13 {
			continue
		}
		if at, err := parseProcAddr(field[1]); err == nil && at == local {
			n, err := strconv.ParseUint(field[len(field)-1], 10, 32)
			if err != nil {
				t.Fatal(err)
			}
			return uint32(n)
		}
	}
	t.Fatalf("%s does not list %s", table, local)
	return 0
}

func TestTheReceiveBufferGrowsAsFarAsTheSystemAllows(t *testing.T) {
	limit := kernelNumber(t, "/proc/sys/net/core/rmem_max")
	for _, ask := range []int{0, 100_000, 1 << 20, 64 << 20} {
		conn := datagramSocket(t, "udp4", "127.0.0.1:0", UDPConfig{})
		got, err := tune(conn, UDPConfig{ReceiveBuffer: ask})
		if err != nil {
			t.Fatal(err)
		}
		want := ask
		if ask == 0 {
			want = 64 << 20
		}
		// Whoever may, goes beyond the limit.
		if got != want && got != min(want, limit) {
			t.Errorf("asked for %d, got %d; want %d, or the limit of %d", ask, got, want, limit)
		}
		rc, _ := conn.SyscallConn()
		if err := withSocket(rc, func(fd uintptr) error {
			n, err := unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF)
			if n != 2*got {
				t.Errorf("the system says %d; want twice %d", n, got)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestDatagramsThatTheKernelDropsAreCounted(t *testing.T) {
	for _, c := range []struct{ network, at string }{{"udp4", "127.0.0.1:0"}, {"udp6", "[::1]:0"}} {
		if c.network == "udp6" && !hasIPv6(t) {
			continue
		}
		conn := datagramSocket(t, c.network, c.at, UDPConfig{ReceiveBuffer: 20_000})
		to := udpAddr(conn.LocalAddr())
		sender := datagramSocket(t, c.network, c.at, UDPConfig{})
		if n, ok := kernelDrops(conn); !ok || n != 0 {
			t.Fatalf("dropped %d (%v) before anything was sent", n, ok)
		}
		const sent = 3000
		p := make([]byte, 64)
		for n := range uint32(sent) {
			binary.BigEndian.PutUint32(p, n)
			sendText(t, sender, to, string(p))
		}
		want := procDrops(t, conn)
		if want == 0 {
			t.Fatal("nothing was dropped; the buffer is too large for this test")
		}
		if n, ok := kernelDrops(conn); !ok || n != want {
			t.Errorf("dropped %d (%v); /proc says %d", n, ok, want)
		}
		// What waited tells of no drop, because it came before the first.
		received, oob := 0, make([]byte, udpOOBSize)
		var seen uint32
		told := int64(0)
		read := func() bool {
			_ = conn.SetReadDeadline(time.Now().Add(patience))
			n, oobn, flags, _, err := conn.ReadMsgUDPAddrPort(p, oob)
			if err != nil || flags&unix.MSG_CTRUNC != 0 || n > 64 {
				t.Fatal(n, oobn, flags, err)
			}
			_, dropped, has, ok := parseOOB(oob[:oobn])
			if !ok {
				t.Fatal("no time")
			}
			if has {
				told += dropsSince(&seen, dropped)
			}
			return string(p[:n]) != "end"
		}
		for int(want)+received < sent {
			_ = read()
			received++
		}
		if told != 0 {
			t.Errorf("%d drops told before they happened", told)
		}
		sendText(t, sender, to, "end")
		for read() {
			received++
		}
		if received+int(want) != sent {
			t.Errorf("received %d and dropped %d of %d", received, want, sent)
		}
		if told != int64(want) {
			t.Errorf("told of %d drops; /proc says %d", told, want)
		}
	}
}

func TestTheCountOfDropsGoesRound(t *testing.T) {
	seen := uint32(0xffff_fff0)
	for _, c := range []struct {
		count uint32
		want  int64
	}{{0xffff_fff0, 0}, {0xffff_fffe, 14}, {3, 5}, {0xffff_ffff, 0}, {3, 0}, {10, 7}} {
		if got := dropsSince(&seen, c.count); got != c.want {
			t.Errorf("at %#x: %d more; want %d", c.count, got, c.want)
		}
	}
	if seen != 10 {
		t.Errorf("seen %d", seen)
	}
}

func TestTheKernelsTimeIsThatOfArrival(t *testing.T) {
	conn := datagramSocket(t, "udp4", "127.0.0.1:0", UDPConfig{})
	sender := datagramSocket(t, "udp4", "127.0.0.1:0", UDPConfig{})
	p, oob := make([]byte, 10), make([]byte, udpOOBSize)
	// The first ones may lack the kernel's time: it begins to take it a moment after it is asked to.
	for range 20 {
		before := time.Now()
		sendText(t, sender, udpAddr(conn.LocalAddr()), "x")
		after := time.Now()
		time.Sleep(5 * time.Millisecond) // reading later makes no difference
		_, oobn, _, _, err := conn.ReadMsgUDPAddrPort(p, oob)
		if err != nil {
			t.Fatal(err)
		}
		at, _, _, ok := parseOOB(oob[:oobn])
		if !ok || at.Before(before.Add(-time.Second)) || at.After(after.Add(time.Second)) {
			t.Fatalf("arrived at %v (%v), sent from %v to %v", at, ok, before, after)
		}
		if !at.Before(before.Round(0)) && !at.After(after.Round(0)) {
			return
		}
	}
	t.Error("no datagram has the time at which it was sent")
}

func TestASendToAClosedPortIsToldWithItsPayload(t *testing.T) {
	for _, c := range []struct{ network, from, to string }{
		{"udp4", "127.0.0.1:0", "127.0.0.1:0"},
		{"udp4", "0.0.0.0:0", "127.0.0.1:0"},
		{"udp6", "[::1]:0", "[::1]:0"},
		{"udp", ":0", "127.0.0.1:0"}, // IPv4 from an IPv6 socket
		{"udp", ":0", "[::1]:0"},
	} {
		if (c.network != "udp4") && !hasIPv6(t) {
			continue
		}
		network := "udp4"
		if strings.HasPrefix(c.to, "[") {
			network = "udp6"
		}
		gone := datagramSocket(t, network, c.to, UDPConfig{})
		to := udpAddr(gone.LocalAddr())
		_ = gone.Close()
		conn := datagramSocket(t, c.network, c.from, UDPConfig{})
		alive := datagramSocket(t, network, c.to, UDPConfig{})
		long := strings.Repeat("long ", 1000)
		var got []string
		var refused error
		take := func() {
			drainErrors(conn, func(e undelivered) {
				a, payload, err := e.to, e.payload, e.err
				if a != to {
					t.Errorf("sent to %s; want %s", a, to)
				}
				if want := "port unreachable (ICMP): nothing listens there"; err.Error() != want {
					t.Errorf("%v\nwant %s", err, want)
				}
				refused = err
				got = append(got, string(payload))
			})
		}
		take() // nothing waits, and it returns
		for _, text := range []string{"first", "second", "", long} {
			sendText(t, conn, to, text)
			take() // loopback answers within the call
			sendText(t, conn, udpAddr(alive.LocalAddr()), "not held up")
		}
		if len(got) != 4 || got[0] != "first" || got[1] != "second" || got[2] != "" || len(got[3]) < 400 || !strings.HasPrefix(long, got[3]) {
			t.Errorf("%s to %s came back: %q", c.network, to, got)
		}
		if !errors.Is(refused, errRefused) {
			t.Errorf("%v is not a refusal", refused)
		}
	}
}

func TestAFailedSendHoldsUpTheNextUntilErrorsAreTaken(t *testing.T) {
	gone := datagramSocket(t, "udp4", "127.0.0.1:0", UDPConfig{})
	to := udpAddr(gone.LocalAddr())
	_ = gone.Close()
	conn := datagramSocket(t, "udp4", "127.0.0.1:0", UDPConfig{})
	for range 3 {
		sendText(t, conn, to, "x")
		if _, err := conn.WriteToUDPAddrPort([]byte("y"), to); !errors.Is(err, errRefused) {
			t.Fatalf("the next send: %v", err)
		}
		n := 0
		drainErrors(conn, func(undelivered) { n++ })
		if n != 1 {
			t.Errorf("%d errors of one datagram", n)
		}
	}
}

func TestErrorsMayBeTakenByManyAtOnce(t *testing.T) {
	gone := datagramSocket(t, "udp4", "127.0.0.1:0", UDPConfig{})
	to := udpAddr(gone.LocalAddr())
	_ = gone.Close()
	conn := datagramSocket(t, "udp4", "127.0.0.1:0", UDPConfig{})
	var mu sync.Mutex
	told := make(map[string]int)
	take := func() {
		drainErrors(conn, func(e undelivered) {
			mu.Lock()
			told[string(e.payload)]++
			mu.Unlock()
		})
	}
	var wg sync.WaitGroup
	var want []string
	for g := range 4 {
		for n := range 200 {
			want = append(want, fmt.Sprintf("%d %d", g, n))
		}
		wg.Go(func() {
			for n := range 200 {
				text := fmt.Sprintf("%d %d", g, n)
				for {
					_, err := conn.WriteToUDPAddrPort([]byte(text), to)
					take()
					if err == nil {
						break
					}
				}
			}
		})
	}
	wg.Wait()
	take()
	for _, text := range want {
		if told[text] != 1 {
			t.Errorf("%q was told %d times", text, told[text])
		}
	}
}

// message makes a control message as recvmsg(2) does.
func message(level, kind int, data []byte) []byte {
	b := make([]byte, unix.CmsgSpace(len(data)))
	h := (*unix.Cmsghdr)(unsafe.Pointer(&b[0]))
	h.Level, h.Type = int32(level), int32(kind)
	h.SetLen(unix.CmsgLen(len(data)))
	copy(b[unix.CmsgLen(0):], data)
	return b
}

func timespec(sec, nsec int64) []byte {
	b := binary.NativeEndian.AppendUint64(nil, uint64(sec))
	return binary.NativeEndian.AppendUint64(b, uint64(nsec))
}

func TestWhatComesBesideADatagramIsRead(t *testing.T) {
	stamp := message(unix.SOL_SOCKET, unix.SCM_TIMESTAMPNS, timespec(1_700_000_000, 123_456_789))
	newer := message(unix.SOL_SOCKET, unix.SO_TIMESTAMPNS_NEW, timespec(1_700_000_000, 123_456_789))
	short := message(unix.SOL_SOCKET, unix.SCM_TIMESTAMPNS, binary.NativeEndian.AppendUint32(binary.NativeEndian.AppendUint32(nil, 1_700_000_000), 123_456_789))
	drops := message(unix.SOL_SOCKET, unix.SO_RXQ_OVFL, binary.NativeEndian.AppendUint32(nil, 0xfedc_ba98))
	other := message(unix.SOL_IP, unix.IP_PKTINFO, make([]byte, 12))
	clash := message(unix.SOL_IP, unix.SO_RXQ_OVFL, make([]byte, 4)) // the number of another level
	join := func(all ...[]byte) []byte { return slices.Concat(all...) }
	for name, c := range map[string]struct {
		oob     []byte
		drops   bool
		stamped bool
	}{
		"nothing":                        {nil, false, false},
		"a time":                         {stamp, false, true},
		"a time of the newer kind":       {newer, false, true},
		"a time of 32 bits":              {short, false, true},
		"drops":                          {drops, true, false},
		"both":                           {join(stamp, drops), true, true},
		"both, the other way":            {join(drops, stamp), true, true},
		"others among them":              {join(other, drops, other, clash, stamp), true, true},
		"others alone":                   {join(other, clash), false, false},
		"the second is cut":              {join(stamp, drops)[:len(stamp)+8], false, true},
		"no padding at the end":          {join(stamp, drops)[:len(stamp)+unix.CmsgLen(4)], true, true},
		"a time that is cut":             {message(unix.SOL_SOCKET, unix.SCM_TIMESTAMPNS, make([]byte, 7)), false, false},
		"drops that are cut":             {message(unix.SOL_SOCKET, unix.SO_RXQ_OVFL, make([]byte, 3)), false, false},
		"more nanoseconds than a second": {message(unix.SOL_SOCKET, unix.SCM_TIMESTAMPNS, timespec(1, 1_000_000_000)), false, false},
		"a length of nothing":            {make([]byte, 64), false, false},
		"a length beyond the end":        {func() []byte { b := slices.Clone(stamp); (*unix.Cmsghdr)(unsafe.Pointer(&b[0])).SetLen(1000); return b }(), false, false},
	} {
		at, dropped, has, ok := parseOOB(c.oob)
		if ok != c.stamped || ok && !at.Equal(time.Unix(1_700_000_000, 123_456_789)) || !ok && !at.IsZero() {
			t.Errorf("%s: time %v %v", name, at, ok)
		}
		if has != c.drops || has && dropped != 0xfedc_ba98 {
			t.Errorf("%s: %#x dropped (%v)", name, dropped, has)
		}
	}
	if got := testing.AllocsPerRun(100, func() { _, _, _, _ = parseOOB(join2) }); got != 0 {
		t.Errorf("%v allocations", got)
	}
}

var join2 = append(message(unix.SOL_SOCKET, unix.SCM_TIMESTAMPNS, timespec(1, 2)), message(unix.SOL_SOCKET, unix.SO_RXQ_OVFL, []byte{1, 2, 3, 4})...)

func TestWhereADatagramWasSentToIsRead(t *testing.T) {
	four := func(spec, to string) []byte {
		b := append([]byte{1, 0, 0, 0}, netip.MustParseAddr(spec).AsSlice()...)
		return message(unix.SOL_IP, unix.IP_PKTINFO, append(b, netip.MustParseAddr(to).AsSlice()...))
	}
	six := func(to string) []byte {
		return message(unix.SOL_IPV6, unix.IPV6_PKTINFO, append(netip.MustParseAddr(to).AsSlice(), 1, 0, 0, 0))
	}
	for name, c := range map[string]struct {
		oob  []byte
		want string
		own  bool
	}{
		"nothing":                    {nil, "invalid IP", false},
		"others":                     {join2, "invalid IP", false},
		"an address":                 {slices.Concat(join2, four("127.0.0.2", "127.0.0.2")), "127.0.0.2", true},
		"a broadcast address":        {four("127.0.0.1", "127.255.255.255"), "127.255.255.255", false},
		"a group":                    {four("127.0.0.1", "239.1.2.3"), "239.1.2.3", false},
		"IPv6":                       {slices.Concat(six("2001:db8::1"), join2), "2001:db8::1", true},
		"a group of IPv6":            {six("ff02::1"), "ff02::1", false},
		"IPv4 on an IPv6 socket":     {slices.Concat(six("::ffff:127.0.0.2"), four("127.0.0.2", "127.0.0.2")), "127.0.0.2", true},
		"the same, mapped alone":     {six("::ffff:127.0.0.2"), "127.0.0.2", false},
		"a broadcast, on that":       {slices.Concat(six("::ffff:127.255.255.255"), four("127.0.0.1", "127.255.255.255")), "127.255.255.255", false},
		"one that is cut":            {message(unix.SOL_IP, unix.IP_PKTINFO, make([]byte, 11)), "invalid IP", false},
		"one of IPv6 that is cut":    {message(unix.SOL_IPV6, unix.IPV6_PKTINFO, make([]byte, 19)), "invalid IP", false},
		"the number, another level":  {message(unix.SOL_SOCKET, unix.IP_PKTINFO, make([]byte, 12)), "invalid IP", false},
		"a length of nothing before": {append(make([]byte, 32), six("2001:db8::1")...), "invalid IP", false},
	} {
		if to, own := destination(c.oob); to.String() != c.want || own != c.own {
			t.Errorf("%s: %v %v; want %s %v", name, to, own, c.want, c.own)
		}
	}
	oob := slices.Concat(join2, six("::ffff:127.0.0.2"), four("127.0.0.2", "127.0.0.2"))
	if got := testing.AllocsPerRun(100, func() { _, _ = destination(oob) }); got != 0 {
		t.Errorf("%v allocations", got)
	}
	if len(oob) > udpOOBSize {
		t.Errorf("there is room for %d bytes of %d", udpOOBSize, len(oob))
	}
}

// FuzzParseOOB holds both readers against bytes that are no messages, and against x/sys's own reading of
// those that are.
func FuzzParseOOB(f *testing.F) {
	f.Add([]byte(nil))
	f.Add(join2)
	f.Add(join2[:len(join2)-3])
	f.Add(message(unix.SOL_SOCKET, unix.SO_TIMESTAMPNS_NEW, timespec(-1, 999_999_999)))
	f.Add(message(unix.SOL_IP, unix.IP_PKTINFO, []byte{1, 0, 0, 0, 127, 0, 0, 1, 127, 255, 255, 255}))
	f.Add(slices.Concat(message(unix.SOL_IPV6, unix.IPV6_PKTINFO, append(netip.MustParseAddr("::ffff:127.0.0.2").AsSlice(), 1, 0, 0, 0)), message(unix.SOL_IP, unix.IP_PKTINFO, []byte{1, 0, 0, 0, 127, 0, 0, 2, 127, 0, 0, 2})))
	f.Add(message(unix.SOL_IP, unix.IP_RECVERR, extended(syscall.ECONNREFUSED, unix.SO_EE_ORIGIN_ICMP, 3, 3, 0, netip.MustParseAddr("192.0.2.1"))))
	f.Add(message(unix.SOL_IPV6, unix.IPV6_RECVERR, extended(syscall.EMSGSIZE, unix.SO_EE_ORIGIN_ICMP6, 2, 0, 1300, netip.MustParseAddr("fe80::1"))))
	f.Fuzz(func(t *testing.T, oob []byte) {
		before := slices.Clone(oob)
		at, dropped, has, ok := parseOOB(oob)
		if ok == at.IsZero() && ok || !has && dropped != 0 {
			t.Errorf("%v %d %v %v", at, dropped, has, ok)
		}
		to, own := destination(oob)
		if to.Is4In6() || own && (!to.IsValid() || to.Is6() && to.IsMulticast()) {
			t.Errorf("sent to %v, of this machine: %v", to, own)
		}
		_, _ = sentError(netip.MustParseAddrPort("127.0.0.1:9"), oob)
		if !slices.Equal(oob, before) {
			t.Error("it was written to")
		}
		all, err := unix.ParseSocketControlMessage(oob)
		if err != nil {
			return
		}
		var want uint32
		wantHas := false
		for _, m := range all {
			if m.Header.Level == unix.SOL_SOCKET && m.Header.Type == unix.SO_RXQ_OVFL && len(m.Data) >= 4 {
				want, wantHas = binary.NativeEndian.Uint32(m.Data), true
			}
		}
		for _, m := range all {
			switch {
			case m.Header.Level == unix.SOL_IP && m.Header.Type == unix.IP_PKTINFO && len(m.Data) >= 12:
				if to != netip.AddrFrom4([4]byte(m.Data[8:12])) {
					t.Errorf("sent to %v; x/sys finds %v", to, m.Data)
				}
				return
			case m.Header.Level == unix.SOL_IPV6 && m.Header.Type == unix.IPV6_PKTINFO && len(m.Data) >= 20 && !to.IsValid():
				t.Errorf("not known where to; x/sys finds %v", m.Data)
			}
		}
		if dropped != want || has != wantHas {
			t.Errorf("%d %v; x/sys finds %d %v", dropped, has, want, wantHas)
		}
	})
}

// extended is a sock_extended_err and the address of whoever sent it.
func extended(no syscall.Errno, origin, kind, code byte, info uint32, from netip.Addr) []byte {
	b := binary.NativeEndian.AppendUint32(nil, uint32(no))
	b = append(b, origin, kind, code, 0)
	b = binary.NativeEndian.AppendUint32(b, info)
	b = binary.NativeEndian.AppendUint32(b, 0)
	switch {
	case !from.IsValid():
		b = append(b, make([]byte, 16)...) // AF_UNSPEC
	case from.Is4():
		b = append(binary.NativeEndian.AppendUint16(b, unix.AF_INET), 0, 0)
		b = append(append(b, from.AsSlice()...), make([]byte, 8)...)
	default:
		b = append(binary.NativeEndian.AppendUint16(b, unix.AF_INET6), 0, 0, 0, 0, 0, 0)
		b = append(append(b, from.AsSlice()...), 0, 0, 0, 0)
	}
	return b
}

func TestErrorsOfTheNetworkAreInWords(t *testing.T) {
	four, six := "192.0.2.7:9", "[2001:db8::7]:9"
	for _, c := range []struct {
		to         string
		no         syscall.Errno
		origin     byte
		kind, code byte
		info       uint32
		from       string
		want       string
	}{
		{four, syscall.ECONNREFUSED, 2, 3, 3, 0, "192.0.2.7", "port unreachable (ICMP): nothing listens there"},
		{four, syscall.ECONNREFUSED, 2, 3, 3, 0, "", "port unreachable (ICMP): nothing listens there"},
		{four, syscall.ECONNREFUSED, 2, 3, 3, 0, "192.0.2.1", "port unreachable (ICMP from 192.0.2.1): nothing listens there"},
		{four, syscall.EHOSTUNREACH, 2, 3, 1, 0, "198.51.100.1", "host unreachable (ICMP from 198.51.100.1): it is off, or nothing has that address"},
		{four, syscall.ENETUNREACH, 2, 3, 0, 0, "198.51.100.1", "network unreachable (ICMP from 198.51.100.1): there is no route to it"},
		{four, syscall.ENOPROTOOPT, 2, 3, 2, 0, "192.0.2.7", "protocol unreachable (ICMP): the host takes no UDP"},
		{four, syscall.EHOSTUNREACH, 2, 3, 13, 0, "198.51.100.1", "forbidden (ICMP from 198.51.100.1): a firewall or router refuses the datagram"},
		{four, syscall.EMSGSIZE, 2, 3, 4, 1400, "198.51.100.1", "message too long (ICMP from 198.51.100.1): the way takes packets of 1,400 bytes (MTU), which is 1,372 of payload"},
		{four, syscall.EMSGSIZE, 2, 3, 4, 0, "198.51.100.1", "message too long (ICMP from 198.51.100.1): a network on the way takes only shorter ones"},
		{four, syscall.EMSGSIZE, 1, 0, 0, 1500, "", "message too long: the way takes packets of 1,500 bytes (MTU), which is 1,472 of payload"},
		{four, syscall.EHOSTUNREACH, 2, 11, 0, 0, "198.51.100.1", "the TTL ran out on the way (ICMP from 198.51.100.1): raise it, unless the way goes in a circle"},
		{four, syscall.EHOSTUNREACH, 2, 11, 1, 0, "192.0.2.7", "only a part arrived (ICMP): a fragment was lost on the way"},
		{four, syscall.EPROTO, 2, 12, 0, 0, "192.0.2.7", "the header was not understood (ICMP)"},
		{four, syscall.EPROTO, 2, 40, 2, 0, "192.0.2.7", "not delivered (ICMP): type 40, code 2"},
		{six, syscall.ECONNREFUSED, 3, 1, 4, 0, "2001:db8::7", "port unreachable (ICMP): nothing listens there"},
		{six, syscall.EHOSTUNREACH, 3, 1, 3, 0, "fe80::1", "host unreachable (ICMP from fe80::1): it is off, or nothing has that address"},
		{six, syscall.ENETUNREACH, 3, 1, 0, 0, "fe80::1", "network unreachable (ICMP from fe80::1): there is no route to it"},
		{six, syscall.EACCES, 3, 1, 1, 0, "fe80::1", "forbidden (ICMP from fe80::1): a firewall or router refuses the datagram"},
		{six, syscall.EMSGSIZE, 3, 2, 0, 1300, "fe80::1", "message too long (ICMP from fe80::1): the way takes packets of 1,300 bytes (MTU), which is 1,252 of payload"},
		{six, syscall.EHOSTUNREACH, 3, 3, 0, 0, "fe80::1", "the TTL ran out on the way (ICMP from fe80::1): raise it, unless the way goes in a circle"},
		{six, syscall.EPROTO, 3, 4, 0, 0, "fe80::1", "the header was not understood (ICMP from fe80::1)"},
		{four, syscall.ENOMSG, 4, 0, 0, 0, "", ""}, // a time of sending
	} {
		to := netip.MustParseAddrPort(c.to)
		var from netip.Addr
		if c.from != "" {
			from = netip.MustParseAddr(c.from)
		}
		level, kind := unix.SOL_IP, unix.IP_RECVERR
		if to.Addr().Is6() {
			level, kind = unix.SOL_IPV6, unix.IPV6_RECVERR
		}
		oob := slices.Concat(join2, message(level, kind, extended(c.no, c.origin, c.kind, c.code, c.info, from)))
		err, local := sentError(to, oob)
		switch {
		case local != (c.origin == 1):
			t.Errorf("origin %d is local: %v", c.origin, local)
		case err == nil:
			if c.want != "" {
				t.Errorf("type %d, code %d: no error; want %s", c.kind, c.code, c.want)
			}
		case err.Error() != c.want:
			t.Errorf("type %d, code %d: %v\nwant %s", c.kind, c.code, err, c.want)
		case !errors.Is(err, c.no):
			t.Errorf("%v is not %v", err, c.no)
		}
	}
}

// TestARoutersErrorReachesTheSocket makes an ICMP message as a router on the way would, which needs a
// raw socket.
func TestARoutersErrorReachesTheSocket(t *testing.T) {
	raw, err := net.ListenPacket("ip4:icmp", "127.88.0.2")
	if err != nil {
		t.Skip(err)
	}
	defer raw.Close()
	sink := datagramSocket(t, "udp4", "127.88.0.1:0", UDPConfig{})
	conn := datagramSocket(t, "udp4", "127.88.0.3:0", UDPConfig{})
	to, from := udpAddr(sink.LocalAddr()), udpAddr(conn.LocalAddr())
	quoted := func(payload string) []byte {
		ip := make([]byte, 28, 28+len(payload))
		ip[0], ip[8], ip[9] = 0x45, 64, 17
		binary.BigEndian.PutUint16(ip[2:], uint16(28+len(payload)))
		copy(ip[12:], from.Addr().AsSlice())
		copy(ip[16:], to.Addr().AsSlice())
		binary.BigEndian.PutUint16(ip[20:], from.Port())
		binary.BigEndian.PutUint16(ip[22:], to.Port())
		binary.BigEndian.PutUint16(ip[24:], uint16(8+len(payload)))
		return append(ip, payload...)
	}
	for _, c := range []struct {
		kind, code byte
		mtu        uint16
		want       string
	}{
		{3, 1, 0, "host unreachable (ICMP from 127.88.0.2): it is off, or nothing has that address"},
		{3, 13, 0, "forbidden (ICMP from 127.88.0.2): a firewall or router refuses the datagram"},
		{11, 0, 0, "the TTL ran out on the way (ICMP from 127.88.0.2): raise it, unless the way goes in a circle"},
		{3, 4, 1400, "message too long (ICMP from 127.88.0.2): the way takes packets of 1,400 bytes (MTU), which is 1,372 of payload"},
	} {
		b := append([]byte{c.kind, c.code, 0, 0, 0, 0, byte(c.mtu >> 8), byte(c.mtu)}, quoted("start of the payload")...)
		var sum uint32
		for i := 0; i < len(b); i += 2 {
			sum += uint32(b[i])<<8 | uint32(b[i+1])
		}
		sum = sum>>16 + sum&0xffff
		binary.BigEndian.PutUint16(b[2:], ^uint16(sum+sum>>16))
		if _, err := raw.WriteTo(b, &net.IPAddr{IP: from.Addr().AsSlice()}); err != nil {
			t.Fatal(err)
		}
		n := 0
		for end := time.Now().Add(patience); n == 0 && time.Now().Before(end); {
			drainErrors(conn, func(e undelivered) {
				a, payload, err := e.to, e.payload, e.err
				n++
				if a != to || string(payload) != "start of the payload" || err.Error() != c.want {
					t.Errorf("to %s, %q: %v\nwant %s", a, payload, err, c.want)
				}
			})
		}
		if n != 1 {
			t.Errorf("type %d, code %d came %d times", c.kind, c.code, n)
		}
	}
}

func TestBroadcastIsAChoice(t *testing.T) {
	conn := datagramSocket(t, "udp4", "0.0.0.0:0", UDPConfig{})
	to := netip.AddrPortFrom(netip.MustParseAddr("127.255.255.255"), udpAddr(conn.LocalAddr()).Port())
	sender := datagramSocket(t, "udp4", "127.0.0.1:0", UDPConfig{})
	for _, on := range []bool{false, true, false} {
		if err := setChoices(sender, UDPConfig{Broadcast: on}); err != nil {
			t.Fatal(err)
		}
		_, err := sender.WriteToUDPAddrPort([]byte("to all"), to)
		if on != (err == nil) || !on && !errors.Is(err, errAccess) {
			t.Errorf("with broadcast %v: %v", on, err)
		}
		if on {
			if got := receiveText(t, conn); got != "to all" {
				t.Errorf("received %q", got)
			}
		}
	}
}

func TestTheTTLIsTheSocketsUntilItIsTheSystemsAgain(t *testing.T) {
	usual := kernelNumber(t, "/proc/sys/net/ipv4/ip_default_ttl")
	for _, network := range []string{"udp4", "udp6", "udp"} {
		if network != "udp4" && !hasIPv6(t) {
			continue
		}
		conn := datagramSocket(t, network, ":0", UDPConfig{TTL: 9})
		rc, _ := conn.SyscallConn()
		usual6 := kernelNumber(t, "/proc/sys/net/ipv6/conf/lo/hop_limit")
		for _, c := range []struct{ ttl, want4, want6 int }{{9, 9, 9}, {255, 255, 255}, {0, usual, usual6}} {
			if err := setChoices(conn, UDPConfig{TTL: c.ttl}); err != nil {
				t.Fatal(err)
			}
			if err := withSocket(rc, func(fd uintptr) error {
				if n, err := unix.GetsockoptInt(int(fd), unix.SOL_IP, unix.IP_TTL); network != "udp6" && (err != nil || n != c.want4) {
					t.Errorf("%s: TTL %d (%v); want %d", network, n, err, c.want4)
				}
				if n, err := unix.GetsockoptInt(int(fd), unix.SOL_IPV6, unix.IPV6_UNICAST_HOPS); network != "udp4" && (err != nil || n != c.want6) {
					t.Errorf("%s: hop limit %d (%v); want %d", network, n, err, c.want6)
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestTheFamiliesOfASocketAreKnown(t *testing.T) {
	for _, c := range []struct {
		network, at string
		four, six   bool
	}{
		{"udp4", "127.0.0.1:0", true, false}, {"udp4", "0.0.0.0:0", true, false}, {"udp4", ":0", true, false},
		{"udp6", "[::1]:0", false, true}, {"udp6", "[::]:0", false, true}, {"udp", ":0", true, true},
	} {
		if c.six && !hasIPv6(t) {
			continue
		}
		if four, six := families(datagramSocket(t, c.network, c.at, UDPConfig{})); four != c.four || six != c.six {
			t.Errorf("%s %s: %v %v; want %v %v", c.network, c.at, four, six, c.four, c.six)
		}
	}
}

func TestAnInterfaceThatCannotCarryGroupsIsRefused(t *testing.T) {
	all, err := Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, i := range all {
		want := ""
		switch {
		case !i.Up:
			want = "the interface " + i.Name + " is down: switch it on, or choose another"
		case !i.Multicast && !i.Loopback:
			want = "the interface " + i.Name + " carries no multicast: choose another"
		default:
			continue
		}
		found = true
		_, m := groupSocket(t, "udp4", "0.0.0.0:0", UDPConfig{})
		if err := m.join(Group{Addr: netip.MustParseAddr("239.77.13.1"), Interface: i.Name}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %s", err, want)
		}
		if err := m.set(1, true, i.Name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %s", err, want)
		}
	}
	if !found {
		names, _ := filepath.Glob("/sys/class/net/*")
		t.Skipf("every interface carries groups: %v", names)
	}
}
