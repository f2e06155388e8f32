package filepick

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// actVariable says what a child of these tests does in place of a dialog.
const actVariable = "WIREBENCH_TEST_DIALOG"

// TestMain makes this test binary its own child, as the program is.
func TestMain(m *testing.M) {
	if os.Getenv(childVariable) == "" {
		if os.Getenv("GORACE") == "" {
			os.Setenv("GORACE", "atexit_sleep_ms=0") // a second for each child otherwise
		}
		os.Exit(m.Run())
	}
	os.Unsetenv(childVariable)
	serve(os.Stdin, os.Stdout, act)
}

// act plays the person at the dialog, and what may befall it.
func act(j job) (string, error) {
	what, arg, _ := strings.Cut(os.Getenv(actVariable), " ")
	switch what {
	case "choose":
		return filepath.Join(j.request.Dir, j.request.Name), nil
	case "chatter":
		fmt.Println("a module has something to say\n{}")
		return "/chosen", nil
	case "describe":
		return fmt.Sprintf("save %v title %q GDK_BACKEND %q own %q", j.save, j.request.Title, os.Getenv("GDK_BACKEND"), os.Getenv(childVariable)), nil
	case "cancel":
		return "", ErrCancelled
	case "fail":
		return "", fmt.Errorf("%w: no display", errUnavailable)
	case "crash":
		panic("crashed")
	case "leave":
		os.Exit(0)
	case "flood":
		for range 2 * maxMessage {
			fmt.Println("xxxxxxxx")
		}
		return "/chosen", nil
	case "stay": // open until ended from outside; arg is a socket that tells of it
		if _, err := net.Dial("unix", arg); err != nil {
			return "", err
		}
		select {}
	}
	return "", fmt.Errorf("no such act %q", what)
}

// ask puts one question to a child that does what.
func ask(t *testing.T, what string, j job) (string, error) {
	t.Helper()
	t.Setenv(actVariable, what)
	n := newNative()
	t.Cleanup(n.close)
	return wait(t, begin(n, j))
}

func begin(n *native, j job) chan answer {
	answers := make(chan answer, 1)
	n.ask(j, func(path string, err error) { answers <- answer{path, err} })
	return answers
}

func wait(t *testing.T, answers chan answer) (string, error) {
	t.Helper()
	select {
	case a := <-answers:
		return a.path, a.err
	case <-time.After(30 * time.Second):
		t.Fatal("no answer came")
		return "", nil
	}
}

func TestAChosenPathComesBackByteForByte(t *testing.T) {
	for _, name := range []string{"capture.pcapng", "größe 1\n.pcap", "not\xff\xfeUTF-8", `quoted "\ `} {
		j := job{request: Request{Dir: "/some/d\xe9r", Name: name}, save: true}
		path, err := ask(t, "choose", j)
		if want := "/some/d\xe9r/" + name; path != want || err != nil {
			t.Errorf("got %q, %v, want %q", path, err, want)
		}
	}
}

func TestWhatElseIsPrintedIsNoAnswer(t *testing.T) {
	if path, err := ask(t, "chatter", job{}); path != "/chosen" || err != nil {
		t.Fatalf("got %q, %v", path, err)
	}
}

func TestTheChildSeesTheRequestAndThePersonsOwnEnvironment(t *testing.T) {
	t.Setenv("GDK_BACKEND", "x11,wayland")
	path, err := ask(t, "describe", job{request: Request{Title: "Send a file"}, save: true})
	if want := `save true title "Send a file" GDK_BACKEND "x11,wayland" own ""`; path != want || err != nil {
		t.Fatalf("got %s, %v\nwant %s", path, err, want)
	}
}

func TestCancellingInTheChildIsCancelled(t *testing.T) {
	if path, err := ask(t, "cancel", job{}); path != "" || err != ErrCancelled {
		t.Fatalf("got %q, %v, want ErrCancelled", path, err)
	}
}

func TestAChildWithoutAnAnswerMeansThatThereIsNoDialog(t *testing.T) {
	for _, what := range []string{"fail", "crash", "leave", "flood"} {
		if path, err := ask(t, what, job{}); path != "" || !errors.Is(err, errUnavailable) {
			t.Errorf("%s: got %q, %v, want errUnavailable", what, path, err)
		}
	}
}

func TestAProgramThatCannotBeRunAgainMeansThatThereIsNoDialog(t *testing.T) {
	n := newNative()
	defer n.close()
	for _, program := range []func() (string, error){
		func() (string, error) { return "", errors.New("who knows") },
		func() (string, error) { return filepath.Join(t.TempDir(), "gone"), nil },
	} {
		n.program = program
		if _, err := wait(t, begin(n, job{})); !errors.Is(err, errUnavailable) {
			t.Errorf("got %v, want errUnavailable", err)
		}
	}
}

// opened returns a connection to a child that stays, once it is there. It ends
// when the child does.
func opened(t *testing.T, start func()) net.Conn {
	t.Helper()
	path := filepath.Join(t.TempDir(), "open")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	l.(*net.UnixListener).SetDeadline(time.Now().Add(30 * time.Second))
	t.Setenv(actVariable, "stay "+path)
	start()
	c, err := l.Accept()
	if err != nil {
		t.Fatalf("the child opened no dialog: %v", err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(30 * time.Second))
	return c
}

func TestCloseEndsADialogThatIsOpen(t *testing.T) {
	n := newNative()
	var answers chan answer
	child := opened(t, func() { answers = begin(n, job{}) })
	n.close()
	select {
	case a := <-answers:
		if a.err != ErrCancelled {
			t.Errorf("got %q, %v, want ErrCancelled", a.path, a.err)
		}
	default:
		t.Error("close returned before the dialog was answered")
	}
	if n, err := child.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("the child is still there: %d, %v", n, err)
	}
	if _, err := wait(t, begin(n, job{})); err != ErrCancelled {
		t.Errorf("a question after close gave %v, want ErrCancelled", err)
	}
}

func TestTheChildEndsWithTheProcessThatAsked(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var child *exec.Cmd
	var in io.WriteCloser
	opened(t, func() {
		child = exec.Command(program)
		child.Env = append(os.Environ(), childVariable+"=1")
		if in, err = child.StdinPipe(); err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		if err := writeJob(in, job{}); err != nil {
			t.Fatal(err)
		}
	})
	in.Close() // what happens when the asking process is killed
	ended := make(chan error, 1)
	go func() { ended <- child.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			t.Fatalf("the child ended with %v", err)
		}
	case <-time.After(30 * time.Second):
		child.Process.Kill()
		<-ended
		t.Fatal("the child outlives who asked")
	}
}

func TestGTKStaysAsleepInTheProcessOfTheWindow(t *testing.T) {
	if os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
		t.Skip("without a display GTK cannot start anywhere")
	}
	ran := make(chan error, 1)
	go func() {
		_, err := run(job{})
		ran <- err
	}()
	select {
	case err := <-ran:
		if !errors.Is(err, errUnavailable) {
			t.Fatalf("got %v, want errUnavailable", err)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("GTK started and shows a dialog")
	}
}
