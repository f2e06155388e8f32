package capture

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gopacket/gopacket/pcapgo"
)

// TestDecodeFrameOfALiveCapture has dumpcap record a real conversation on the
// loopback interface, as Ethernet and as cooked frames.
func TestDecodeFrameOfALiveCapture(t *testing.T) {
	if _, err := exec.LookPath("dumpcap"); err != nil {
		t.Skip("dumpcap is not installed: frames of a live capture were not decoded")
	}
	for _, iface := range []string{"lo", "any"} {
		t.Run(iface, func(t *testing.T) { decodeLive(t, iface) })
	}
}

func decodeLive(t *testing.T, iface string) {
	server, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	sink, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer sink.Close()
	port := server.Addr().(*net.TCPAddr).Port
	udpPort := sink.LocalAddr().(*net.UDPAddr).Port

	// It ends after so many frames: conversations are held, with datagrams between them, until it has.
	path := filepath.Join(t.TempDir(), "live.pcapng")
	cmd := exec.CommandContext(t.Context(), "dumpcap", "-q", "-n", "-i", iface, "-c", "400", "-w", path,
		"-f", fmt.Sprintf("tcp port %d or udp dst port %d", port, udpPort))
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Skipf("dumpcap cannot be run: %v", err)
	}
	var said []string
	ready := false
	lines := bufio.NewScanner(stderr)
	for !ready && lines.Scan() {
		said = append(said, lines.Text())
		ready = strings.HasPrefix(lines.Text(), "File:")
	}
	if !ready {
		_ = cmd.Wait()
		t.Skipf("dumpcap may not capture here: %s", strings.Join(said, "; "))
	}
	ended := make(chan error, 1)
	go func() {
		_, _ = io.Copy(io.Discard, stderr)
		ended <- cmd.Wait()
	}()

	every := time.NewTicker(time.Millisecond)
	defer every.Stop()
	for again := true; again; {
		converse(t, server)
		if _, err := sink.WriteTo([]byte("push"), sink.LocalAddr()); err != nil {
			t.Fatal(err)
		}
		select {
		case err := <-ended:
			if err != nil {
				t.Fatalf("dumpcap: %v", err)
			}
			again = false
		case <-every.C:
		}
	}

	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	r, err := pcapgo.NewNgReader(file, pcapgo.NgReaderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	talks := map[netip.AddrPort]*liveTalk{} // by the client's address
	pushes := 0
	for {
		frame, info, err := r.ReadPacketData()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		d, ok := decodeFrame(uint32(r.LinkType()), frame, info.Length)
		if !ok {
			t.Fatalf("a frame of link type %v was not decoded: % x", r.LinkType(), frame[:min(len(frame), 80)])
		}
		payload := frame[d.payloadOff : d.payloadOff+d.payloadLen]
		if d.proto == UDP {
			if pushes++; string(payload) != "push" || int(d.dst.Port()) != udpPort {
				t.Fatalf("datagram %q to %v", payload, d.dst)
			}
			continue
		}
		way, client := 0, d.src
		if int(d.src.Port()) == port {
			way, client = 1, d.dst
		}
		talk := talks[client]
		if talk == nil {
			talk = &liveTalk{}
			talks[client] = talk
		}
		talk.take(way, d, payload)
	}
	// dumpcap may miss frames of some, those held before it listens and those it is too slow for, but not of all.
	whole, longest := 0, [2]int{}
	for client, talk := range talks {
		for way, want := range [2][]byte{liveRequest, liveAnswer} {
			got := talk.way[way]
			if !bytes.HasPrefix(want, got.bytes) {
				t.Errorf("from %v other bytes were decoded than went, among the first %d of way %d", client, len(got.bytes), way)
			}
			longest[way] = max(longest[way], len(got.bytes))
		}
		if len(talk.way[0].bytes) == len(liveRequest) && len(talk.way[1].bytes) == len(liveAnswer) {
			whole++
		}
	}
	if whole == 0 || pushes == 0 {
		t.Errorf("of %d conversations none was decoded whole, at most %d of %d bytes to the server and %d of %d back; %d datagrams",
			len(talks), longest[0], len(liveRequest), longest[1], len(liveAnswer), pushes)
	}
}

// liveRequest and liveAnswer are what the ends of a conversation say.
var liveRequest, liveAnswer = bytes.Repeat([]byte("request "), 5000), bytes.Repeat([]byte("answer "), 9000)

// converse has a client say the request to the server and the server the answer.
func converse(t *testing.T, server net.Listener) {
	t.Helper()
	served := make(chan error, 1)
	go func() {
		c, err := server.Accept()
		if err != nil {
			served <- err
			return
		}
		defer c.Close()
		if _, err = io.ReadFull(c, make([]byte, len(liveRequest))); err == nil {
			_, err = c.Write(liveAnswer)
		}
		served <- err
	}()
	c, err := net.Dial("tcp", server.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Write(liveRequest); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(c); err != nil || !bytes.Equal(got, liveAnswer) {
		t.Fatalf("%d bytes answered, %v", len(got), err)
	}
	if err := <-served; err != nil {
		t.Fatal(err)
	}
}

// liveTalk is what was decoded of one conversation, up to the first frame that is missing: to the server, and back.
type liveTalk struct {
	way [2]struct {
		began bool
		first uint32 // sequence number of the first byte
		bytes []byte
	}
}

// take adds the payload of a frame where it comes next. The any interface shows a frame as it goes and as it comes.
func (l *liveTalk) take(way int, d decoded, payload []byte) {
	to := &l.way[way]
	if first := d.seq + 1; d.syn && (!to.began || first != to.first) { // of the port's next conversation, it may be
		to.began, to.first, to.bytes = true, first, nil
	}
	if to.began && int(d.seq-to.first) == len(to.bytes) {
		to.bytes = append(to.bytes, payload...)
	}
}
