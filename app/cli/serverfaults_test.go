package cli

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"wirebench/sessions/capture"
)

func TestAClientThatResetsInMidSendIsToldAndHarmsNobody(t *testing.T) {
	t.Parallel()
	needResets(t)
	s := serve(t, "--json", "--echo")
	other := s.call()
	other.says("before")
	other.hears("before")
	for range 5 {
		c := s.call()
		c.Write(make([]byte, 1<<20))
		c.SetLinger(0)
		c.Close()
	}
	s.out.await(t, `"by":"reset"`, 5)
	other.says("after")
	other.hears("after")
	events := s.inOrder()
	for client := 2; client <= 6; client++ {
		own := of(events, client)
		e := own[len(own)-1]
		if got := names(own); got != "connect ioError close" || e["by"] != "reset" {
			t.Errorf("client %d: %s, closed by %v", client, got, e["by"])
			continue
		}
		if text := the(t, own, "ioError")["error"].(string); !strings.Contains(text, "reset") {
			t.Errorf("the reason is %q", text)
		}
	}
	if sum := last(t, events); sum["status"] != 0.0 {
		t.Errorf("a client's reset makes the summary %v", sum)
	}
}

func TestForPeopleAClientThatResetsHasItsNumber(t *testing.T) {
	needResets(t)
	s := serve(t)
	c := s.call()
	c.says("x")
	s.out.await(t, "<-", 1)
	c.SetLinger(0)
	c.Close()
	s.out.await(t, "client 1 closed by a reset (RST)", 1)
	s.errs.await(t, "wirebench: client 1 ", 1)
	if status, _, errs := s.end(); status != 0 || strings.Count(errs, "\n") != 1 {
		t.Errorf("status %d, stderr %q", status, errs)
	}
}

func TestAClientThatHalfClosesGetsTheRestOfItsEchoAndTheEnd(t *testing.T) {
	s := serveInto(t, newSpool(`"socketData"`), "--json", "--echo")
	c := s.call()
	const size = 8 << 20
	go func() {
		io.CopyN(c, zeros{}, size)
		c.CloseWrite()
	}()
	if n, err := io.Copy(io.Discard, c); n != size || err != nil {
		t.Errorf("%d bytes came back, %v", n, err)
	}
	s.out.await(t, `"by":"peer"`, 1)
	if got := names(s.inOrder()); got != "listening connect close summary" {
		t.Errorf("the events are %s", got)
	}
}

func TestAClientThatHalfClosesStaysWhenItMay(t *testing.T) {
	t.Parallel()
	s := serve(t, "--json", "--keep-half-open", "--greet", "hi")
	c := s.call()
	c.hears("hi")
	c.CloseWrite()
	s.out.await(t, "closed its sending side", 1)
	c.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the connection ends with %v", err)
	}
	c.SetReadDeadline(time.Now().Add(patience))
	events := s.inOrder()
	c.hearsTheEnd()
	if got := names(of(events, 1)); got != "connect state close" {
		t.Errorf("the client's events are %s", got)
	}
}

func TestClientsThatSayNothingAreNoTrouble(t *testing.T) {
	t.Parallel()
	s := serve(t, "--json")
	for range 50 {
		s.call()
	}
	for range 50 {
		s.call().Close()
	}
	s.out.await(t, `"connect"`, 100)
	s.out.await(t, `"close"`, 50)
	events := s.inOrder()
	var by []string
	for _, e := range events {
		if e["event"] == "close" {
			by = append(by, e["by"].(string))
		}
	}
	slices.Sort(by)
	if got := slices.Compact(slices.Clone(by)); len(by) != 100 || fmt.Sprint(got) != "[local peer]" {
		t.Errorf("%d were closed, by %v", len(by), got)
	}
	if sum := last(t, events); sum["bytesIn"] != 0.0 || sum["messagesIn"] != 0.0 {
		t.Errorf("summary %v", sum)
	}
}

