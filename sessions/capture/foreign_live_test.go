package capture

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
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

	// It ends after so many frames. The conversation takes fewer, and
	// datagrams sent until it ends push the conversation out of its buffers.
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

	request, answer := bytes.Repeat([]byte("request "), 5000), bytes.Repeat([]byte("answer "), 9000)
	served := make(chan error, 1)
	go func() {
		c, err := server.Accept()
		if err != nil {
			served <- err
			return
		}
		defer c.Close()
		if _, err = io.ReadFull(c, make([]byte, len(request))); err == nil {
			_, err = c.Write(answer)
		}
		served <- err
	}()
	c, err := net.Dial("tcp", server.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Write(request); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(c); err != nil || !bytes.Equal(got, answer) {
		t.Fatalf("%d bytes answered, %v", len(got), err)
	}
	if err := <-served; err != nil {
		t.Fatal(err)
	}
	c.Close()
	for again, every := true, time.NewTicker(time.Millisecond); again; {
		if _, err := sink.WriteTo([]byte("push"), sink.LocalAddr()); err != nil {
			t.Fatal(err)
		}
		select {
		case err := <-ended:
			if err != nil {
				t.Fatalf("dumpcap: %v", err)
			}
			every.Stop()
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
	var toServer, toClient []byte
	var first [2]uint32 // sequence number of the first byte
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
		way, stream := 0, &toServer
		if int(d.src.Port()) == port {
			way, stream = 1, &toClient
		}
		if d.syn {
			first[way] = d.seq + 1
		}
		// The any interface shows a frame as it goes and as it comes.
		if at := int(d.seq - first[way]); at == len(*stream) {
			*stream = append(*stream, payload...)
		}
	}
	if !bytes.Equal(toServer, request) || !bytes.Equal(toClient, answer) || pushes == 0 {
		t.Errorf("decoded %d of %d bytes to the server, %d of %d back, %d datagrams",
			len(toServer), len(request), len(toClient), len(answer), pushes)
	}
}