func TestASignalCutsOffAClientThatTakesNothing(t *testing.T) {
	t.Parallel()
	s := serveInto(t, newSpool(`"socketData"`), "--json", "--echo", "--max-queue", fmt.Sprint(32<<20))
	slow := stuff(s)
	other := s.call()
	slow.stuck(32 << 20)
	slow.stop()
	began := time.Now()
	status, out, errs := s.end()
	if took := time.Since(began); took > lastDrain+20*time.Second {
		t.Errorf("the end took %v", took)
	}
	other.hearsTheEnd()
	events := lines(t, out)
	last(t, events)
	if status != 0 || !strings.Contains(out, "not sent") {
		t.Errorf("status %d, stderr %q, stdout %s", status, errs, out)
	}
}

func TestASignalEndsAServerWhoseOutputNobodyReads(t *testing.T) {
	t.Parallel()
	reader, writer := io.Pipe() // takes the first line, then nothing
	defer reader.Close()
	ctx, signal := context.WithCancel(context.Background())
	defer signal()
	errs, status := newSpool(""), make(chan int, 1)
	go func() {
		status <- run(ctx, []string{"server", "127.0.0.1:0", "--json", "--echo"}, streams{strings.NewReader(""), writer, errs}, func() {})
	}()
	line, err := bufio.NewReaderSize(reader, 16).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	s := &served{t: t, address: listensOn.FindStringSubmatch(line)[1]}
	for range 3 {
		go io.Copy(s.call(), zeros{})
	}
	time.Sleep(200 * time.Millisecond)
	signal()
	select {
	case got := <-status:
		if got != 1 || !strings.Contains(errs.String(), "standard output: it takes nothing any more: ") || !notWritten.MatchString(errs.String()) {
			t.Errorf("status %d, stderr %q", got, errs)
		}
	case <-time.After(patience):
		t.Fatal("it does not end")
	}
}

func TestSIGINTEndsAServerInOrder(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no SIGINT for another process")
	}
	save := filepath.Join(t.TempDir(), "s.pcapng")
	c := spawn(t, newSpool(""), nil, "--greet", "hi", "--save", save)
	s := &served{t: t, address: c.address}
	visitor := s.call()
	visitor.hears("hi")
	if err := c.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	visitor.hearsTheEnd()
	c.end(t)
	if out := timeless(c.out.String()); !strings.Contains(out, "client 1 closed by us\n") || !strings.HasSuffix(out, "2 bytes sent in 1 write, TIME") || c.errs.String() != "" {
		t.Errorf("printed %s, stderr %q", out, c.errs)
	}
	if _, err := os.Stat(save); err != nil {
		t.Error(err)
	}
}

func TestAGibibyteIsEchoedWholeInBoundedMemory(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no SIGTERM")
	}
	size := int64(1 << 30)
	if testing.Short() || raced() {
		size = 64 << 20
	}
	dir := t.TempDir()
	c := spawn(t, newSpool(`"socketData"`), nil, "--json", "--echo", "--capture-dir", dir)
	s := &served{t: t, address: c.address}
	visitor := s.call()
	sent, got := sha256.New(), sha256.New()
	go func() {
		flood(visitor, sent, size)
		visitor.CloseWrite()
	}()
	began := time.Now()
	if n, err := io.Copy(got, patient{visitor}); n != size || err != nil {
		t.Fatalf("%d of %d bytes came back, %v", n, size, err)
	}
	if !bytes.Equal(sent.Sum(nil), got.Sum(nil)) {
		t.Error("what came back is something else")
	}
	t.Logf("%d MiB each way in %v", size>>20, time.Since(began))
	c.out.await(t, `"close"`, 1)
	most := residentMost(c.Process.Pid)
	if err := c.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	c.end(t)
	if sum := last(t, lines(t, c.out.String())); sum["bytesIn"] != float64(size) || sum["bytesOut"] != float64(size) || sum["evicted"] != 0.0 {
		t.Errorf("summary %v", sum)
	}
	t.Logf("%d MiB of memory at most", most>>20)
	if most > 400<<20 && !raced() {
		t.Errorf("it took %d MiB of memory", most>>20)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*.pcapng"))
	log, err := capture.OpenFiles(t.Context(), files...)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Release()
	if st := log.Stats(); st.InBytes != size || st.OutBytes != size {
		t.Errorf("the capture holds %d bytes in and %d out", st.InBytes, st.OutBytes)
	}
}

// patient is a caller that waits for as long as something comes now and then.
type patient struct{ of *caller }

func (p patient) Read(b []byte) (int, error) {
	p.of.SetDeadline(time.Now().Add(patience))
	return p.of.Read(b)
}

// flood writes size bytes that repeat at no power of two, and hashes them.
func flood(w io.Writer, h hash.Hash, size int64) {
	block := make([]byte, 65521*3)
	for i := range block {
		block[i] = byte(i * i >> 7)
	}
	for size > 0 {
		n := min(size, int64(len(block)))
		h.Write(block[:n])
		if _, err := w.Write(block[:n]); err != nil {
			return
		}
		size -= n
	}
}

func TestAServerWithoutDescriptorsSaysSoOnceAndGoesOnWhenOthersLeave(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no limit of descriptors")
	}
	const limit, calls = 48, 80
	dir := t.TempDir()
	c := spawn(t, newSpool(""), []string{"/bin/sh", "-c", fmt.Sprintf(`ulimit -n %d && exec "$0" "$@"`, limit)}, "--json", "--greet", "hi", "--capture-dir", dir)
	s := &served{t: t, address: c.address}
	for begun := false; !begun; time.Sleep(time.Millisecond) { // the capture needs a descriptor too
		files, err := filepath.Glob(filepath.Join(dir, "*.pcapng"))
		if begun = len(files) > 0; err != nil {
			t.Fatal(err)
		}
	}
	var in, out []*caller
	for range calls {
		out = append(out, s.call())
	}
	c.out.await(t, `"ioError"`, 1)
	for _, visitor := range out {
		visitor.SetReadDeadline(time.Now().Add(3 * time.Second)) // only the first that is not greeted is waited for so long
		if _, err := io.ReadFull(visitor, make([]byte, 2)); err != nil {
			break
		}
		visitor.SetReadDeadline(time.Now().Add(patience))
		in = append(in, visitor)
	}
	out = out[len(in):]
	if len(in) < limit/2 || len(in) >= limit {
		t.Errorf("%d clients got in with %d descriptors", len(in), limit)
	}
	time.Sleep(100 * time.Millisecond) // in which it tries several times
	if n := strings.Count(c.out.String(), `"ioError"`); n != 1 {
		t.Errorf("told %d times while nothing changed", n)
	}
	for _, visitor := range in[:len(in)-1] {
		visitor.CloseWrite()
		visitor.hearsTheEnd()
	}
	// Of those that wait as many get in as there is room for, and that is for all but a few.
	waiting := out[:min(len(out), len(in)-1)]
	for _, visitor := range waiting {
		visitor.SetReadDeadline(time.Now().Add(patience))
		visitor.hears("hi")
	}
	c.out.await(t, "taking connections again", 1)
	for _, visitor := range slices.Concat(in, out) {
		visitor.Close()
	}
	c.out.await(t, `"close"`, calls)
	if err := c.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	c.end(t)
	events := lines(t, c.out.String())
	if got := len(of(events, calls)); got < 2 {
		t.Errorf("the last client has %d events", got)
	}
	var told []string
	for _, e := range events {
		if e["event"] == "ioError" && e["client"] == nil {
			told = append(told, e["error"].(string))
		}
	}
	again := strings.Count(c.out.String(), "taking connections again")
	if len(told) != again { // one that leaves lets one in, and then it is so again
		t.Errorf("told %d times, and %d times that it goes on: %q", len(told), again, told)
	}
	want := regexp.MustCompile(fmt.Sprintf(`accept on .*: too many open files: %d is this process's limit.*ulimit -n`, limit))
	if !want.MatchString(told[0]) {
		t.Errorf("told %q", told[0])
	}
	if sum := last(t, events); sum["status"] != 0.0 || c.errs.String() != "" {
		t.Errorf("summary %v, stderr %q", sum, c.errs)
	}
}
